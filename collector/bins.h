/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bins.h - each pair's records, merged into bins of one step.
 *
 * Records arrive at random times and late; a record belongs to the bin that
 * holds its start. Bins are committed together with the journal's number up to
 * which they are made, so every record is counted exactly once. Other sinks
 * (rrd, latest) are caches of bins.
 *
 * STATE/bins.db; the store is its only writer.
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

struct bins_key {
	char test[NAME_TEXT], src[NAME_TEXT], dst[NAME_TEXT];
	int family; /* 4, 6 */
};

struct bins *bins_open(const char *path, bool read_only, struct error *err);
void bins_free(struct bins *bins);           /* NULL is fine */
uint64_t bins_checkpoint(struct bins *bins); /* journal number; 0: none yet */

/* The pair's number, made when new (read-only: 0 when unknown). */
int64_t bins_pair(
    struct bins *bins, const struct bins_key *key, struct error *err);
/* Merges one record's outcome and metrics into the bin of step that holds
 * start. */
int bins_add(struct bins *bins, int64_t pair, nanoseconds step,
    nanoseconds start, const struct manifest *manifest, enum outcome outcome,
    struct json_object *metrics, struct error *err);
/* What is read below includes what is not committed yet, for the writer. */
int bins_commit(struct bins *bins, uint64_t checkpoint, struct error *err);
/* Drops what lasted in the cache since the last commit, after an error. */
void bins_roll_back(struct bins *bins);

/* Bins of [from, to) in order; each bundle is borrowed for the call. -1 on
 * error or when the callback returned -1 with err set. */
int bins_read(struct bins *bins, int64_t pair, nanoseconds step,
    const struct manifest *manifest, nanoseconds from, nanoseconds to,
    int (*bin)(void *arg, nanoseconds start, const struct bundle *bundle,
	struct error *err),
    void *arg, struct error *err);

/* Which bins still have to go into the history: the store's own bookmark.
 * Bins older than `flushed` that change again mark the pair for rebuilding. */
int bins_set_flushed(
    struct bins *bins, int64_t pair, nanoseconds upto, struct error *err);
struct bins_due {
	int64_t pair;
	struct bins_key key;
	nanoseconds step,
	    flushed; /* bins from here on are not in the history */
	bool rebuild;
};
/* Pairs with a bin that ends at or before `before` and is not flushed. Count or
 * -1; free() *due. */
int bins_due(struct bins *bins, nanoseconds before, struct bins_due **due,
    struct error *err);
/* Forgets bins that started before this and are flushed. */
int bins_expire(struct bins *bins, nanoseconds before, struct error *err);

#endif
