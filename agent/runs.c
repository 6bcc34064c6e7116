/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/runs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "agent/alarm.h"
#include "agent/crew.h"
#include "agent/finding.h"
#include "agent/job.h"
#include "agent/spool.h"
#include "common/error.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"
#include "scheduler/schedule.h"

struct run {
	TAILQ_ENTRY(run) link;
	uint64_t number; /* the spool's note */
	uint64_t handed; /* the crew's number; 0: not yet */
	const struct job *job;
	nanoseconds start; /* wall-clock, when it is due */
};

TAILQ_HEAD(run_list, run);

struct runs {
	struct spool *spool;
	const struct discipline *clock;
	const struct runs_calls *calls;
	void *arg;
	struct crew *crew;
	struct alarm *alarm;
	struct schedule *schedule; /* NULL: no plan yet */
	struct worklist *list;
	struct run_list noted, open;
	uint64_t last_number;
};

/* Takes the record over. */
static void
add(struct runs *runs, const struct job *job, nanoseconds start,
    json_object *record)
{
	struct error err;

	if (spool_add(runs->spool, record, &err) < 0) {
		json_object_put(record);
		record = finding_none(
		    job, start, clock_wall(), OUTCOME_FAILED, err.text);
		spool_add(runs->spool, record, NULL);
	}
	runs->calls->record(runs->arg, record);
	runs->calls->waiting(runs->arg);
	json_object_put(record);
}

static void
end(struct runs *runs, struct run_list *list, struct run *run)
{
	TAILQ_REMOVE(list, run, link);
	spool_ended(runs->spool, run->number);
	worklist_leave(run->job->list);
	free(run);
}

/*
 * From the schedule.
 */

static bool
is_once(const struct job *job)
{
	return (job->test->timing.kind == TIMING_ONCE);
}

/* What is to run once; no name holds a slash. free() it. */
static char *
once_name(const struct job *job)
{
	return (memory_print("%s/%s/%s/%lld", job->test->name, job->src,
	    job->dst, (long long)job->test->timing.at));
}

/* Has it been seen to, maybe in another life of this daemon? */
static bool
is_over(struct runs *runs, const struct job *job)
{
	char *name = once_name(job);
	bool over = is_once(job) && spool_was(runs->spool, name);

	free(name);
	return (over);
}

static void
mark_once(struct runs *runs, const struct job *job)
{
	char *name;

	if (!is_once(job))
		return;
	name = once_name(job);
	spool_mark_once(runs->spool, name, job->test->timing.at);
	free(name);
}

static void
due(void *arg, void *owner, nanoseconds start)
{
	struct runs *runs = arg;
	struct run *run = memory_new(1, sizeof(*run));
	json_object *note;

	run->number = ++runs->last_number;
	run->job = owner;
	run->start = start;
	worklist_use(run->job->list);
	TAILQ_INSERT_TAIL(&runs->noted, run, link);
	note = finding_note(run->job, start);
	spool_note(runs->spool, run->number, note);
	mark_once(runs, run->job);
	json_object_put(note);
	runs->calls->waiting(runs->arg);
}

static void
add_skipped(struct runs *runs, const struct job *job, uint64_t count,
    nanoseconds from, nanoseconds until, const char *why)
{
	json_object *record =
	    finding_none(job, from, until, OUTCOME_SKIPPED, why);

	member_add_whole(record, "missed", (int64_t)count);
	add(runs, job, from, record);
}

static void
missed(
    void *arg, void *owner, uint64_t count, nanoseconds from, nanoseconds until)
{
	const struct job *job = owner;
	struct runs *runs = arg;

	mark_once(runs, job);
	if (is_once(job))
		add_skipped(runs, job, count, job->test->timing.at, until,
		    "its time had passed: the plan came too late, or the box "
		    "slept or its clock was set");
	else
		add_skipped(runs, job, count, from, until,
		    "its time had passed: the box slept or its clock was set");
}

static const struct schedule_calls schedule_calls = {
    .due = due,
    .missed = missed,
};

void
runs_look(struct runs *runs)
{
	if (runs->schedule != NULL)
		alarm_set(
		    runs->alarm, schedule_run(runs->schedule, clock_wall()));
}

static void
ring(void *arg)
{
	runs_look(arg);
}

/*
 * To the crew and back.
 */

static void
found(void *arg, void *owner, struct json_object *record, bool last)
{
	struct runs *runs = arg;
	struct run *run = owner;

	add(runs, run->job, run->start,
	    finding_complete(run->job, run->start, record, runs->clock));
	if (last)
		end(runs, &runs->open, run);
}

static void
hand(struct runs *runs, struct run *run)
{
	const struct job *job = run->job;
	const struct crew_run order = {
	    .probe = job->test->probe,
	    .target = job->target->name,
	    .address = job->target->address,
	    .family = job->target->family,
	    .flow = job->flow,
	    .at = run->start,
	    .patience = job->test->patience,
	    .settings = job->test->options,
	    .owner = run,
	};

	TAILQ_REMOVE(&runs->noted, run, link);
	TAILQ_INSERT_TAIL(&runs->open, run, link);
	run->handed = crew_start(runs->crew, &order);
}

void
runs_go(struct runs *runs)
{
	nanoseconds now = clock_wall();
	struct run *run;

	while ((run = TAILQ_FIRST(&runs->noted)) != NULL) {
		if (run->start + SCHEDULE_GRACE >= now) {
			hand(runs, run);
			continue;
		}
		add_skipped(runs, run->job, 1, run->start, now,
		    "its time had passed: the disk took too long to note it");
		end(runs, &runs->noted, run);
	}
}

/*
 * The plan.
 */

static struct schedule_job *
schedule_jobs(struct runs *runs, struct worklist *list, size_t *count)
{
	struct schedule_job *jobs = memory_new(list->count, sizeof(*jobs));
	struct job *job = list->jobs;

	*count = 0;
	for (; job < list->jobs + list->count; job++) {
		if (is_over(runs, job))
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

void
runs_set_plan(struct runs *runs, struct plan *plan, nanoseconds since)
{
	struct worklist *list = worklist_new(plan);
	size_t count;
	struct schedule_job *jobs = schedule_jobs(runs, list, &count);

	if (!same_key(runs->list, list)) {
		schedule_free(runs->schedule);
		runs->schedule = schedule_new(plan->key, sizeof(plan->key),
		    RUNS_LEAD, &schedule_calls, runs);
	}
	schedule_set(runs->schedule, jobs, count, since);
	free(jobs);
	worklist_leave(runs->list);
	runs->list = list;
	alarm_set(runs->alarm, 0);
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
runs_new(struct event_base *base, bool raise_capabilities, struct spool *spool,
    const struct discipline *clock, const struct runs_calls *calls, void *arg,
    struct error *err)
{
	struct runs *runs = memory_new(1, sizeof(*runs));

	runs->spool = spool;
	runs->clock = clock;
	runs->calls = calls;
	runs->arg = arg;
	TAILQ_INIT(&runs->noted);
	TAILQ_INIT(&runs->open);
	runs->alarm = alarm_new(base, ring, runs, err);
	if (runs->alarm == NULL) {
		free(runs);
		return (NULL);
	}
	runs->crew = crew_new(base, raise_capabilities, found, runs);
	return (runs);
}

static void
cut_short(struct runs *runs, struct run_list *list, const char *why)
{
	struct run *run;

	while ((run = TAILQ_FIRST(list)) != NULL) {
		add(runs, run->job, run->start,
		    finding_none(run->job, run->start, clock_wall(),
			OUTCOME_FAILED, why));
		end(runs, list, run);
	}
}

void
runs_free(struct runs *runs)
{
	if (runs == NULL)
		return;
	runs_look(runs);
	alarm_free(runs->alarm);
	schedule_free(runs->schedule);
	crew_free(runs->crew);
	cut_short(runs, &runs->open, "pharosd was stopped while it ran");
	cut_short(runs, &runs->noted, "pharosd was stopped before it ran");
	worklist_leave(runs->list);
	free(runs);
}
