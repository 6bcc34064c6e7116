/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spool.h - records kept on disk until the collector has them.
 *
 * Records leave in the order they came. What was committed survives any crash.
 * The epoch is new with each spool_new; ids are BOX/EPOCH/SEQUENCE. A run is
 * noted before it is started, so that one that was open at a crash comes back as
 * a failed record; and the time since the last commit, when nothing was
 * scheduled, as a record of outcome gap. So whoever commits has noted all runs
 * that were to start before.
 *
 * Nothing is scheduled from spool_new or spool_rest until spool_resume. The time
 * `now` is 0 while nobody knows it (agent/trust.h): nothing is then dropped by
 * its age.
 *
 * Bounded by size and age: the oldest go first, and what went is said in one
 * gap record ("why": "spool overflow ..."). What was handed out as a batch stays
 * until it is acknowledged, for the collector may have it.
 */
#ifndef PHAROS_AGENT_SPOOL_H
#define PHAROS_AGENT_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/clock.h"
#include "common/record.h"

struct error;
struct json_object;
struct shelf_row;
struct spool;

struct spool_limits {
	int64_t bytes;
	nanoseconds age;
};

/* Opens or creates STATE/spool.db. The time since its last commit makes no record
 * old yet, for the clock may have leapt. */
struct spool *spool_new(const char *path, const char *box,
    const struct spool_limits *limits, nanoseconds now, struct error *err);
/* From here on nothing is scheduled. */
void spool_rest(struct spool *spool);
/* Runs start again, with those planned after `resume`. The time before becomes a
 * gap record for this reason; the first life of a spool has none. When the clock
 * was set back meanwhile, what was started then is not to be started again:
 * returns the instant after which runs may start, `resume` or later. */
nanoseconds spool_resume(
    struct spool *spool, nanoseconds resume, const char *why);
/* Something is scheduled at `now`, and all that starts soon is noted. */
void spool_live(struct spool *spool, nanoseconds now);
/* Until when something was scheduled: the last spool_live or commit; 0: never. A
 * clock that was set back a little since (agent/gap.h) does not move it back. */
nanoseconds spool_lived(const struct spool *spool);
/* Commits; what was scheduled since the last spool_live is not told. Logs how many
 * records are lost when that fails. NULL is fine. */
void spool_free(struct spool *spool);
/* Applied with the next commit. */
void spool_set_limits(struct spool *spool, const struct spool_limits *limits);
/* From the next commit on: the clock is so far ahead of one that is believed
 * (common/steady.h), and no record becomes old by that. */
void spool_set_leap(struct spool *spool, nanoseconds leap);

/* Adds id and, if it does not say, agent to the record and takes it in; on disk with the next
 * spool_commit. -1 when it is over RECORD_MOST. */
int spool_add(
    struct spool *spool, struct json_object *record, struct error *err);
/* The same of one that was a row before (agent/setback.h): its date stays, and how
 * many it stands for. */
int spool_add_anew(struct spool *spool, struct json_object *record,
    const struct shelf_row *was, struct error *err);
/* A run is about to be handed to a worker / has ended. The note is the record it
 * becomes if nobody ends it: test, probe, src, dst, start. */
void spool_note(struct spool *spool, uint64_t run, struct json_object *note);
void spool_ended(struct spool *spool, uint64_t run);
/* Runs that are to happen once: what has been marked stays so for a year after
 * this time, and is on disk with the next commit, together with the record or
 * the note. */
void spool_mark_once(struct spool *spool, const char *what, nanoseconds at);
bool spool_was(struct spool *spool, const char *what);
/* This epoch has been gone through before, up to that time; the next spool_new
 * gives what is younger ids of its own (agent/setback.h). */
void spool_set_back(struct spool *spool, nanoseconds since);
/* The clock was so far ahead, as the collector says: what is dated later than
 * `latest` by it, no collector takes. It goes, and a gap record says so
 * (agent/discredit.h); something was scheduled until `now`, by a right clock. Two
 * commits. */
int spool_discredit(struct spool *spool, nanoseconds latest, nanoseconds ahead,
    nanoseconds now, struct error *err);
/* One transaction for all since the last; also applies the limits. The spool
 * goes on after a failed commit (disk full): nothing is forgotten, and the next
 * commit tries again. */
int spool_commit(struct spool *spool, nanoseconds now, struct error *err);

/* The oldest committed records of one epoch: at most `records` and `bytes`, as
 * NDJSON (free() it). *last names the last of them. 0 when empty; -1 on
 * error. */
int spool_batch(struct spool *spool, size_t records, size_t bytes, char **lines,
    size_t *length, struct record_id *last, struct error *err);
/* The collector has everything of that epoch up to here: it is not batched
 * again, and leaves the disk with the next commit. */
int spool_acknowledge(
    struct spool *spool, const struct record_id *upto, struct error *err);

struct spool_depth {
	uint64_t records, bytes;
	nanoseconds oldest; /* on disk: when it was added; 0: none */
	uint64_t dropped;   /* by the limits, since the start */
};
void spool_depth(const struct spool *spool, struct spool_depth *depth);
const char *spool_epoch(const struct spool *spool);

#endif
