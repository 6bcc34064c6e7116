/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * runs.h - from the plan to records: schedule, crew and every run's fate.
 *
 * A run is noted in the spool RUNS_LEAD before its start and handed to the crew
 * once that note has been committed; so each yields exactly one record,
 * whatever dies.
 */
#ifndef PHAROS_AGENT_RUNS_H
#define PHAROS_AGENT_RUNS_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/plan.h"

struct crew;
struct discipline;
struct error;
struct event_base;
struct json_object;
struct runs;
struct spool;

#define RUNS_LEAD NS_PER_S

struct runs_calls {
	/* The spool holds something new. */
	void (*waiting)(void *arg);
	/* A record was added to it; borrowed. */
	void (*record)(void *arg, struct json_object *record);
};

/* crew_new's raise_capabilities. clock is borrowed and read with each record,
 * and so is the spool, which is to outlive it. */
struct runs *runs_new(struct event_base *base, bool raise_capabilities,
    struct spool *spool, const struct discipline *clock,
    const struct runs_calls *calls, void *arg, struct error *err);
/* Cuts short what runs; the records say so. NULL is fine. */
void runs_free(struct runs *runs);
struct crew *runs_crew(const struct runs *runs); /* borrowed */

/* Takes the plan over. Jobs that were there before keep their times; others
 * start after `since`. */
void runs_set_plan(struct runs *runs, struct plan *plan, nanoseconds since);
const struct plan *runs_plan(const struct runs *runs); /* NULL: none yet */
size_t runs_jobs(const struct runs *runs);
/* Notes what is due. To be done before each commit, for what a commit does not
 * hold was to start after it. */
void runs_look(struct runs *runs);
/* The spool has been committed, or could not be: what was noted goes to the
 * crew, for a full disk is no reason not to measure. */
void runs_go(struct runs *runs);

#endif
