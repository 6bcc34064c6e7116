/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/rollup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/log.h"
#include "tests/unit/rolled.h"

static void
rows_outlive_their_bins(void **state)
{
	struct binned *stage = *state;
	struct rolled seen;

	for (int i = 0; i < 1440; i++)
		binned_add(stage, MIDNIGHT + i * MINUTE, i == 700 ? 0 : 10);
	binned_add(stage, MIDNIGHT + 3 * ROLLUP_DAY, 10);
	rolled_upto(stage, MIDNIGHT + 2 * ROLLUP_DAY);
	rolled_expire(stage, MIDNIGHT + 2 * ROLLUP_DAY);
	binned_reopen(stage, false);
	seen = rolled_all(stage, ROLLUP_HOUR);
	assert_int_equal(seen.rows, 25);
	assert_true(seen.sent == 14410 && seen.lost == 10);
	seen = rolled_all(stage, ROLLUP_DAY);
	assert_int_equal(seen.rows, 2);
	assert_true(seen.sent == 14410 && seen.worst == 1);
	assert_int_equal(seen.worst_start, MIDNIGHT + 700 * MINUTE);
}

/* Bins that are in no row yet are not forgotten, however old. */
static void
bins_outlive_the_horizon_until_they_are_in_rows(void **state)
{
	struct binned *stage = *state;

	for (int i = 0; i < 1440; i++)
		binned_add(stage, MIDNIGHT + i * MINUTE, 10);
	rolled_upto(stage, MIDNIGHT + ROLLUP_HOUR);
	rolled_expire(stage, MIDNIGHT + 2 * ROLLUP_DAY);
	assert_true(rolled_all(stage, ROLLUP_DAY).sent == 14400);
	rolled_upto(stage, MIDNIGHT + 2 * ROLLUP_DAY);
	rolled_expire(stage, MIDNIGHT + 3 * ROLLUP_DAY);
	assert_true(rolled_all(stage, ROLLUP_DAY).sent == 14400);
	assert_true(rolled_all(stage, ROLLUP_HOUR).sent == 14400);
}

static void
pair_that_falls_silent_gets_its_last_day(void **state)
{
	struct binned *stage = *state;

	binned_add(stage, MIDNIGHT + 10 * MINUTE, 10);
	for (int hour = 1; hour < 50; hour++)
		rolled_upto(stage, MIDNIGHT + hour * ROLLUP_HOUR);
	rolled_expire(stage, MIDNIGHT + 3 * ROLLUP_DAY);
	assert_true(rolled_all(stage, ROLLUP_DAY).sent == 10);
	binned_add(stage, MIDNIGHT + 9 * ROLLUP_DAY, 10);
	assert_int_equal(rolled_all(stage, ROLLUP_DAY).rows, 2);
	rolled_upto(stage, MIDNIGHT + 10 * ROLLUP_DAY);
	assert_int_equal(rolled_all(stage, ROLLUP_DAY).rows, 2);
	assert_true(rolled_all(stage, ROLLUP_DAY).sent == 20);
}

static void
old_rows_expire_by_their_kind(void **state)
{
	struct binned *stage = *state;
	struct error err;

	for (int i = 0; i < 2880; i++)
		binned_add(stage, MIDNIGHT + i * MINUTE, 10);
	rolled_upto(stage, MIDNIGHT + 2 * ROLLUP_DAY);
	assert_int_equal(rollup_expire(stage->bins, stage->pair, ROLLUP_HOUR,
			     MIDNIGHT + ROLLUP_DAY, &err),
	    0);
	assert_int_equal(rolled_all(stage, ROLLUP_HOUR).rows, 24);
	assert_int_equal(rolled_all(stage, ROLLUP_DAY).rows, 2);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, binned_make, binned_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(rows_outlive_their_bins),
	    TEST(bins_outlive_the_horizon_until_they_are_in_rows),
	    TEST(pair_that_falls_silent_gets_its_last_day),
	    TEST(old_rows_expire_by_their_kind),
	};

	log_open("rollup_expiry", false);
	return (
	    cmocka_run_group_tests_name("rollup_expiry", tests, NULL, NULL));
}
