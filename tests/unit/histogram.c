/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/histogram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "common/error.h"

/* A small generator with a seed that failing tests print. */
static uint64_t
next(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (*seed >> 11);
}

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return ((x > y) - (x < y));
}

/* n delays of one to about a thousand milliseconds, log-uniform */
static void
fill_random(struct histogram *h, int64_t *samples, size_t n, uint64_t *seed)
{
	for (size_t i = 0; i < n; i++)
		samples[i] =
		    1000000 + (int64_t)(next(seed) >> (13 + next(seed) % 20));
	qsort(samples, n, sizeof(*samples), compare);
	histogram_fill(h, samples, n);
}

static void
assert_equal_bins(const struct histogram *a, const struct histogram *b)
{
	assert_int_equal(a->base, b->base);
	assert_int_equal(a->size, b->size);
	assert_memory_equal(a->bins, b->bins, a->size * sizeof(*a->bins));
}

static void
buckets_follow_the_formula(void **state)
{
	assert_int_equal(histogram_bucket(0), 0);
	assert_int_equal(histogram_bucket(63), 63);
	assert_int_equal(histogram_bucket(64), 64);
	assert_int_equal(histogram_bucket(65), 64);
	assert_int_equal(histogram_bucket(127), 95);
	assert_int_equal(histogram_bucket(128), 96);
	assert_int_equal(histogram_bucket(1000000), 32 * 14 + (1000000 >> 14));
	assert_int_equal(histogram_bucket(INT64_MAX), HISTOGRAM_LAST);
	assert_int_equal(histogram_bucket(-1), -1);
	assert_int_equal(histogram_bucket(-65), -64);
	assert_int_equal(histogram_bucket(INT64_MIN), -HISTOGRAM_LAST);
}

static void
buckets_tile_the_line(void **state)
{
	int64_t width;

	for (int32_t b = -HISTOGRAM_LAST; b <= HISTOGRAM_LAST; b++) {
		int64_t least = histogram_lowest(b);
		int64_t middle = histogram_middle(b);

		assert_int_equal(histogram_bucket(least), b);
		assert_int_equal(histogram_bucket(middle), b);
		if (b == -HISTOGRAM_LAST)
			continue;
		assert_int_equal(histogram_bucket(least - 1), b - 1);
		if (b < 64 || b == HISTOGRAM_LAST)
			continue;
		width = histogram_lowest(b + 1) - least;
		assert_true(width * 32 <= least);
		assert_int_equal(middle, least + (width - 1) / 2);
		assert_int_equal(histogram_middle(-b), -middle);
	}
}

static void
base_is_the_minimum_rounded_down(void **state)
{
	static const int64_t delay[] = {35651590, 35651600, 36000000};
	static const int64_t early[] = {-5, 3};
	static const int64_t extreme[] = {INT64_MIN, 0, INT64_MAX};
	struct histogram h = {0};

	histogram_fill(&h, delay, 3);
	assert_int_equal(h.base, 35651584);
	assert_int_equal(h.bins[0].bucket, 6);
	histogram_fill(&h, early, 2);
	assert_int_equal(h.base, -HISTOGRAM_BASE);
	assert_int_equal(histogram_count(&h), 2);
	histogram_fill(&h, extreme, 3);
	assert_int_equal(h.base, INT64_MIN);
	assert_int_equal(histogram_count(&h), 3);
	histogram_fill(&h, NULL, 0);
	assert_int_equal(histogram_count(&h), 0);
	histogram_clear(&h);
}

static void
rank_is_the_smallest_with_enough_below(void **state)
{
	assert_int_equal(histogram_rank(20, 0.95), 19);
	assert_int_equal(histogram_rank(100, 0.99), 99);
	assert_int_equal(histogram_rank(6, 0.25), 2);
	assert_int_equal(histogram_rank(6, 0.5), 3);
	assert_int_equal(histogram_rank(1, 0.01), 1);
	assert_int_equal(histogram_rank(7, 1), 7);
	for (unsigned n = 1; n < 3000; n++)
		for (unsigned q = 1; q <= 100; q++)
			assert_int_equal(histogram_rank(n, q / 100.0),
			    ((uint64_t)q * n + 99) / 100);
}

static void
quantile_is_within_a_32nd(void **state)
{
	static const double levels[] = {0.01, 0.05, 0.25, 0.5, 0.95, 0.99, 1};
	struct histogram h = {0};
	int64_t samples[500];
	uint64_t seed = 20261121;

	for (size_t round = 0; round < 200; round++) {
		size_t n = 1 + next(&seed) % 500;

		fill_random(&h, samples, n, &seed);
		for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++) {
			int64_t exact =
			    samples[histogram_rank(n, levels[i]) - 1];
			int64_t got = histogram_quantile(&h, levels[i]);
			int64_t v = exact - h.base;

			assert_true(llabs(got - exact) * 32 <= v);
		}
	}
	histogram_clear(&h);
}

static void
merging_one_base_is_filling_at_once(void **state)
{
	struct histogram parts[3] = {{0}}, whole = {0}, sum = {0};
	int64_t all[600];
	uint64_t seed = 7;

	for (size_t i = 0; i < 600; i++)
		all[i] = 5 * HISTOGRAM_BASE + (int64_t)(next(&seed) % 1000000);
	for (size_t i = 0; i < 3; i++) {
		qsort(all + 200 * i, 200, sizeof(*all), compare);
		histogram_fill(&parts[i], all + 200 * i, 200);
	}
	qsort(all, 600, sizeof(*all), compare);
	histogram_fill(&whole, all, 600);
	for (size_t first = 0; first < 3; first++) {
		histogram_clear(&sum);
		for (size_t i = 0; i < 3; i++)
			histogram_merge(&sum, &parts[(first + i) % 3]);
		assert_equal_bins(&sum, &whole);
	}
	for (size_t i = 0; i < 3; i++)
		histogram_clear(&parts[i]);
	histogram_clear(&whole);
	histogram_clear(&sum);
}

/* Merges parts in the order of a shuffle; 120 samples each. */
static void
merge_shuffled(struct histogram *sum, struct histogram *parts, size_t count,
    uint64_t *seed)
{
	for (size_t i = count; i > 1; i--) {
		size_t k = next(seed) % i;
		struct histogram held = parts[i - 1];

		parts[i - 1] = parts[k];
		parts[k] = held;
	}
	for (size_t i = 0; i < count; i++)
		histogram_merge(sum, &parts[i]);
}

static void
merging_in_any_order_keeps_every_sample(void **state)
{
	struct histogram parts[8] = {{0}}, sum = {0};
	int64_t samples[8 * 120];
	uint64_t seed = 42;

	for (size_t i = 0; i < 8; i++)
		fill_random(&parts[i], samples + 120 * i, 120, &seed);
	qsort(samples, 8 * 120, sizeof(*samples), compare);
	for (size_t round = 0; round < 50; round++) {
		int64_t exact, got;

		histogram_clear(&sum);
		merge_shuffled(&sum, parts, 8, &seed);
		assert_int_equal(histogram_count(&sum), 8 * 120);
		assert_int_equal(sum.base, samples[0] & ~(HISTOGRAM_BASE - 1));
		exact = samples[histogram_rank(8 * 120, 0.5) - 1];
		got = histogram_quantile(&sum, 0.5);
		/* a bucket's half width for each time that it moved */
		assert_true(llabs(got - exact) * 4 <= exact - sum.base);
		for (size_t i = 1; i < sum.size; i++)
			assert_true(
			    sum.bins[i - 1].bucket < sum.bins[i].bucket);
	}
	for (size_t i = 0; i < 8; i++)
		histogram_clear(&parts[i]);
	histogram_clear(&sum);
}

static void
full_bin_stays_full(void **state)
{
	struct histogram_bin bin = {3, UINT32_MAX - 1};
	struct histogram h = {0}, more = {.bins = &bin, .size = 1};

	histogram_merge(&h, &more);
	histogram_merge(&h, &more);
	assert_int_equal(h.size, 1);
	assert_int_equal(h.bins[0].count, UINT32_MAX);
	histogram_clear(&h);
}

static void
json_reads_back_the_same(void **state)
{
	static const int64_t samples[] = {2000000, 2000001, 2000001, 9000000};
	struct histogram h = {0}, back = {0};
	json_object *json;

	histogram_fill(&h, samples, 4);
	json = histogram_json(&h);
	assert_int_equal(histogram_parse(&back, h.base, json, NULL), 0);
	assert_equal_bins(&h, &back);
	json_object_put(json);
	histogram_clear(&h);
	histogram_clear(&back);
}

static void
impossible_bins_are_refused(void **state)
{
	static const char *const bad[] = {"{}", "[1,2]", "[[1]]", "[[1,2,3]]",
	    "[[1,0]]", "[[1,-4]]", "[[1,4294967296]]", "[[1888,1]]",
	    "[[-1888,1]]", "[[5,1],[5,1]]", "[[5,1],[4,1]]", "[[1.5,1]]",
	    "[[1,1.0]]", "[[\"1\",1]]", "[null]",
	    "[[99999999999999999999999,1]]"};
	struct histogram h = {0};
	struct error err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		json_object *json = json_tokener_parse(bad[i]);

		assert_non_null(json);
		err.text[0] = '\0';
		assert_int_equal(histogram_parse(&h, 0, json, &err), -1);
		assert_non_null(strstr(err.text, "expected"));
		assert_int_equal(h.size, 0);
		assert_null(h.bins);
		json_object_put(json);
	}
	assert_int_equal(histogram_parse(&h, 12345, NULL, &err), -1);
	assert_non_null(strstr(err.text, "multiple"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(buckets_follow_the_formula),
	    cmocka_unit_test(buckets_tile_the_line),
	    cmocka_unit_test(base_is_the_minimum_rounded_down),
	    cmocka_unit_test(rank_is_the_smallest_with_enough_below),
	    cmocka_unit_test(quantile_is_within_a_32nd),
	    cmocka_unit_test(merging_one_base_is_filling_at_once),
	    cmocka_unit_test(merging_in_any_order_keeps_every_sample),
	    cmocka_unit_test(full_bin_stays_full),
	    cmocka_unit_test(json_reads_back_the_same),
	    cmocka_unit_test(impossible_bins_are_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
