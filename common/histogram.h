/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * histogram.h - a sparse, signed, log-linear histogram of nanoseconds.
 *
 * Buckets are of v = sample - base. Bucket(v) = v for 0 <= v < 64, else
 * 32 e + (v >> e) with e = floor(log2 v) - 5; negative v are mirrored: bucket
 * -bucket(-v). So a bucket is at most 1/32 of v wide. Merging histograms of
 * unequal bases moves the midpoints of one to the lower base: however many are
 * merged, and in whatever order, the counts add up and base and total are the
 * same; with one base the bins are too. No limit on the range; a count stays
 * at UINT32_MAX when it gets there. The JSON is [[bucket, count], ...], rising.
 *
 * A struct histogram of zeros is an empty one.
 */
#ifndef PHAROS_COMMON_HISTOGRAM_H
#define PHAROS_COMMON_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct json_object;
struct tree_node;

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
#define HISTOGRAM_LAST 1887 /* the bucket of INT64_MAX */

int32_t histogram_bucket(int64_t v);
/* Lowest value of a bucket, and its midpoint (rounded towards zero); bucket is
 * within -HISTOGRAM_LAST and HISTOGRAM_LAST. */
int64_t histogram_lowest(int32_t bucket);
int64_t histogram_middle(int32_t bucket);

void histogram_clear(struct histogram *h); /* frees what it holds */
/* Of samples sorted upwards; the base is the first rounded down. */
void histogram_fill(struct histogram *h, const int64_t *sorted, size_t n);
void histogram_merge(struct histogram *into, const struct histogram *from);
uint64_t histogram_count(const struct histogram *h);
/* Which of n values, counted from the smallest as 1, is the smallest x with
 * F(x) >= q (RFC 2330 section 11.3); 0 < q <= 1, n > 0. */
uint64_t histogram_rank(uint64_t n, double q);
/* Middle of the bucket that holds the value of that rank, nanoseconds. h must
 * not be empty. */
int64_t histogram_at(const struct histogram *h, uint64_t rank);
/* Middle of the bucket that holds the smallest x with F(x) >= q, 0 < q <= 1;
 * nanoseconds. h must not be empty. */
int64_t histogram_quantile(const struct histogram *h, double q);
struct json_object *histogram_json(const struct histogram *h); /* bins only */
/* Replaces what h holds; leaves it empty on error. */
int histogram_parse(struct histogram *h, int64_t base, struct json_object *bins,
    struct error *err);
int histogram_read(struct histogram *h, int64_t base,
    const struct tree_node *bins, struct error *err);

#endif
