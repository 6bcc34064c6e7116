/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store.h - the process that turns the journal into bins, histories and
 * matrices, and archives every record.
 *
 * A slice of journal entries goes into bins, which are committed with the
 * number of the last entry; then the matrices are told, and the parent. Between
 * slices windows are made again and bins that are complete go into histories.
 * Where many records wait, bins go there before they leave the memory, and few of
 * one pair not before the journal is drained.
 *
 * The archive is committed less often, with a number of its own. The journal is
 * read from the lower of the two, and each passes over what it has.
 */
#ifndef PHAROS_COLLECTOR_STORE_H
#define PHAROS_COLLECTOR_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "collector/bins.h"
#include "collector/board.h"
#include "collector/journal.h"
#include "common/clock.h"
#include "common/steady.h"

struct archive;
struct channel;
struct collector_settings;
struct event;
struct event_base;
struct error;
struct tree;
struct fleet;
struct fleet_keep;

/* Pairs that are not in the fleet, and how far they have been seen to. */
struct store_departed {
	int64_t *pairs;
	size_t count, room, at;
	nanoseconds looked; /* the bins' horizon then; 0: not yet */
};

struct store {
	struct collector_settings *settings;
	struct event_base *base;
	struct channel *parent;
	struct event *work, *beat;
	struct bins *bins;
	struct archive *archive;
	struct board *board; /* NULL: there has been no fleet yet */
	struct journal_reader *reader;
	struct tree *tree; /* the record that is read */
	char *rrd;         /* the histories' folder */
	uint64_t at;       /* the last entry that was read */
	struct error *err; /* why the loop ended */
	bool failed;
	bool changed;          /* the bins have something to commit */
	nanoseconds committed; /* monotonic: when that was done last */
	nanoseconds behind;    /* how long ago the entry came that is read */
	uint64_t passed_over;  /* records since the start */
	int64_t sought;        /* the newest fleet that a record spoke of */
	nanoseconds spare;     /* monotonic: time for other than records */
	size_t swept;          /* cells whose history has been seen to */
	size_t unsought;       /* cells whose last finding may be sought */
	nanoseconds sweep;     /* monotonic: when the next sweep begins */
	uint64_t arrived;      /* bins, when this one began */
	bool hurries;          /* it is for cells with many bins alone */
	nanoseconds expire;    /* monotonic: when the archive is looked over */
	struct store_departed departed;
	struct steady steady; /* by which things become old, and complete */
	nanoseconds seen;     /* wall-clock, when last looked at */
};

/* Up to where the sinks are. */
void store_tell_parent(struct store *store);
/* The bins, if they have changed, with all that follows from it. */
int store_commit(struct store *store, struct error *err);
/* The time by which things become old: a clock that leaps is not followed. */
nanoseconds store_steady(struct store *store);

/* One entry of the journal into the bins; one that the fleet has no pair for is
 * passed over. STORE_BEHIND: not yet, for it was made by the plan of a fleet
 * newer than the board's; said once of each revision. */
enum store_taking { STORE_TAKEN, STORE_BEHIND, STORE_FAILED };
enum store_taking store_take(
    struct store *store, const struct journal_entry *entry, struct error *err);
/* After a commit: what is new goes into the matrices. */
void store_tell(struct store *store, nanoseconds now);

/* STATE/fleet.json is another: the board, and all that go by it, follow. A fleet
 * that cannot be read leaves the last one standing. */
int store_load_board(struct store *store, struct error *err);

/* A cell's windows are to be made again, as soon as their pace allows. */
void store_wake_windows(
    struct store *store, struct cell *cell, nanoseconds now);
/* Brings a new board's cells and matrices to what the bins hold. */
int store_restore(struct store *store, struct error *err);
/* In the archive the last findings of cells of new matrices that neither the
 * matrix before nor the bins knew, until the deadline (monotonic). True when
 * there are more. */
bool store_look_back(struct store *store, nanoseconds deadline);
/* Makes windows again whose time has come, until the deadline (monotonic).
 * True when there are more. */
bool store_make_windows(struct store *store, nanoseconds deadline);

/* Bins that are complete go into their histories, likewise. */
bool store_flush(struct store *store, nanoseconds deadline);
/* So many bins have come that they will soon have left the memory: to write them
 * now saves reading them again. */
bool store_is_crowded(const struct store *store);
/* All of a cell's bins go there, complete or not: no more will come of this
 * step. */
void store_flush_cell(struct store *store, struct cell *cell);

/* Of the board that is new: who is not in it, from now on. */
int store_look_who_left(struct store *store, struct error *err);
/* Once a day: what is too old of them is forgotten, until the deadline. 1: there
 * is more, 0, -1 */
int store_see_to_departed(
    struct store *store, nanoseconds deadline, struct error *err);
/* A pair's hours and days that are older than that go. */
int store_expire_rows(struct store *store, int64_t pair,
    const struct fleet_keep *keep, struct error *err);

/* Bins and histories follow what the fleet calls its boxes now. */
int store_follow(
    struct store *store, const struct fleet *fleet, struct error *err);
/* Opens the archive; where the journal in this folder begins too late for it,
 * says so. */
int store_archive_open(
    struct store *store, const char *journal, struct error *err);
/* What it holds in memory goes to disk now. */
int store_archive_commit(struct store *store, struct error *err);
/* Merges in it and forgets what is too old or too much, a little at a time.
 * True when there is more. */
bool store_archive_tidy(struct store *store);

/* A cell's pair by name. */
void store_key(
    const struct store *store, const struct cell *cell, struct bins_key *key);

#endif
