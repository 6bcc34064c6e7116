/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rollup_row.h - rows as they lie in the table "rollup"; for rollup*.c and
 * bins*.c alone.
 *
 * A row's id is the pair's number, one bit for a day, and which hour or day
 * since 1970, so that a pair's hours lie together in order. What it holds is
 * JSON, {"bundle":.., "worst":{METRIC:[value, start]}}, packed by zstd, beside
 * the number of bins.
 */
#ifndef PHAROS_COLLECTOR_ROLLUP_ROW_H
#define PHAROS_COLLECTOR_ROLLUP_ROW_H

#include <stddef.h>

#include "collector/rollup.h"

struct bins_place;

#define ROLLUP_INDEX_BITS 25 /* hours until the year 5797 */

struct rollup_key {
	int64_t pair;
	nanoseconds row, start;
};

int64_t rollup_id(const struct rollup_key *key);

/* free() it */
void *rollup_pack(const struct rollup *rollup, size_t *length);
struct rollup *rollup_unpack(const struct manifest *manifest, int64_t bins,
    const void *data, size_t length, struct error *err);
/* A row of a step has no more bins than fit. */
void rollup_limit(struct rollup *rollup, uint64_t bins);

/* The row in the database: 1, new and the caller's; 0: none, -1. One that is
 * damaged is none, with a warning. */
int rollup_load(struct bins *bins, const struct rollup_key *key,
    const struct manifest *manifest, struct rollup **rollup, struct error *err);
int rollup_save(struct bins *bins, const struct rollup_key *key,
    const struct rollup *rollup, struct error *err);
/* Bins of [from, to) merged, those of more than an hour or the others. */
int rollup_gather(struct bins *bins, int64_t pair, bool long_ones,
    const struct manifest *manifest, nanoseconds from, nanoseconds to,
    struct rollup *into, struct error *err);
/* Rows of the hours that start in [from, to) merged. */
int rollup_gather_hours(struct bins *bins, int64_t pair,
    const struct manifest *manifest, nanoseconds from, nanoseconds to,
    struct rollup *into, struct error *err);

/* A pair's hour as rollup_note has gathered it, when that is all of it: 1, the
 * caller's; 0: it is to be gathered, -1. */
int rollup_take_hour(struct bins *bins, int64_t pair, nanoseconds start,
    struct rollup **rollup, struct error *err);
/* It is no longer what its bins are. */
void rollup_leave_hour(struct bins_place *place);

/* Merges what bins_add has put aside into its rows; part of a commit. */
int rollup_take_late(struct bins *bins, struct error *err);

#endif
