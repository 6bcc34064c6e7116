/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/emulator/late.h"

/* v below 32 has a bucket of its own, then 16 for each power of two. */
static unsigned
bucket_of(nanoseconds by)
{
	uint64_t v = (uint64_t)by;
	unsigned shift, bucket;

	if (v < 32)
		return ((unsigned)v);
	shift = 59 - (unsigned)__builtin_clzll(v);
	bucket = 16 * shift + (unsigned)(v >> shift);
	return (bucket < LATE_BUCKETS ? bucket : LATE_BUCKETS - 1);
}

static nanoseconds
lowest_of(unsigned bucket)
{
	unsigned shift;

	if (bucket < 32)
		return (bucket);
	shift = bucket / 16 - 1;
	return ((nanoseconds)(bucket - 16 * shift) << shift);
}

void
late_add(struct late *late, nanoseconds by)
{
	if (by < 0)
		by = 0;
	late->buckets[bucket_of(by)]++;
	late->count++;
	if (by > late->most)
		late->most = by;
}

nanoseconds
late_quantile(const struct late *late, double q)
{
	double wanted = q * (double)late->count;
	uint64_t seen = 0;

	for (unsigned i = 0; i < LATE_BUCKETS; i++) {
		seen += late->buckets[i];
		if (seen > 0 && (double)seen >= wanted)
			return (lowest_of(i));
	}
	return (0);
}
