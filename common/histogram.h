/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * histogram.h - a sparse, signed, log-linear histogram of nanoseconds.
 *
 * Buckets are of v = sample - base. Bucket(v) = v for 0 <= v < 64, else
 * 32 e + (v >> e) with e = floor(log2 v) - 5; negative v are mirrored: bucket
 * -bucket(-v). So a bucket is at most 1/32 of v wide. Merging histograms of
 * unequal bases moves the midpoints of one to the lower base. No limit on the
 * range; the JSON is [[bucket, count], ...], rising.
 */
#ifndef PHAROS_COMMON_HISTOGRAM_H
#define PHAROS_COMMON_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct json_object;

struct histogram_bin {
	int32_t bucket;
	uint32_t count;
};

struct histogram {
	int64_t base;               /* a multiple of HISTOGRAM_BASE */
	struct histogram_bin *bins; /* sorted by bucket, no empty ones */
	size_t size, room;
};

#define HISTOGRAM_BASE (INT64_C(1) << 20)

int32_t histogram_bucket(int64_t v);
/* Lowest value of a bucket, and its midpoint (rounded towards zero). */
int64_t histogram_lowest(int32_t bucket);
int64_t histogram_middle(int32_t bucket);

void histogram_clear(struct histogram *h); /* frees what it holds */
/* Of samples sorted upwards; the base is the first rounded down. */
void histogram_fill(struct histogram *h, const int64_t *sorted, size_t n);
void histogram_merge(struct histogram *into, const struct histogram *from);
uint64_t histogram_count(const struct histogram *h);
/* Middle of the bucket that holds the smallest x with F(x) >= q, 0 < q <= 1;
 * nanoseconds. h must not be empty. */
int64_t histogram_quantile(const struct histogram *h, double q);
struct json_object *histogram_json(const struct histogram *h); /* bins only */
int histogram_parse(struct histogram *h, int64_t base, struct json_object *bins,
    struct error *err);

#endif
