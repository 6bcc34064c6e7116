/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bins_anew.h - tables of bins.db made again beside those there are, which they
 * replace at once. For rebuild*.c and bins*.c alone.
 *
 * What is being made may be committed on the way: nobody sees it, and the next
 * who opens bins.db forgets what was not finished.
 */
#ifndef PHAROS_COLLECTOR_BINS_ANEW_H
#define PHAROS_COLLECTOR_BINS_ANEW_H

#include "collector/bins.h"
#include "collector/bins_cache.h"
#include "collector/rollup_row.h"

int bins_anew_drop(struct bins *bins, struct error *err);
/* Empty tables beside "rollup" and "bin", and no pair has been made. */
int bins_anew_begin(struct bins *bins, struct error *err);
/* The pair has been made; of all others everything stays. */
int bins_anew_pair(struct bins *bins, int64_t pair, struct error *err);
/* 1, 0: it has not, -1 */
int bins_anew_has(struct bins *bins, int64_t pair, struct error *err);
int bins_anew_row(struct bins *bins, const struct rollup_key *key,
    const struct rollup *rollup, struct error *err);
/* A pair's rows that start before this, as far as there are any, are those
 * that there were. before: of whole days. */
int bins_anew_keep_rows(
    struct bins *bins, int64_t pair, nanoseconds before, struct error *err);
int bins_anew_bin(struct bins *bins, const struct bin *bin, struct error *err);
/* The same for all bins. */
int bins_anew_keep_bins(
    struct bins *bins, nanoseconds before, struct error *err);
/* Puts the new table into its place, and commits that. */
int bins_anew_end_rows(struct bins *bins, struct error *err);
int bins_anew_end_bins(
    struct bins *bins, uint64_t checkpoint, struct error *err);
/* How a pair stands, that has these bins now: of its step, from first to last.
 * first BINS_NONE: they have left, and last was the last of them. Where nothing
 * was known of it, all before the horizon is in its history and its rows. */
int bins_anew_standing(struct bins *bins, int64_t pair, nanoseconds step,
    nanoseconds first, nanoseconds last, struct error *err);
/* Bins before this are not to be had, in a bins.db that is new. */
void bins_anew_horizon(struct bins *bins, nanoseconds horizon);

#endif
