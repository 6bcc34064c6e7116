/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bins.h - each pair's records, merged into bins of one step.
 *
 * Records arrive at random times and late; a record belongs to the bin that
 * holds its start. Bins are committed together with the journal's number up to
 * which they are made, so every record is counted exactly once. Other sinks
 * (rrd, latest) are caches of bins.
 *
 * STATE/bins.db; the store is its only writer. Between commits changes are in
 * memory only; there a bin is found without asking SQLite, so many records of
 * one bin cost one row. A bin that cannot be read (damaged, or of a manifest
 * that changed a metric's kind) is left out with a warning.
 */
#ifndef PHAROS_COLLECTOR_BINS_H
#define PHAROS_COLLECTOR_BINS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/bundle.h"
#include "common/clock.h"
#include "common/name.h"

struct bins;
struct error;
struct manifest;
struct rename;

struct bins_key {
	char test[NAME_TEXT], src[NAME_TEXT], dst[NAME_TEXT];
	int family; /* 4, 6 */
};

struct bins *bins_open(const char *path, bool read_only, struct error *err);
void bins_free(struct bins *bins);           /* NULL is fine */
uint64_t bins_checkpoint(struct bins *bins); /* journal number; 0: none yet */

/* Records that were accepted before this are in no archive, for there was none;
 * 0: all are, or have been. */
nanoseconds bins_archived(const struct bins *bins);
/* When bins.db was made, or brought to the format that knows hours. */
nanoseconds bins_made(const struct bins *bins);

/* The pair's number; 0: unknown, -1. */
int64_t bins_find_pair(
    struct bins *bins, const struct bins_key *key, struct error *err);
/* The pair's number, made when new (read-only: 0 when unknown); -1 on error. */
int64_t bins_pair(
    struct bins *bins, const struct bins_key *key, struct error *err);

/* One record, its metrics and outcome alone in a bundle. */
struct bins_record {
	nanoseconds start, end;
	enum outcome outcome;
	const struct bundle *bundle;
};
/* Merges it into the bin of step that holds its start. The manifest is borrowed
 * until bins_forget. 1: so that more is known of another record in it, too
 * (common/sides.h); 0, -1. */
int bins_add(struct bins *bins, int64_t pair, nanoseconds step,
    const struct manifest *manifest, const struct bins_record *record,
    struct error *err);
/* What is read below includes what is not committed yet, for the writer. After an error the bins are of no more use: opened again they are as they
 * were at the last commit. */
int bins_commit(struct bins *bins, uint64_t checkpoint, struct error *err);
/* How many bins have come into memory since the start. Of those that are written
 * BINS_ROOM stay, and others are read again from disk. */
uint64_t bins_arrived(const struct bins *bins);
#define BINS_ROOM 32768
/* Lets go of all manifests. Nothing may be uncommitted. */
void bins_forget(struct bins *bins);

/* Bins of [from, to) in order; each bundle is borrowed for the call. -1 on
 * error or when the callback returned -1 with err set. */
int bins_read(struct bins *bins, int64_t pair, nanoseconds step,
    const struct manifest *manifest, nanoseconds from, nanoseconds to,
    int (*bin)(void *arg, nanoseconds start, const struct bundle *bundle,
	struct error *err),
    void *arg, struct error *err);

/* The newest bin of [from, ..) that holds a finding: 1, 0: none, -1. */
struct bins_last {
	nanoseconds finding, tried; /* ends of its last finding and record */
	enum outcome outcome;       /* of the last finding */
	struct bundle *bundle;      /* all of the bin; the caller's to free */
	nanoseconds start;          /* of the bin */
};
int bins_last(struct bins *bins, int64_t pair, nanoseconds step,
    const struct manifest *manifest, nanoseconds from, struct bins_last *last,
    struct error *err);

/* Some of all pairs' bins that start then, of pairs after *after (0 at first) and
 * in their order: those that wants() takes, by the pair and the end of its last
 * finding. 1: there are more, 0, -1. For a reader. */
int bins_read_some(struct bins *bins, nanoseconds start, nanoseconds step,
    const struct manifest *manifest, int64_t *after,
    bool (*wants)(void *arg, int64_t pair, nanoseconds finding),
    int (*call)(void *arg, int64_t pair, const struct bins_last *bin,
	struct error *err),
    void *arg, struct error *err);

/* How far a pair's bins are in the history: the store's own bookmark. */
struct bins_standing {
	nanoseconds step;    /* 0: no bins yet */
	nanoseconds newest;  /* start of the newest bin */
	nanoseconds due;     /* start of the oldest bin that is not in the
	                        history; BINS_NONE */
	nanoseconds flushed; /* what starts before this is in the history */
	bool rebuild;        /* something before it has changed since */
	nanoseconds rolled;  /* the hours before this have their rows
	                        (rollup.h) */
	nanoseconds gone;    /* since then it is not in the fleet; 0: it is */
};
#define BINS_NONE INT64_MAX
void bins_standing(
    const struct bins *bins, int64_t pair, struct bins_standing *standing);
/* The same for a reader, who asks the database each time, for the writer goes on:
 * 1, 0: no such pair, -1. */
int bins_find_standing(struct bins *bins, int64_t pair,
    struct bins_standing *standing, struct error *err);
/* Of the pairs of these names, in whichever family, that of the one with the
 * newest bin; 0: none is known, -1. */
int bins_newest_family(
    struct bins *bins, const struct bins_key *names, struct error *err);
/* Bins that start before `upto` are in the history as they are now. */
int bins_set_flushed(
    struct bins *bins, int64_t pair, nanoseconds upto, struct error *err);
/* Asks for a rebuild although nothing changed: the file is not what it was. */
void bins_set_rebuild(struct bins *bins, int64_t pair);

/* Bins that start before `before` (of whole days, never falling) and are in the
 * history and in hours and days are forgotten, a minute's worth of them at each
 * call: 1: there are more, 0: done, -1. A record of that time that comes later
 * still is too late for the history; it becomes no bin but a part of its rows
 * (rollup.h). */
int bins_expire(struct bins *bins, nanoseconds before, struct error *err);
nanoseconds bins_horizon(const struct bins *bins); /* the last such instant */
bool bins_expired(const struct bins *bins); /* all that can go has gone */
/* The same for a reader, of now. */
int bins_find_horizon(
    struct bins *bins, nanoseconds *horizon, struct error *err);
/* Where a pair's history ends and its bins go on, for a reader; BINS_NONE: there
 * is no such pair. */
int bins_find_flushed(struct bins *bins, const struct bins_key *key,
    nanoseconds *flushed, struct error *err);
/* Have all bins of a pair that are there one step? 1, 0, -1. */
int bins_has_one_step(struct bins *bins, int64_t pair, struct error *err);
/* Calls back with each pair, number and key. */
int bins_each(struct bins *bins,
    void (*pair)(void *arg, int64_t number, const struct bins_key *key),
    void *arg, struct error *err);

/*
 * Pairs that have left the fleet. A record ends that by itself.
 */

/* Since then; 0: it is there. Committed as all else. */
void bins_set_gone(struct bins *bins, int64_t pair, nanoseconds since);
/* Calls back with each of them in the order of their names, since when it is gone
 * and when its newest bin begins. For everybody. */
int bins_each_gone(struct bins *bins,
    void (*call)(void *arg, const struct bins_key *key, nanoseconds since,
	nanoseconds last),
    void *arg, struct error *err);
/* Has it no bins any more? */
bool bins_are_gone(const struct bins *bins, int64_t pair);
/* Forgets a pair's hours and days, some at each call: 1: there are more, 0, -1 */
int bins_forget_rows(struct bins *bins, int64_t pair, struct error *err);
/* Forgets that there was such a pair; it has neither bins nor rows. */
int bins_forget_pair(struct bins *bins, int64_t pair, struct error *err);
/* Its names: 1, 0: there is no such pair, -1 */
int bins_find_key(
    struct bins *bins, int64_t pair, struct bins_key *key, struct error *err);
/* What a test is measured with, for when it has left the fleet, too; tests that
 * no pair is of are forgotten. */
int bins_note_test(
    struct bins *bins, const char *test, const char *probe, struct error *err);
int bins_forget_tests(struct bins *bins, struct error *err);
/* That, and the step of the newest of its pairs: 1, 0: unknown, -1. */
int bins_find_test(struct bins *bins, const char *test,
    char probe[static NAME_TEXT], nanoseconds *step, struct error *err);

/*
 * Boxes that have other names: pairs follow, with all that is kept of them here,
 * in one transaction. It also says which histories are to be moved; whoever
 * moves them says how far that is. Nothing may be uncommitted.
 */

enum bins_phase { BINS_MOVED, BINS_LEAVING, BINS_ARRIVING };
/* The renames of one revision, one newer than those before. What was kept under
 * a pair's new names is put aside under names that no box has. The phase is
 * BINS_LEAVING then. */
int bins_follow(struct bins *bins, const struct rename *list, size_t count,
    struct error *err);
/* The last such revision (0: none), and how far its moves are. */
int bins_followed(struct bins *bins, int64_t *revision, enum bins_phase *phase,
    struct error *err);
/* BINS_MOVED forgets the moves. */
int bins_set_phase(struct bins *bins, enum bins_phase phase, struct error *err);
int bins_each_move(struct bins *bins,
    int (*move)(void *arg, const struct bins_key *was,
	const struct bins_key *now, struct error *err),
    void *arg, struct error *err);

#endif
