/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * runs.h - from the plan to records: schedule, crew and every run's fate.
 *
 * A run is noted in the spool RUNS_LEAD before its start and handed to the crew
 * once that note has been committed and the limits of this box admit it; so each
 * yields exactly one record, whatever dies. Streams: agent/streams.h.
 */
#ifndef PHAROS_AGENT_RUNS_H
#define PHAROS_AGENT_RUNS_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/plan.h"

struct calibration;
struct crew;
struct discipline;
struct error;
struct event_base;
struct json_object;
struct limits_rules;
struct runs;
struct spool;

#define RUNS_LEAD NS_PER_S

struct runs_calls {
	/* The spool holds something new. */
	void (*waiting)(void *arg);
	/* A record was added to it; borrowed. */
	void (*record)(void *arg, struct json_object *record);
	/* The clock is about to be asked what is due, or a worker has dated
	 * what it found: if it cannot be believed, runs_hold is to be called
	 * from here. */
	void (*clock)(void *arg);
	/* The time by which records are dated, wall-clock: of a clock as it was
	 * when it was last believed or doubted. */
	nanoseconds (*now)(void *arg);
};

/* clock is read with each record; it is borrowed, and so is the spool, which is
 * to outlive it. */
struct runs_about {
	struct event_base *base;
	bool raise_capabilities; /* crew_new's */
	struct spool *spool;
	const struct discipline *clock;
	struct calibration *calibration;   /* borrowed */
	const struct limits_rules *limits; /* copied */
};
struct runs *runs_new(const struct runs_about *about,
    const struct runs_calls *calls, void *arg, struct error *err);
/* Cuts short what runs; the records say so. NULL is fine. */
void runs_free(struct runs *runs);
struct crew *runs_crew(const struct runs *runs); /* borrowed */

/* Takes the plan over. Jobs that were there before keep their times; others
 * start after `since`. */
void runs_set_plan(struct runs *runs, struct plan *plan, nanoseconds since);
/* The clock cannot be believed: ends what was begun, and begins nothing until
 * runs_release. The records say why, and none is of after `until`, when it
 * still could. */
void runs_hold(struct runs *runs, nanoseconds until, const char *why);
void runs_release(struct runs *runs, nanoseconds since); /* as a new plan */
const struct plan *runs_plan(const struct runs *runs);   /* NULL: none yet */
size_t runs_jobs(const struct runs *runs);
/* Notes what is due. To be done before each commit, for what a commit does not
 * hold was to start after it. */
void runs_look(struct runs *runs);
/* The spool has been committed, or could not be: what was noted goes to the
 * crew, for a full disk is no reason not to measure. */
void runs_go(struct runs *runs);
/* Count for what starts from now on; streams that exceed them end. */
void runs_set_limits(struct runs *runs, const struct limits_rules *rules);
struct json_object *runs_serving(const struct runs *runs); /* serving.h */
struct json_object *runs_refused(
    const struct runs *runs); /* agent/refusals.h */

#endif
