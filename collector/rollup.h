/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rollup.h - each pair's hours and days: bins merged, kept for years.
 *
 * Rows lie in bins.db beside the bins and are committed with them, so a record
 * is in them exactly once. A row is merged from histograms, so its quantiles
 * are those of all its records; and it keeps the worst of its bins for each
 * ratio and each graded metric, so that a bad minute stays visible in a year.
 *
 * rollup_make makes an hour's row when its bins are complete, a day's when its
 * last hour is; both are made again when a bin of theirs has changed since. A
 * record older than the bins' horizon is merged into its rows by bins_commit.
 * A bin of more than an hour is in no hour, only in its day.
 */
#ifndef PHAROS_COLLECTOR_ROLLUP_H
#define PHAROS_COLLECTOR_ROLLUP_H

#include <stdbool.h>
#include <stdint.h>

#include "common/clock.h"

struct bins;
struct bundle;
struct error;
struct manifest;

#define ROLLUP_HOUR (3600 * NS_PER_S)
#define ROLLUP_DAY (86400 * NS_PER_S) /* UTC */

/* Any number of bins, merged. */
struct rollup;

/* The manifest is borrowed. */
struct rollup *rollup_new(const struct manifest *manifest);
void rollup_free(struct rollup *rollup); /* NULL is fine */
/* One bin, or what was merged from bins before. */
void rollup_add(
    struct rollup *rollup, nanoseconds start, const struct bundle *bundle);
void rollup_merge(struct rollup *into, const struct rollup *from);
const struct bundle *rollup_bundle(const struct rollup *rollup);
uint64_t rollup_bins(const struct rollup *rollup);
/* The worst bin's value of a ratio, or of a graded metric's usual statistic,
 * and the bin's start. False: the metric is neither, or unmeasured. */
bool rollup_worst(const struct rollup *rollup, const char *metric,
    double *value, nanoseconds *start);

/* Makes what is missing of the rows that end by `upto`; bins of that time are
 * complete. */
int rollup_make(struct bins *bins, int64_t pair,
    const struct manifest *manifest, nanoseconds upto, struct error *err);
/* A bin of the pair's step on its way into the history, one after the other;
 * those of [from, start) have come this way or are not there. What the last
 * hour is made of need not be read again then. */
void rollup_note(struct bins *bins, int64_t pair,
    const struct manifest *manifest, nanoseconds from, nanoseconds start,
    const struct bundle *bundle);
/* As if they were made: nobody wants them. */
void rollup_skip(struct bins *bins, int64_t pair, nanoseconds upto);
/* Rows of an hour or a day that start in [from, to), in order; what is not made
 * yet is merged from bins for the call. What is not committed is in no row. -1
 * on error or when the callback returned -1 with err set. */
int rollup_read(struct bins *bins, int64_t pair, nanoseconds row,
    const struct manifest *manifest, nanoseconds from, nanoseconds to,
    int (*call)(void *arg, nanoseconds start, const struct rollup *rollup,
	struct error *err),
    void *arg, struct error *err);
/* Forgets a pair's rows of an hour or a day that start before this. */
int rollup_expire(struct bins *bins, int64_t pair, nanoseconds row,
    nanoseconds before, struct error *err);

#endif
