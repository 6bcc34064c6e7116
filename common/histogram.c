/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/histogram.h"

#include <assert.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/memory.h"
#include "common/tree.h"

#define LINEAR 64 /* buckets below are one nanosecond wide */
#define STEPS 32  /* buckets to each doubling above */

static int64_t
difference(int64_t a, int64_t b)
{
	int64_t d;

	if (!__builtin_sub_overflow(a, b, &d))
		return (d);
	return (a > b ? INT64_MAX : -INT64_MAX);
}

static int64_t
total(int64_t a, int64_t b)
{
	int64_t sum;

	if (!__builtin_add_overflow(a, b, &sum))
		return (sum);
	return (a > 0 ? INT64_MAX : INT64_MIN);
}

int32_t
histogram_bucket(int64_t v)
{
	int e;

	if (v < 0)
		return (-histogram_bucket(v == INT64_MIN ? INT64_MAX : -v));
	if (v < LINEAR)
		return ((int32_t)v);
	e = 63 - __builtin_clzll((unsigned long long)v) - 5;
	return (STEPS * e + (int32_t)(v >> e));
}

/* The lowest value of a bucket that is not negative, and its width. */
static int64_t
floor_of(int32_t bucket, int64_t *width)
{
	int e = bucket < LINEAR ? 0 : bucket / STEPS - 1;

	assert(bucket >= 0 && bucket <= HISTOGRAM_LAST);
	*width = INT64_C(1) << e;
	return ((int64_t)(bucket - STEPS * e) << e);
}

int64_t
histogram_lowest(int32_t bucket)
{
	int64_t least, width;

	if (bucket >= 0)
		return (floor_of(bucket, &width));
	least = floor_of(-bucket, &width);
	return (-(least + (width - 1)));
}

int64_t
histogram_middle(int32_t bucket)
{
	int64_t least, width;

	if (bucket < 0)
		return (-histogram_middle(-bucket));
	least = floor_of(bucket, &width);
	return (least + (width - 1) / 2);
}

void
histogram_clear(struct histogram *h)
{
	free(h->bins);
	*h = (struct histogram){0};
}

/* Adds at the end: bucket is not below any that is there. */
static void
append(struct histogram *h, int32_t bucket, uint32_t count)
{
	struct histogram_bin *last;

	if (h->size > 0 && h->bins[h->size - 1].bucket == bucket) {
		last = &h->bins[h->size - 1];
		if (__builtin_add_overflow(last->count, count, &last->count))
			last->count = UINT32_MAX;
		return;
	}
	if (h->size == h->room) {
		h->room = h->room > 0 ? 2 * h->room : 8;
		h->bins = memory_resize(h->bins, h->room, sizeof(*h->bins));
	}
	h->bins[h->size++] = (struct histogram_bin){bucket, count};
}

void
histogram_fill(struct histogram *h, const int64_t *sorted, size_t n)
{
	histogram_clear(h);
	if (n == 0)
		return;
	h->base = sorted[0] & ~(HISTOGRAM_BASE - 1);
	for (size_t i = 0; i < n; i++)
		append(h, histogram_bucket(difference(sorted[i], h->base)), 1);
}

/* The bucket for a lower base of what lies in this one. */
static int32_t
moved(int32_t bucket, int64_t by)
{
	if (by == 0)
		return (bucket);
	return (histogram_bucket(total(histogram_middle(bucket), by)));
}

void
histogram_merge(struct histogram *into, const struct histogram *from)
{
	struct histogram sum = {0}, old = *into;
	int64_t up_old, up_from;
	size_t i = 0, k = 0;

	if (from->size == 0)
		return;
	sum.base = from->base;
	if (old.size > 0 && old.base < from->base)
		sum.base = old.base;
	up_old = difference(old.base, sum.base);
	up_from = difference(from->base, sum.base);
	while (i < old.size || k < from->size) {
		int32_t a = INT32_MAX, b = INT32_MAX;

		if (i < old.size)
			a = moved(old.bins[i].bucket, up_old);
		if (k < from->size)
			b = moved(from->bins[k].bucket, up_from);
		if (a <= b)
			append(&sum, a, old.bins[i++].count);
		else
			append(&sum, b, from->bins[k++].count);
	}
	free(old.bins);
	*into = sum;
}

uint64_t
histogram_count(const struct histogram *h)
{
	uint64_t n = 0;

	for (size_t i = 0; i < h->size; i++)
		n += h->bins[i].count;
	return (n);
}

uint64_t
histogram_rank(uint64_t n, double q)
{
	uint64_t rank = (uint64_t)ceil(q * (double)n);

	assert(n > 0 && q > 0 && q <= 1);
	if (rank > n)
		rank = n;
	/* 0.95 * 20 may come out above 19, but 19 / 20 is 0.95 exactly */
	while (rank > 1 && (double)(rank - 1) / (double)n >= q)
		rank--;
	return (rank);
}

int64_t
histogram_at(const struct histogram *h, uint64_t rank)
{
	uint64_t passed = 0;
	size_t i;

	assert(h->size > 0);
	for (i = 0; i < h->size - 1; i++) {
		passed += h->bins[i].count;
		if (passed >= rank)
			break;
	}
	return (total(h->base, histogram_middle(h->bins[i].bucket)));
}

int64_t
histogram_quantile(const struct histogram *h, double q)
{
	return (histogram_at(h, histogram_rank(histogram_count(h), q)));
}

struct json_object *
histogram_json(const struct histogram *h)
{
	json_object *bins = json_object_new_array_ext((int)h->size), *bin;

	for (size_t i = 0; i < h->size; i++) {
		bin = json_object_new_array_ext(2);
		json_object_array_add(
		    bin, json_object_new_int(h->bins[i].bucket));
		json_object_array_add(
		    bin, json_object_new_int64(h->bins[i].count));
		json_object_array_add(bins, bin);
	}
	return (bins);
}

/* A whole number of an array, or -1. */
static int
parse_whole(
    const struct tree_node *node, size_t i, int64_t *value, struct error *err)
{
	if (node->kind != TREE_WHOLE)
		return (error_set(err, "bins[%zu]: expected whole numbers", i));
	*value = tree_whole_of(node);
	return (0);
}

static int
parse_bin(struct histogram *h, const struct tree_node *bin, size_t i,
    struct error *err)
{
	int64_t b = 0, c = 0;

	if (bin->kind != TREE_ARRAY || bin->first == NULL ||
	    bin->first->next != bin->last || bin->first == bin->last)
		return (error_set(
		    err, "bins[%zu]: expected a pair [bucket, count]", i));
	if (parse_whole(bin->first, i, &b, err) == -1 ||
	    parse_whole(bin->last, i, &c, err) == -1)
		return (-1);
	if (b < -HISTOGRAM_LAST || b > HISTOGRAM_LAST)
		return (error_set(err,
		    "bins[%zu]: bucket %" PRId64 ", expected -%d to %d", i, b,
		    HISTOGRAM_LAST, HISTOGRAM_LAST));
	if (c < 1 || c > UINT32_MAX)
		return (error_set(err,
		    "bins[%zu]: count %" PRId64 ", expected 1 to %" PRIu32, i,
		    c, UINT32_MAX));
	if (h->size > 0 && h->bins[h->size - 1].bucket >= b)
		return (
		    error_set(err, "bins[%zu]: expected rising buckets", i));
	append(h, (int32_t)b, (uint32_t)c);
	return (0);
}

int
histogram_read(struct histogram *h, int64_t base, const struct tree_node *bins,
    struct error *err)
{
	size_t i = 0;

	histogram_clear(h);
	if ((base & (HISTOGRAM_BASE - 1)) != 0)
		return (error_set(err,
		    "base: %" PRId64 " ns, expected a multiple of %" PRId64,
		    base, HISTOGRAM_BASE));
	if (bins == NULL || bins->kind != TREE_ARRAY)
		return (error_set(err, "bins: expected an array"));
	h->base = base;
	for (bins = bins->first; bins != NULL; bins = bins->next, i++)
		if (parse_bin(h, bins, i, err) != 0) {
			histogram_clear(h);
			return (-1);
		}
	return (0);
}

int
histogram_parse(struct histogram *h, int64_t base, struct json_object *bins,
    struct error *err)
{
	struct tree *tree = tree_new();
	int result = histogram_read(h, base, tree_of(tree, bins, err), err);

	tree_free(tree);
	return (result);
}
