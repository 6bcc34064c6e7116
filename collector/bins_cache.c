/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/bins_cache.h"

#include <stdlib.h>

#include "common/bundle.h"
#include "common/memory.h"

#define BUCKETS (2UL * BINS_ROOM) /* a power of two */

void
bin_free(struct bin *bin)
{
	if (bin == NULL)
		return;
	bundle_free(bin->bundle);
	free(bin);
}

void
bins_cache_fill(struct bins_cache *cache)
{
	*cache = (struct bins_cache){
	    .buckets = memory_new(BUCKETS, sizeof(*cache->buckets))};
	TAILQ_INIT(&cache->changed);
	TAILQ_INIT(&cache->clean);
}

static struct bin **
bucket_of(struct bins_cache *cache, const struct bin_key *key)
{
	uint64_t mix = (uint64_t)key->pair * UINT64_C(0x9e3779b97f4a7c15);

	mix ^= (uint64_t)(key->start / NS_PER_S) * UINT64_C(0xc2b2ae3d27d4eb4f);
	mix ^= mix >> 29;
	return (&cache->buckets[mix & (BUCKETS - 1)]);
}

static bool
is(const struct bin *bin, const struct bin_key *key)
{
	return (bin->key.pair == key->pair && bin->key.start == key->start &&
		bin->key.step == key->step);
}

static struct bin_list *
list_of(struct bins_cache *cache, const struct bin *bin)
{
	return (bin->changed ? &cache->changed : &cache->clean);
}

static void
drop(struct bins_cache *cache, struct bin *bin)
{
	struct bin **at = bucket_of(cache, &bin->key);

	while (*at != bin)
		at = &(*at)->chained;
	*at = bin->chained;
	TAILQ_REMOVE(list_of(cache, bin), bin, link);
	cache->size--;
	bin_free(bin);
}

void
bins_cache_empty(struct bins_cache *cache)
{
	struct bin *bin;

	while ((bin = TAILQ_FIRST(&cache->changed)) != NULL)
		drop(cache, bin);
	while ((bin = TAILQ_FIRST(&cache->clean)) != NULL)
		drop(cache, bin);
}

void
bins_cache_clear(struct bins_cache *cache)
{
	bins_cache_empty(cache);
	free(cache->buckets);
	cache->buckets = NULL;
}

struct bin *
bins_cache_find(struct bins_cache *cache, const struct bin_key *key)
{
	struct bin *bin = *bucket_of(cache, key);

	while (bin != NULL && !is(bin, key))
		bin = bin->chained;
	if (bin != NULL && !bin->changed) {
		TAILQ_REMOVE(&cache->clean, bin, link);
		TAILQ_INSERT_TAIL(&cache->clean, bin, link);
	}
	return (bin);
}

void
bins_cache_add(struct bins_cache *cache, struct bin *bin)
{
	struct bin **bucket = bucket_of(cache, &bin->key);

	bin->chained = *bucket;
	*bucket = bin;
	bin->changed = false;
	TAILQ_INSERT_TAIL(&cache->clean, bin, link);
	cache->size++;
	cache->added++;
}

void
bins_cache_change(struct bins_cache *cache, struct bin *bin)
{
	if (bin->changed)
		return;
	TAILQ_REMOVE(&cache->clean, bin, link);
	TAILQ_INSERT_TAIL(&cache->changed, bin, link);
	bin->changed = true;
}

void
bins_cache_settle(struct bins_cache *cache)
{
	struct bin *bin;

	TAILQ_FOREACH (bin, &cache->changed, link)
		bin->changed = false;
	TAILQ_CONCAT(&cache->clean, &cache->changed, link);
	while (cache->size > BINS_ROOM)
		drop(cache, TAILQ_FIRST(&cache->clean));
}
