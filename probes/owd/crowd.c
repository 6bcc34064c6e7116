/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owd/crowd.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/memory.h"

#define CELLS 4096 /* a power of two */

struct crowd_bucket {
	double tokens;
	nanoseconds at; /* when they were counted */
};

struct crowd_cell {
	uint32_t count;
	struct crowd_bucket bucket;
};

struct crowd {
	struct crowd_limits limits;
	uint8_t key[HASH_SIZE];
	struct crowd_bucket all;
	struct crowd_cell cells[CELLS];
};

struct crowd *
crowd_new(const struct crowd_limits *limits)
{
	struct crowd *crowd = memory_new(1, sizeof(*crowd));

	crowd->limits = *limits;
	hash_random(crowd->key, sizeof(crowd->key));
	crowd->all.tokens = limits->burst_of_all;
	for (size_t i = 0; i < CELLS; i++)
		crowd->cells[i].bucket.tokens = limits->burst;
	return (crowd);
}

void
crowd_free(struct crowd *crowd)
{
	free(crowd);
}

static struct crowd_cell *
find_cell(struct crowd *crowd, const union address *address)
{
	uint8_t digest[HASH_SIZE];
	bool four = address_family(address) == 4;

	if (four)
		hash_hmac(crowd->key, sizeof(crowd->key), &address->in.sin_addr,
		    4, digest);
	else
		hash_hmac(crowd->key, sizeof(crowd->key),
		    &address->in6.sin6_addr, 8, digest);
	return (&crowd->cells[(digest[0] << 8 | digest[1]) % CELLS]);
}

bool
crowd_enter(struct crowd *crowd, const union address *address)
{
	struct crowd_cell *cell = find_cell(crowd, address);

	if (cell->count >= crowd->limits.most)
		return (false);
	cell->count++;
	return (true);
}

void
crowd_leave(struct crowd *crowd, const union address *address)
{
	struct crowd_cell *cell = find_cell(crowd, address);

	assert(cell->count > 0);
	cell->count--;
}

/* How long until there is a token. */
static nanoseconds
fill(struct crowd_bucket *bucket, double burst, double rate, nanoseconds now)
{
	bucket->tokens += rate * clock_seconds(now - bucket->at);
	bucket->at = now;
	if (bucket->tokens > burst)
		bucket->tokens = burst;
	if (bucket->tokens >= 1)
		return (0);
	return (clock_of_seconds((1 - bucket->tokens) / rate) + 1);
}

bool
crowd_pass(struct crowd *crowd, const union address *address, nanoseconds now,
    nanoseconds *wait)
{
	const struct crowd_limits *limits = &crowd->limits;
	struct crowd_cell *cell = find_cell(crowd, address);
	nanoseconds own = fill(&cell->bucket, limits->burst, limits->rate, now);
	nanoseconds all =
	    fill(&crowd->all, limits->burst_of_all, limits->rate_of_all, now);

	*wait = own > all ? own : all;
	if (*wait > 0)
		return (false);
	cell->bucket.tokens--;
	crowd->all.tokens--;
	return (true);
}
