/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/agent.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/crew.h"
#include "agent/identity.h"
#include "agent/plan.h"
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
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/steady.h"

#define STATE_FORMAT 2 /* 2: spool.db knows runs that happen once */
#define LAST_RECORDS 16
#define CONTROL_BODY_MOST 65536
#define CONTROL_IDLE 60 /* seconds */

/* Whatever waits goes to disk together. */
static const struct timeval commit_delay = {.tv_usec = 200000};
static const struct timeval commit_retry = {.tv_usec = 500000};
/* How often the clock is looked at and the spool told that we live. */
static const struct timeval beat_period = {.tv_sec = 16};

struct agent {
	struct event_base *base;
	struct agent_settings settings;
	char box[NAME_TEXT]; /* as its certificate says */
	bool again;          /* by another name */
	int claim;           /* holds the lock of the state folder */
	bool measures;       /* something is scheduled */
	bool closing;
	struct watch *watch;
	struct steady steady; /* by which records become old */
	char *resting;        /* why nothing is scheduled, once it is again */
	struct spool *spool;
	struct event *commit_timer, *beat_timer;
	struct runs *runs;
	struct catalog *catalog;
	struct uplink *uplink;
	struct renewal *renewal;
	struct http *control;
	struct vitals *vitals; /* NULL: not wanted */
	uint64_t outcomes[OUTCOMES];
	char *disk; /* why the last commit failed; NULL: it did not */
	json_object *last;
	char *plan_path;
	char *refused; /* why the last plan was refused; NULL: it was not */
};

static void
fill_report(const struct agent *agent, struct report *report)
{
	report->box = agent->box;
	report->collector = agent->settings.collector;
	report->refused = agent->refused;
	report->disk = agent->disk;
	report->outcomes = agent->outcomes;
	report->watch = agent->watch;
	report->spool = agent->spool;
	report->runs = agent->runs;
	report->uplink = agent->uplink;
	report->renewal = agent->renewal;
	report->manifests = crew_manifests(runs_crew(agent->runs));
	report->last = agent->last;
}

/*
 * Spool.
 */

/* Records do not become old by a clock that leaps. */
static void
set_spool_limits(struct agent *agent, nanoseconds now)
{
	nanoseconds steady =
	    steady_time(&agent->steady, now, clock_monotonic());
	const struct spool_limits limits = {agent->settings.spool_size,
	    agent->settings.spool_age + now - steady};

	spool_set_limits(agent->spool, &limits);
}

static void
commit(evutil_socket_t fd, short what, void *arg)
{
	struct agent *agent = arg;
	nanoseconds now;
	struct error err;

	free(agent->disk);
	agent->disk = NULL;
	runs_look(agent->runs);
	if ((now = watch_time(agent->watch)) != 0)
		set_spool_limits(agent, now);
	if (spool_commit(agent->spool, now, &err) < 0) {
		log_warnx("%s", err.text);
		agent->disk = memory_text(err.text);
		evtimer_add(agent->commit_timer, &commit_retry);
	}
	runs_go(agent->runs);
	uplink_records(agent->uplink);
}

static void
commit_soon(void *arg)
{
	struct agent *agent = arg;

	if (!evtimer_pending(agent->commit_timer, NULL))
		evtimer_add(agent->commit_timer, &commit_delay);
}

static void
beat(evutil_socket_t fd, short what, void *arg)
{
	struct agent *agent = arg;

	watch_look(agent->watch);
	commit_soon(agent);
}

/*
 * Runs.
 */

static void
remember(void *arg, struct json_object *record)
{
	struct agent *agent = arg;
	enum outcome outcome;

	if (outcome_find(member_text_or(record, "outcome", ""), &outcome) == 0)
		agent->outcomes[outcome]++;
	json_object_array_add(agent->last, json_object_get(record));
	if (json_object_array_length(agent->last) > LAST_RECORDS)
		json_object_array_del_idx(agent->last, 0, 1);
}

static void
notice_clock(void *arg)
{
	struct agent *agent = arg;

	if (!agent->closing)
		watch_notice(agent->watch);
}

static const struct runs_calls runs_calls = {
    .waiting = commit_soon,
    .record = remember,
    .clock = notice_clock,
};

/*
 * The plan.
 */

static void
refuse_plan(struct agent *agent, const char *why)
{
	log_warnx("%s; %s", why,
	    runs_plan(agent->runs) != NULL ? "the plan before it goes on"
					   : "nothing is measured");
	free(agent->refused);
	agent->refused = memory_text(why);
}

/* From when on runs may start. A first start is one that can be noted in time. */
static nanoseconds
begin_to_measure(struct agent *agent)
{
	nanoseconds since = clock_wall() + RUNS_LEAD;

	if (!agent->measures && watch_doubt(agent->watch) == NULL) {
		since = spool_resume(agent->spool, since, agent->resting);
		agent->measures = true;
		commit_soon(agent);
	}
	return (since);
}

static void
use_plan(struct agent *agent, struct plan *plan)
{
	runs_set_plan(agent->runs, plan, begin_to_measure(agent));
	log_info("plan %lld: %zu tests, %zu jobs", (long long)plan->revision,
	    plan->test_count, runs_jobs(agent->runs));
	free(agent->refused);
	agent->refused = NULL;
}

static void
new_plan(void *arg, struct json_object *json)
{
	struct agent *agent = arg;
	struct error err;
	struct plan *plan;

	plan = plan_parse(json, agent->box, agent->catalog, &err);
	if (plan == NULL) {
		refuse_plan(agent, err.text);
	} else {
		if (plan_save(plan, agent->plan_path, &err) < 0)
			log_warnx("%s", err.text);
		use_plan(agent, plan);
	}
	uplink_hello(agent->uplink);
}

static void
stop_measuring(struct agent *agent, const char *doubt)
{
	char *why = agent->resting;

	agent->resting = agent->measures
			     ? memory_text(doubt)
			     : memory_print("%.500s; then %s", why, doubt);
	free(why);
	agent->measures = false;
	spool_rest(agent->spool);
	runs_hold(agent->runs, spool_lived(agent->spool), doubt);
}

/* The clock can be believed from here on, or no longer. */
static void
on_clock(void *arg)
{
	struct agent *agent = arg;
	const char *doubt = watch_doubt(agent->watch);

	if (doubt != NULL) {
		stop_measuring(agent, doubt);
	} else {
		runs_release(agent->runs, runs_plan(agent->runs) != NULL
					      ? begin_to_measure(agent)
					      : 0);
		renewal_look(agent->renewal);
	}
	uplink_hello(agent->uplink);
}

static struct json_object *
hello(void *arg)
{
	struct report report;

	fill_report(arg, &report);
	return (report_hello(&report));
}

static void
renew(void *arg)
{
	struct agent *agent = arg;

	renewal_now(agent->renewal);
}

static void
take_time(void *arg, nanoseconds now, nanoseconds here)
{
	struct agent *agent = arg;

	watch_told(agent->watch, now, here);
}

/* Whose sequences have been given before: a new epoch has to begin. */
static void
set_back(void *arg, nanoseconds since)
{
	struct agent *agent = arg;

	log_warnx("the collector has records of epoch %s that this pharosd has "
		  "not sent: was this host set back, as by a snapshot? It "
		  "begins a new epoch",
	    spool_epoch(agent->spool));
	spool_set_back(agent->spool, since);
	agent->again = true;
	event_base_loopbreak(agent->base);
}

static const struct uplink_calls uplink_calls = {
    .set_back = set_back,
    .told = take_time,
    .hello = hello,
    .plan = new_plan,
    .delivered = commit_soon,
    .renew = renew,
};

static void
on_renewed(void *arg)
{
	struct agent *agent = arg;

	uplink_reconnect(agent->uplink);
}

/* Records, spool and plan carry the name: everything begins again by it. */
static void
on_renamed(void *arg, const char *box)
{
	struct agent *agent = arg;

	log_info("the fleet calls %s %s from here on", agent->box, box);
	agent->again = true;
	event_base_loopbreak(agent->base);
}

static const struct renewal_calls renewal_calls = {
    .renewed = on_renewed,
    .renamed = on_renamed,
};

static void
status(struct http_request *request, void *arg)
{
	struct report report;

	fill_report(arg, &report);
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
	agent->watch = watch_new(base, &agent->settings, on_clock, agent, err);
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
	if (spool_lived(agent->spool) != 0)
		steady_begin(&agent->steady, spool_lived(agent->spool),
		    clock_monotonic());
	agent->commit_timer = evtimer_new(base, commit, agent);
	agent->beat_timer = event_new(base, -1, EV_PERSIST, beat, agent);
	event_add(agent->beat_timer, &beat_period);
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
	    .limits = &agent->settings.limits,
	};
	json_object *manifests;
	size_t i;

	agent->runs = runs_new(&about, &runs_calls, agent, err);
	if (agent->runs == NULL)
		return (-1);
	agent->resting = memory_text("pharosd was not running");
	if (watch_doubt(agent->watch) != NULL)
		stop_measuring(agent, watch_doubt(agent->watch));
	agent->catalog = catalog_new();
	manifests = crew_manifests(runs_crew(agent->runs));
	for (i = 0; i < json_object_array_length(manifests); i++)
		if (catalog_add(agent->catalog,
			json_object_array_get_idx(manifests, i), err) < 0)
			log_warnx("%s", err->text);
	return (0);
}

/* A plan that is no good any more is no reason not to start. */
static void
load_plan(struct agent *agent)
{
	struct error err = {""};
	struct plan *plan;

	plan = plan_load(agent->plan_path, agent->box, agent->catalog, &err);
	if (plan != NULL)
		use_plan(agent, plan);
	else if (err.text[0] != '\0')
		refuse_plan(agent, err.text);
}

static int
open_uplink(struct agent *agent, struct event_base *base, struct error *err)
{
	agent->uplink = uplink_new(
	    base, &agent->settings, agent->spool, &uplink_calls, agent, err);
	if (agent->uplink == NULL)
		return (-1);
	agent->renewal = renewal_new(
	    base, &agent->settings, agent->box, &renewal_calls, agent, err);
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
say_vitals(void *arg, struct report *report)
{
	fill_report(arg, report);
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
	agent->last = json_object_new_array();
	if (open_state(agent, err) < 0 || open_watch(agent, base, err) < 0 ||
	    open_spool(agent, base, err) < 0 ||
	    open_runs(agent, base, raise_capabilities, err) < 0 ||
	    open_uplink(agent, base, err) < 0 ||
	    open_control(agent, base, err) < 0 ||
	    open_vitals(agent, base, err) < 0) {
		agent_free(agent);
		return (NULL);
	}
	load_plan(agent);
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
	commit_soon(agent);
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
	http_free(agent->control);
	renewal_free(agent->renewal);
	uplink_free(agent->uplink);
	runs_free(agent->runs);
	catalog_free(agent->catalog);
	if (agent->beat_timer != NULL)
		event_free(agent->beat_timer);
	if (agent->commit_timer != NULL)
		event_free(agent->commit_timer);
	spool_free(agent->spool);
	watch_free(agent->watch);
	if (agent->claim >= 0)
		close(agent->claim);
	json_object_put(agent->last);
	free(agent->plan_path);
	free(agent->refused);
	free(agent->disk);
	free(agent->resting);
	free(agent);
}
