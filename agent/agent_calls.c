/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of an agent tell one another. */
#include <event2/event.h>

#include "agent/agent_parts.h"
#include "agent/calibration.h"
#include "agent/commits.h"
#include "agent/crew.h"
#include "agent/lately.h"
#include "agent/measuring.h"
#include "agent/renewal.h"
#include "agent/report.h"
#include "agent/runs.h"
#include "agent/spool.h"
#include "agent/uplink.h"
#include "agent/watch.h"
#include "common/log.h"
#include "common/member.h"

/*
 * Records and runs.
 */

static void
commit_soon(void *arg)
{
	struct agent *agent = arg;

	commits_soon(agent->commits);
}

static void
before_commit(void *arg)
{
	struct agent *agent = arg;

	runs_look(agent->runs);
}

static void
after_commit(void *arg)
{
	struct agent *agent = arg;

	lately_pack(agent->lately);
	runs_go(agent->runs);
	uplink_records(agent->uplink);
}

const struct commits_calls agent_commits_calls = {
    .before = before_commit,
    .after = after_commit,
};

static void
remember(void *arg, struct json_object *record)
{
	struct agent *agent = arg;
	enum outcome outcome;

	if (outcome_find(member_text_or(record, "outcome", ""), &outcome) == 0)
		agent->outcomes[outcome]++;
	lately_add(agent->lately, record);
}

static void
notice_clock(void *arg)
{
	struct agent *agent = arg;

	if (!agent->closing)
		watch_notice(agent->watch);
}

static nanoseconds
tell_time(void *arg)
{
	const struct agent *agent = arg;

	return (watch_now(agent->watch));
}

const struct runs_calls agent_runs_calls = {
    .waiting = commit_soon,
    .record = remember,
    .clock = notice_clock,
    .now = tell_time,
};

/*
 * Collector and clock.
 */

static void
on_clock(void *arg)
{
	struct agent *agent = arg;

	measuring_look(agent->measuring);
	if (watch_doubt(agent->watch) == NULL)
		renewal_look(agent->renewal);
	uplink_hello(agent->uplink);
}

void
agent_tell_clock(struct agent *agent)
{
	if (agent->runs != NULL)
		crew_clock(runs_crew(agent->runs),
		    watch_discipline(agent->watch),
		    calibration_error(agent->calibration, clock_monotonic()));
}

static void
on_sample(void *arg)
{
	agent_tell_clock(arg);
}

const struct watch_calls agent_watch_calls = {
    .changed = on_clock,
    .sampled = on_sample,
};

static void
new_plan(void *arg, struct json_object *plan)
{
	struct agent *agent = arg;

	measuring_take(agent->measuring, plan);
	uplink_hello(agent->uplink);
}

static struct json_object *
hello(void *arg, bool manifests)
{
	struct report report;

	agent_report(arg, &report);
	return (report_hello(&report, manifests));
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

const struct uplink_calls agent_uplink_calls = {
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

const struct renewal_calls agent_renewal_calls = {
    .renewed = on_renewed,
    .renamed = on_renamed,
};
