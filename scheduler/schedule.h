/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * schedule.h - jobs in, "what is due at now?" out.
 *
 * Time is handed in and never read, so days of a large fleet run in
 * milliseconds in a test. A job is one test towards one target. Jobs are kept
 * by identity: a new plan with the same job leaves its starts where they were.
 *
 * Time that went by unattended is not caught up: starts that are late by
 * SCHEDULE_GRACE or more yield one call with the number missed instead of runs.
 * A wall clock that steps back repeats nothing, for a job remembers its last
 * start and waits until the clock has passed it again. Where that would take
 * more than SCHEDULE_BACK the clock was plain wrong before (a battery-less box
 * that boots in some other year or time zone): the job goes on from now, unless
 * it was to start once.
 */
#ifndef PHAROS_SCHEDULER_SCHEDULE_H
#define PHAROS_SCHEDULER_SCHEDULE_H

#include <stdint.h>

#include "scheduler/timing.h"

#define SCHEDULE_GRACE (2 * NS_PER_S)
#define SCHEDULE_BACK (600 * NS_PER_S)

struct schedule;

struct schedule_job {
	const char *test, *src, *dst; /* identity; copied */
	struct timing timing;
	void *owner; /* the caller's; borrowed */
};

struct schedule_calls {
	/* A start is due at `start` (wall-clock); now >= start - lead. Called
	 * late it comes with the instant that was planned all the same. */
	void (*due)(void *arg, void *owner, nanoseconds start);
	/* Starts in (from, until] were not made: suspend, forward step. */
	void (*missed)(void *arg, void *owner, uint64_t count, nanoseconds from,
	    nanoseconds until);
};

/* key: the fleet's; lead: how long before its start a run is announced. */
struct schedule *schedule_new(const void *key, size_t length, nanoseconds lead,
    const struct schedule_calls *calls, void *arg); /* calls: borrowed */
void schedule_free(struct schedule *schedule);      /* NULL is fine */

/* Replaces the jobs, all at once, at wall-clock now. A job that was there
 * before (same test, src, dst and timing) keeps its place, and gets its new
 * owner; a new one has its first start after now, and one that is to start once
 * is never passed over: it is due, or missed, when its time is over already. Of
 * jobs with one identity only the first is kept. */
void schedule_set(struct schedule *schedule, const struct schedule_job *jobs,
    size_t count, nanoseconds now);
/* Calls due and missed for all that is due at now, in order of starts. No
 * schedule function may be called from there. Returns the wall-clock instant
 * of the next call wanted, INT64_MAX: never. */
nanoseconds schedule_run(struct schedule *schedule, nanoseconds now);
size_t schedule_size(const struct schedule *schedule);

#endif
