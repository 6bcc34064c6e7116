/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bins_file.h - what is behind struct bins; for bins*.c alone.
 */
#ifndef PHAROS_COLLECTOR_BINS_FILE_H
#define PHAROS_COLLECTOR_BINS_FILE_H

#include "collector/bins.h"
#include "collector/bins_cache.h"
#include "common/database.h"

struct rollup;
struct tree;

/* A pair's latest hour: its bins that start before upto, all of them, merged on
 * their way into the history. */
struct bins_hour {
	struct rollup *rollup; /* NULL: none is kept */
	nanoseconds start, upto;
};

struct bins_place {
	struct bins_standing standing;
	bool known;   /* such a pair exists */
	bool changed; /* since the last commit */
	struct bins_hour hour;
};

enum bins_statement {
	BINS_FIND_PAIR,
	BINS_LOAD,
	BINS_OLDEST,
	BINS_PLACE,
	BINS_STEPS,
	BINS_ROW,
	BINS_ROWS,
	BINS_AT,
	BINS_READS, /* a reader has those before */
	BINS_ADD_PAIR = BINS_READS,
	BINS_SAVE,
	BINS_SAVE_PLACE,
	BINS_SAVE_CHECKPOINT,
	BINS_FORGET,
	BINS_LEAVE_STEP,
	BINS_ADD_STEP,
	BINS_FORGET_STEPS,
	BINS_SAVE_ROW,
	BINS_FORGET_ROWS,
	BINS_STATEMENTS
};

/* A record too late for a bin: it waits for the commit. */
struct bins_late {
	struct bin_key key;
	size_t order; /* of arrival */
	const struct manifest *manifest;
	struct bundle *bundle;
};

struct bins {
	sqlite3 *db;
	sqlite3_stmt *statements[BINS_STATEMENTS];
	bool read_only;
	bool begun;          /* a transaction is open */
	uint64_t checkpoint; /* of the last commit */
	nanoseconds horizon;
	nanoseconds archived, made;
	nanoseconds oldest;  /* no bin starts before this */
	nanoseconds expired; /* how far the present expiry has come */
	struct bins_cache cache;
	struct tree *tree; /* the bin that is read */
	struct bins_late *late;
	size_t late_count, late_room;
	struct bins_place *places; /* by pair; the writer's */
	size_t place_count;
	int64_t last_pair; /* no number is given twice while this is open */
};

/* A bin from the database; new, the caller's: 1, 0: none, -1. */
int bins_load(struct bins *bins, const struct bin_key *key,
    const struct manifest *manifest, struct bin **bin, struct error *err);
/* The start of the oldest bin of all from here on; BINS_NONE. */
int bins_find_oldest(
    struct bins *bins, nanoseconds from, nanoseconds *start, struct error *err);
/* The same of one pair and its present step. */
int bins_find_next(struct bins *bins, int64_t pair, nanoseconds from,
    nanoseconds *start, struct error *err);
/* The writer's; made when there is none. */
struct bins_place *bins_place(struct bins *bins, int64_t pair);
int bins_load_places(struct bins *bins, struct error *err);
int bins_load_checkpoint(struct bins *bins, struct error *err);
/* All that is known besides bins, from the database. */
int bins_load_state(struct bins *bins, struct error *err);
int bins_begin(struct bins *bins, struct error *err);
/* 0: there is no such pair, -1 */
int64_t bins_find_pair(
    struct bins *bins, const struct bins_key *key, struct error *err);
void bins_clear_late(struct bins *bins);
/* The start of the bin that holds an instant. */
nanoseconds bins_start_of(nanoseconds instant, nanoseconds step);

#endif
