/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/rollup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common/log.h"
#include "tests/unit/rolled.h"
#include "tests/unit/sample.h"

static void
bins_become_hours_and_hours_days(void **state)
{
	struct binned *stage = *state;
	struct rolled seen;

	for (int i = 0; i < 120; i++)
		binned_add(stage, MIDNIGHT + i * MINUTE, i == 75 ? 3 : 10);
	rolled_upto(stage, MIDNIGHT + ROLLUP_DAY);
	seen = rolled_all(stage, ROLLUP_HOUR);
	assert_int_equal(seen.rows, 2);
	assert_int_equal(seen.first, MIDNIGHT);
	assert_int_equal(seen.last, MIDNIGHT + ROLLUP_HOUR);
	assert_true(seen.bins == 120 && seen.sent == 1200 && seen.lost == 7);
	assert_true(seen.n == 1193 && seen.max == 0.01);
	seen = rolled_all(stage, ROLLUP_DAY);
	assert_int_equal(seen.rows, 1);
	assert_true(seen.bins == 120 && seen.sent == 1200 && seen.lost == 7);
	assert_true(seen.worst == 0.7);
	assert_int_equal(seen.worst_start, MIDNIGHT + 75 * MINUTE);
}

static void
hour_that_is_not_made_is_read_from_bins(void **state)
{
	struct binned *stage = *state;
	struct rolled seen;

	for (int i = 0; i < 100; i++)
		binned_add(stage, MIDNIGHT + i * MINUTE, 9);
	rolled_upto(stage, MIDNIGHT + 99 * MINUTE);
	binned_commit(stage, 1);
	for (int read_only = 0; read_only < 2; read_only++) {
		seen = rolled_rows(
		    stage, ROLLUP_HOUR, MIDNIGHT, MIDNIGHT + 2 * ROLLUP_HOUR);
		assert_int_equal(seen.rows, 2);
		assert_true(seen.bins == 100 && seen.lost == 100);
		seen = rolled_all(stage, ROLLUP_DAY);
		assert_int_equal(seen.rows, 1);
		assert_true(seen.bins == 100 && seen.lost == 100);
		binned_reopen(stage, true);
	}
}

static void
bins_of_two_steps_make_one_hour(void **state)
{
	struct binned *stage = *state;

	for (int i = 0; i < 30; i++)
		binned_add(stage, MIDNIGHT + i * MINUTE, 10);
	for (int i = 0; i < 6; i++)
		binned_add_step(stage, 5 * MINUTE,
		    MIDNIGHT + 30 * MINUTE + i * 5 * MINUTE, 5, NS_PER_MS);
	rolled_upto(stage, MIDNIGHT + ROLLUP_DAY);
	assert_true(rolled_all(stage, ROLLUP_HOUR).sent == 360);
	assert_true(rolled_all(stage, ROLLUP_HOUR).lost == 30);
	assert_true(rolled_all(stage, ROLLUP_DAY).bins == 36);
}

static void
bins_of_hours_make_days(void **state)
{
	struct binned *stage = *state;

	for (int i = 0; i < 6; i++)
		binned_add_step(stage, 6 * ROLLUP_HOUR,
		    MIDNIGHT + i * 6 * ROLLUP_HOUR, 10, NS_PER_MS);
	rolled_upto(stage, MIDNIGHT + ROLLUP_DAY + ROLLUP_HOUR);
	assert_int_equal(rolled_all(stage, ROLLUP_HOUR).rows, 0);
	assert_int_equal(rolled_all(stage, ROLLUP_DAY).rows, 2);
	assert_true(rolled_all(stage, ROLLUP_DAY).sent == 60);
	rolled_expire(stage, MIDNIGHT + ROLLUP_DAY);
	assert_true(rolled_all(stage, ROLLUP_DAY).sent == 60);
}

/* The quantiles of a row are those of all its records, not of its bins. */
static void
quantiles_are_of_all_records(void **state)
{
	struct bundle *expected = bundle_new(&sample_manifest);
	struct rollup *rollup = rollup_new(&sample_manifest);
	double value, true_value;

	for (int i = 0; i < 60; i++) {
		struct bundle *bundle = sample_bundle(&sample_manifest, 10,
		    i < 40 ? 1 : 10, (1 + i % 7) * NS_PER_MS);

		bundle_merge(expected, bundle);
		rollup_add(rollup, MIDNIGHT + i * MINUTE, bundle);
		bundle_free(bundle);
	}
	assert_true(bundle_get(expected, "rtt", "p95", &true_value));
	assert_true(bundle_get(rollup_bundle(rollup), "rtt", "p95", &value));
	assert_true(value == true_value && value > 0.05);
	bundle_free(expected);
	rollup_free(rollup);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, binned_make, binned_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(bins_become_hours_and_hours_days),
	    TEST(hour_that_is_not_made_is_read_from_bins),
	    TEST(bins_of_two_steps_make_one_hour),
	    TEST(bins_of_hours_make_days),
	    cmocka_unit_test(quantiles_are_of_all_records),
	};

	log_open("rollup", false);
	return (cmocka_run_group_tests_name("rollup", tests, NULL, NULL));
}
