/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/runs.h"

#include <stdlib.h>
#include <string.h>

#include "agent/admission.h"
#include "agent/alarm.h"
#include "agent/crew.h"
#include "agent/gap.h"
#include "agent/job.h"
#include "agent/once.h"
#include "agent/runs_parts.h"
#include "agent/serving.h"
#include "agent/spool.h"
#include "agent/streams.h"
#include "common/memory.h"
#include "scheduler/schedule.h"

/*
 * From the schedule.
 */

static void
mark_once(struct runs *runs, const struct job *job)
{
	once_mark(job, runs->ledger.spool, ledger_now(&runs->ledger));
}

static void
due(void *arg, void *owner, nanoseconds start)
{
	struct runs *runs = arg;

	runs_note(runs, owner, start);
	mark_once(runs, owner);
}

static void
missed(
    void *arg, void *owner, uint64_t count, nanoseconds from, nanoseconds until)
{
	const struct job *job = owner;
	struct runs *runs = arg;
	struct ledger_nothing nothing = {
	    .start = from,
	    .end = until,
	    .outcome = OUTCOME_SKIPPED,
	    .missed = count,
	    .why = "its time had passed: the box slept or its clock was set",
	};

	mark_once(runs, job);
	if (once_is(job)) {
		/* no collector takes what is older */
		nothing.start = job->test->timing.at;
		if (nothing.start < RECORD_EARLIEST * NS_PER_S)
			nothing.start = RECORD_EARLIEST * NS_PER_S;
		nothing.why = "its time had passed: the plan came too late, "
			      "or the box slept or its clock was set";
	}
	ledger_nothing(&runs->ledger, job, &nothing);
}

static const struct schedule_calls schedule_calls = {
    .due = due,
    .missed = missed,
};

static void
notice_clock(struct runs *runs)
{
	runs->ledger.calls->clock(runs->ledger.arg);
}

void
runs_look(struct runs *runs)
{
	nanoseconds now;

	notice_clock(runs);
	if (runs->schedule == NULL || runs->held)
		return;
	now = ledger_now(&runs->ledger);
	if (runs->seen - SCHEDULE_BACK > now)
		gap_set_back(
		    runs->ledger.spool, now, runs->seen + RUNS_LEAD, NULL);
	runs->seen = gap_reached(runs->seen, now);
	spool_live(runs->ledger.spool, runs->seen);
	alarm_set(runs->alarm, schedule_run(runs->schedule, now));
}

static void
ring(void *arg)
{
	runs_look(arg);
}

/*
 * From the crew.
 */

static void
found(void *arg, void *owner, struct json_object *record, bool last)
{
	struct runs *runs = arg;
	struct taker *taker = owner;

	notice_clock(runs);
	if (!runs->held) /* or else the owner has ended */
		taker->take(owner, record, last);
}

/* A price is known, or is known to be nowhere. */
static void
news(void *arg)
{
	struct runs *runs = arg;

	runs_try(runs);
	streams_news(runs->streams);
}

/*
 * The plan.
 */

static struct schedule_job *
schedule_jobs(struct runs *runs, struct worklist *list, size_t *count)
{
	struct schedule_job *jobs = memory_new(list->count, sizeof(*jobs));
	struct spool *spool = runs->ledger.spool;
	struct job *job = list->jobs;

	*count = 0;
	for (; job < list->jobs + list->count; job++) {
		if (job->test->timing.kind == TIMING_CONTINUOUS ||
		    once_is_over(job, spool, ledger_now(&runs->ledger)))
			continue;
		jobs[(*count)++] = (struct schedule_job){
		    .test = job->test->name,
		    .src = job->src,
		    .dst = job->dst,
		    .timing = job->test->timing,
		    .owner = job,
		};
	}
	return (jobs);
}

/* Starts depend on the fleet's key, so another key is another schedule. */
static bool
same_key(const struct worklist *a, const struct worklist *b)
{
	return (a != NULL &&
		memcmp(a->plan->key, b->plan->key, sizeof(a->plan->key)) == 0);
}

static void
take_up(struct runs *runs, struct worklist *list, nanoseconds since)
{
	size_t count;
	struct schedule_job *jobs = schedule_jobs(runs, list, &count);

	schedule_set(runs->schedule, jobs, count, since);
	free(jobs);
	streams_set(runs->streams, list, since);
	alarm_set(runs->alarm, 0);
}

void
runs_set_plan(struct runs *runs, struct plan *plan, nanoseconds since)
{
	struct worklist *list = worklist_new(plan);

	if (!same_key(runs->list, list)) {
		schedule_free(runs->schedule);
		runs->schedule = schedule_new(plan->key, sizeof(plan->key),
		    RUNS_LEAD, &schedule_calls, runs);
	}
	serving_set(runs->serving, plan);
	if (!runs->held)
		take_up(runs, list, since);
	worklist_leave(runs->list);
	runs->list = list;
}

void
runs_hold(struct runs *runs, nanoseconds until, const char *why)
{
	runs->held = true;
	runs->seen = 0;
	if (runs->schedule != NULL)
		schedule_set(runs->schedule, NULL, 0, 0);
	streams_hold(runs->streams, until, why);
	runs_cut_short(&runs->open, OUTCOME_FAILED, why);
	runs_cut_short(&runs->ready, OUTCOME_SKIPPED, why);
	runs_cut_short(&runs->noted, OUTCOME_SKIPPED, why);
}

void
runs_release(struct runs *runs, nanoseconds since)
{
	runs->held = false;
	if (runs->list != NULL)
		take_up(runs, runs->list, since);
}

void
runs_set_limits(struct runs *runs, const struct limits_rules *rules)
{
	admission_set(runs->admission, rules);
	streams_review(runs->streams);
	if (runs->list != NULL)
		serving_set(runs->serving, runs->list->plan);
}

struct json_object *
runs_serving(const struct runs *runs)
{
	return (serving_status(runs->serving));
}

struct json_object *
runs_refused(const struct runs *runs)
{
	return (admission_refused(runs->admission));
}

const struct plan *
runs_plan(const struct runs *runs)
{
	return (runs->list != NULL ? runs->list->plan : NULL);
}

size_t
runs_jobs(const struct runs *runs)
{
	return (runs->list != NULL ? runs->list->count : 0);
}

struct crew *
runs_crew(const struct runs *runs)
{
	return (runs->crew);
}

/*
 * Life.
 */

struct runs *
runs_new(const struct runs_about *about, const struct runs_calls *calls,
    void *arg, struct error *err)
{
	struct runs *runs = memory_new(1, sizeof(*runs));

	runs->ledger = (struct ledger){
	    about->spool, about->clock, about->calibration, calls, arg, 0};
	TAILQ_INIT(&runs->noted);
	TAILQ_INIT(&runs->ready);
	TAILQ_INIT(&runs->open);
	runs->crew =
	    crew_new(about->base, about->raise_capabilities, found, runs);
	runs->admission = admission_new(runs->crew, about->limits, news, runs);
	runs->serving = serving_new(runs->crew, runs->admission, &runs->ledger);
	runs->streams = streams_new(
	    about->base, runs->crew, runs->admission, &runs->ledger, err);
	runs->alarm = alarm_new(about->base, ring, runs, err);
	if (runs->streams == NULL || runs->alarm == NULL) {
		runs_free(runs);
		return (NULL);
	}
	return (runs);
}

void
runs_free(struct runs *runs)
{
	if (runs == NULL)
		return;
	runs_look(runs);
	alarm_free(runs->alarm);
	schedule_free(runs->schedule);
	serving_free(runs->serving);
	streams_free(runs->streams);
	runs_cut_short(
	    &runs->open, OUTCOME_FAILED, "pharosd was stopped while it ran");
	runs_cut_short(
	    &runs->ready, OUTCOME_FAILED, "pharosd was stopped before it ran");
	runs_cut_short(
	    &runs->noted, OUTCOME_FAILED, "pharosd was stopped before it ran");
	crew_free(runs->crew); /* takes its time */
	admission_free(runs->admission);
	worklist_leave(runs->list);
	free(runs);
}
