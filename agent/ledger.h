/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ledger.h - what has become of runs and streams, written into the spool.
 */
#ifndef PHAROS_AGENT_LEDGER_H
#define PHAROS_AGENT_LEDGER_H

#include "agent/job.h"
#include "agent/runs.h"
#include "common/record.h"

/* All borrowed. */
struct ledger {
	struct spool *spool;
	const struct discipline *clock;
	struct calibration *calibration;
	const struct runs_calls *calls;
	void *arg;
	uint64_t last; /* note */
};

/* The time that everything here is dated by (agent/runs.h). */
nanoseconds ledger_now(const struct ledger *ledger);
/* If nobody ends this note, it comes back as a failed record that begins at
 * start. Its number, > 0. */
uint64_t ledger_note(
    struct ledger *ledger, const struct job *job, nanoseconds start);
void ledger_ended(struct ledger *ledger, uint64_t note);

/* What a worker found; start: when the run was due, should it not say. */
void ledger_found(struct ledger *ledger, const struct job *job,
    nanoseconds start, struct json_object *found);
/* What a far end of ours states of what it did (crew.h), by this plan's names.
 * -1: it is no good. */
struct error;
int ledger_stated(struct ledger *ledger, const struct plan *plan,
    const char *probe, struct json_object *statement, struct error *err);

/* Nothing was found from start to end. missed: runs, or intervals of a stream,
 * that this record stands for; 0: not told. */
struct ledger_nothing {
	nanoseconds start, end;
	enum outcome outcome;
	uint64_t missed;
	const char *why;
};
void ledger_nothing(struct ledger *ledger, const struct job *job,
    const struct ledger_nothing *nothing);

#endif
