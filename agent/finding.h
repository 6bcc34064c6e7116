/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * finding.h - what a worker found, made into a record (common/record.h).
 *
 * All return a new reference. id and agent are the spool's to add.
 */
#ifndef PHAROS_AGENT_FINDING_H
#define PHAROS_AGENT_FINDING_H

#include "agent/job.h"
#include "common/record.h"

struct discipline;
struct error;
struct json_object;

/* What is known before a run: for the spool's note, and as a beginning. */
struct json_object *finding_note(const struct job *job, nanoseconds start);
/* found is the worker's; start is when the run was due, if it does not say. */
struct json_object *finding_complete(const struct job *job, nanoseconds start,
    struct json_object *found, const struct discipline *clock);
/* A run that yields nothing, at a time from start to end. */
struct json_object *finding_none(const struct job *job, nanoseconds start,
    nanoseconds end, enum outcome outcome, const char *why);

/* What a far end states (crew.h's stated). NULL: it is no good, and why. */
struct json_object *finding_stated(const struct plan *plan, const char *probe,
    struct json_object *statement, struct error *err);

/* The "clock" of a record: our own, at this end, and the other one's as the
 * worker was told of it:
 *
 *   {"src":{"source":"far","error":..},"dst":{"source":"kernel","error":..},
 *    "stamps":"kernel/kernel","error":..}
 *
 * "error" is how far a time between the two may be off, stamps included, where both
 * are bounded. found is the worker's record. */
struct json_object *finding_clock(enum manifest_end end,
    const struct discipline *clock, struct json_object *found);

#endif
