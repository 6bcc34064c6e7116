/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * runs_parts.h - what the files of runs share: runs.c has plan and schedule, and
 * says what is due; runs_fate.c what becomes of it, until its record is in the spool.
 */
#ifndef PHAROS_AGENT_RUNS_PARTS_H
#define PHAROS_AGENT_RUNS_PARTS_H

#include <stdbool.h>
#include <sys/queue.h>

#include "agent/ledger.h"
#include "agent/runs.h"
#include "common/record.h"

struct admission;
struct alarm;
struct job;
struct schedule;
struct serving;
struct streams;
struct worklist;

TAILQ_HEAD(run_list, run);

/* A run is noted, then ready, once that is on disk, then open. */
struct runs {
	struct ledger ledger;
	struct crew *crew;
	struct admission *admission;
	struct streams *streams;
	struct serving *serving;
	struct alarm *alarm;
	struct schedule *schedule; /* NULL: no plan yet */
	struct worklist *list;
	struct run_list noted, ready, open;
	nanoseconds seen; /* wall-clock, up to which it was looked at */
	bool held;
};

/* A run of the job is due, at this time of the wall clock: it is noted. */
void runs_note(struct runs *runs, const struct job *job, nanoseconds start);
/* Each that is ready goes to the crew, waits on, or ends, as the limits have it. */
void runs_try(struct runs *runs);
/* All in the list end with this record. */
void runs_cut_short(
    struct run_list *list, enum outcome outcome, const char *why);

#endif
