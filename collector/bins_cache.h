/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bins_cache.h - bins in memory; for bins*.c alone.
 *
 * Bins that have changed stay until they are written, others make room when
 * there are too many, the longest unused first.
 */
#ifndef PHAROS_COLLECTOR_BINS_CACHE_H
#define PHAROS_COLLECTOR_BINS_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "collector/bins.h"

struct bin_key {
	int64_t pair;
	nanoseconds step, start;
};

struct bin {
	struct bin_key key;
	struct bundle *bundle;
	nanoseconds finding, tried; /* ends of the last ones; 0: none */
	enum outcome outcome;       /* of the last finding */
	bool changed;
	struct bin *chained;
	TAILQ_ENTRY(bin) link;
};
TAILQ_HEAD(bin_list, bin);

struct bins_cache {
	struct bin **buckets;
	size_t size;
	uint64_t added;          /* since the start */
	struct bin_list changed; /* in the order of their first change */
	struct bin_list clean;   /* the longest unused first */
};

void bin_free(struct bin *bin); /* NULL is fine */

void bins_cache_fill(struct bins_cache *cache);
void bins_cache_clear(struct bins_cache *cache);
/* Forgets all bins, changed or not. */
void bins_cache_empty(struct bins_cache *cache);
struct bin *bins_cache_find(
    struct bins_cache *cache, const struct bin_key *key);
/* Takes it over, unchanged; there must be none of this key. */
void bins_cache_add(struct bins_cache *cache, struct bin *bin);
void bins_cache_change(struct bins_cache *cache, struct bin *bin);
/* All has been written: nothing is changed any more, and there is room. */
void bins_cache_settle(struct bins_cache *cache);

#endif
