/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/agent.h"

#include <stdlib.h>
#include <unistd.h>

#include "agent/agent_parts.h"
#include "agent/calibration.h"
#include "agent/commits.h"
#include "agent/identity.h"
#include "agent/lately.h"
#include "agent/measuring.h"
#include "agent/renewal.h"
#include "agent/report.h"
#include "agent/runs.h"
#include "agent/spool.h"
#include "agent/uplink.h"
#include "agent/vitals.h"
#include "agent/watch.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/http.h"
#include "common/listener.h"
#include "common/memory.h"

#define STATE_FORMAT 2 /* 2: spool.db knows runs that happen once */
#define CONTROL_BODY_MOST 65536
#define CONTROL_IDLE 60 /* seconds */

void
agent_report(const struct agent *agent, struct report *report)
{
	report->box = agent->box;
	report->collector = agent->settings.collector;
	report->refused = measuring_refused(agent->measuring);
	report->disk = commits_error(agent->commits);
	report->outcomes = agent->outcomes;
	report->watch = agent->watch;
	report->calibration = agent->calibration;
	report->spool = agent->spool;
	report->runs = agent->runs;
	report->uplink = agent->uplink;
	report->renewal = agent->renewal;
	report->lately = agent->lately;
}

static void
status(struct http_request *request, void *arg)
{
	struct report report;

	agent_report(arg, &report);
	http_reply_json(request, 200, report_status(&report));
}

/*
 * Life: a rung each.
 */

static int
open_state(struct agent *agent, struct error *err)
{
	agent->claim =
	    daemon_claim(agent->settings.state, "agent", STATE_FORMAT, err);
	if (agent->claim < 0)
		return (-1);
	agent->plan_path = agent_settings_path(&agent->settings, "plan.json");
	return (identity_box(&agent->settings, agent->box, err));
}

static int
open_watch(struct agent *agent, struct event_base *base, struct error *err)
{
	agent->calibration = calibration_new();
	agent->watch =
	    watch_new(base, &agent->settings, &agent_watch_calls, agent, err);
	return (agent->watch != NULL ? 0 : -1);
}

static int
open_spool(struct agent *agent, struct event_base *base, struct error *err)
{
	const struct spool_limits limits = {
	    agent->settings.spool_size, agent->settings.spool_age};
	char *path = agent_settings_path(&agent->settings, "spool.db");

	agent->spool =
	    spool_new(path, agent->box, &limits, watch_time(agent->watch), err);
	free(path);
	if (agent->spool == NULL)
		return (-1);
	watch_spool(agent->watch, agent->spool);
	agent->commits = commits_new(
	    base, agent->spool, agent->watch, &agent_commits_calls, agent);
	return (0);
}

static int
open_runs(struct agent *agent, struct event_base *base, bool raise_capabilities,
    struct error *err)
{
	const struct runs_about about = {
	    .base = base,
	    .raise_capabilities = raise_capabilities,
	    .spool = agent->spool,
	    .clock = watch_discipline(agent->watch),
	    .calibration = agent->calibration,
	    .limits = &agent->settings.limits,
	};

	agent->runs = runs_new(&about, &agent_runs_calls, agent, err);
	if (agent->runs == NULL)
		return (-1);
	agent_tell_clock(agent);
	return (0);
}

static int
open_measuring(struct agent *agent)
{
	const struct measuring_about about = {
	    .box = agent->box,
	    .path = agent->plan_path,
	    .watch = agent->watch,
	    .spool = agent->spool,
	    .commits = agent->commits,
	    .runs = agent->runs,
	};

	agent->measuring = measuring_new(&about);
	return (0);
}

static int
open_uplink(struct agent *agent, struct event_base *base, struct error *err)
{
	agent->uplink = uplink_new(base, &agent->settings, agent->spool,
	    &agent_uplink_calls, agent, err);
	if (agent->uplink == NULL)
		return (-1);
	agent->renewal = renewal_new(base, &agent->settings, agent->box,
	    &agent_renewal_calls, agent, err);
	return (agent->renewal != NULL ? 0 : -1);
}

static int
open_control(struct agent *agent, struct event_base *base, struct error *err)
{
	char *path = agent_settings_path(&agent->settings, "control");
	int fd = listener_open_unix(path, err);

	free(path);
	if (fd < 0)
		return (-1);
	agent->control = http_new(base, NULL, CONTROL_BODY_MOST, CONTROL_IDLE);
	http_route(
	    agent->control, HTTP_GET, "/control/v1/status", status, agent);
	if (http_listen(agent->control, fd) < 0)
		return (error_set(err, "control: %m"));
	return (0);
}

static void
close_control(struct agent *agent)
{
	char *path;

	if (agent->control == NULL)
		return;
	http_free(agent->control);
	path = agent_settings_path(&agent->settings, "control");
	unlink(path);
	free(path);
}

static void
say_vitals(void *arg, struct report *report)
{
	agent_report(arg, report);
}

static int
open_vitals(struct agent *agent, struct event_base *base, struct error *err)
{
	if (agent->settings.metrics[0] == '\0')
		return (0);
	agent->vitals =
	    vitals_new(base, agent->settings.metrics, say_vitals, agent, err);
	return (agent->vitals != NULL ? 0 : -1);
}

struct agent *
agent_new(struct event_base *base, const struct agent_settings *settings,
    bool raise_capabilities, struct error *err)
{
	struct agent *agent = memory_new(1, sizeof(*agent));

	agent->base = base;
	agent->settings = *settings;
	agent->lately = lately_new();
	if (open_state(agent, err) < 0 || open_watch(agent, base, err) < 0 ||
	    open_spool(agent, base, err) < 0 ||
	    open_runs(agent, base, raise_capabilities, err) < 0 ||
	    open_measuring(agent) < 0 || open_uplink(agent, base, err) < 0 ||
	    open_control(agent, base, err) < 0 ||
	    open_vitals(agent, base, err) < 0) {
		agent_free(agent);
		return (NULL);
	}
	measuring_load(agent->measuring);
	return (agent);
}

void
agent_configure(struct agent *agent, const struct agent_settings *settings)
{
	const struct spool_limits limits = {
	    settings->spool_size, settings->spool_age};

	agent->settings = *settings;
	spool_set_limits(agent->spool, &limits);
	runs_set_limits(agent->runs, &settings->limits);
	watch_vouch(agent->watch);
	commits_soon(agent->commits);
}

bool
agent_again(const struct agent *agent)
{
	return (agent->again);
}

void
agent_free(struct agent *agent)
{
	if (agent == NULL)
		return;
	agent->closing = true;
	vitals_free(agent->vitals);
	close_control(agent);
	renewal_free(agent->renewal);
	uplink_free(agent->uplink);
	runs_free(agent->runs);
	calibration_free(agent->calibration);
	agent->runs = NULL; /* nobody is told any more */
	measuring_free(agent->measuring);
	commits_free(agent->commits);
	spool_free(agent->spool);
	watch_free(agent->watch);
	if (agent->claim >= 0)
		close(agent->claim);
	lately_free(agent->lately);
	free(agent->plan_path);
	free(agent);
}
