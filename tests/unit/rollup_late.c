/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/rollup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common/log.h"
#include "tests/unit/rolled.h"

static void
late_bin_changes_its_rows(void **state)
{
	struct binned *stage = *state;
	struct rolled seen;

	for (int i = 0; i < 180; i++)
		binned_add(stage, MIDNIGHT + i * MINUTE, 10);
	rolled_upto(stage, MIDNIGHT + ROLLUP_DAY);
	binned_commit(stage, 1);
	binned_add(stage, MIDNIGHT + 61 * MINUTE, 0);
	assert_true(rolled_all(stage, ROLLUP_HOUR).lost == 10);
	rolled_upto(stage, MIDNIGHT + ROLLUP_DAY);
	for (int i = 0; i < 2; i++) {
		nanoseconds row = i == 0 ? ROLLUP_HOUR : ROLLUP_DAY;

		seen = rolled_all(stage, row);
		assert_true(seen.sent == 1810 && seen.bins == 180);
		assert_true(seen.lost == 10 && seen.worst == 0.5);
	}
	assert_true(rolled_rows(stage, ROLLUP_HOUR, MIDNIGHT + ROLLUP_HOUR,
			MIDNIGHT + 2 * ROLLUP_HOUR)
			.lost == 10);
}

static void
record_older_than_all_bins_is_counted_once(void **state)
{
	struct binned *stage = *state;
	struct rolled seen;

	for (int i = 0; i < 60; i++)
		if (i != 30)
			binned_add(stage, MIDNIGHT + i * MINUTE, 10);
	binned_add(stage, MIDNIGHT + 5 * ROLLUP_DAY, 10);
	rolled_upto(stage, MIDNIGHT + 3 * ROLLUP_DAY);
	rolled_expire(stage, MIDNIGHT + 3 * ROLLUP_DAY);
	binned_add(stage, MIDNIGHT + 30 * MINUTE, 4);
	binned_add(stage, MIDNIGHT + 30 * MINUTE + NS_PER_S, 4);
	binned_add(
	    stage, MIDNIGHT + 2 * ROLLUP_HOUR, 10); /* of an hour without row */
	binned_commit(stage, 1);
	rolled_upto(stage, MIDNIGHT + 4 * ROLLUP_DAY);
	binned_commit(stage, 1);
	binned_reopen(stage, false);
	for (int i = 0; i < 2; i++) {
		seen = rolled_rows(stage, i == 0 ? ROLLUP_HOUR : ROLLUP_DAY,
		    MIDNIGHT, MIDNIGHT + ROLLUP_DAY);
		assert_int_equal(seen.rows, i == 0 ? 2 : 1);
		assert_true(seen.sent == 620 && seen.lost == 12);
		assert_true(seen.bins == 61 && seen.worst == 0.6);
		assert_int_equal(seen.worst_start, MIDNIGHT + 30 * MINUTE);
	}
}

static void
what_is_not_committed_is_taken_again(void **state)
{
	struct binned *stage = *state;

	binned_add(stage, MIDNIGHT, 10);
	binned_add(stage, MIDNIGHT + 5 * ROLLUP_DAY, 10);
	rolled_upto(stage, MIDNIGHT + 3 * ROLLUP_DAY);
	rolled_expire(stage, MIDNIGHT + 3 * ROLLUP_DAY);
	for (int i = 0; i < 2; i++) {
		binned_add(stage, MIDNIGHT + MINUTE, 10);
		binned_add(stage, MIDNIGHT + 5 * ROLLUP_DAY + MINUTE, 10);
		rolled_upto(stage, MIDNIGHT + 5 * ROLLUP_DAY + ROLLUP_HOUR);
		if (i == 1)
			binned_commit(stage, 1);
		binned_reopen(stage, false); /* as if killed */
	}
	assert_true(rolled_all(stage, ROLLUP_DAY).sent == 40);
	assert_true(rolled_all(stage, ROLLUP_HOUR).sent == 40);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, binned_make, binned_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(late_bin_changes_its_rows),
	    TEST(record_older_than_all_bins_is_counted_once),
	    TEST(what_is_not_committed_is_taken_again),
	};

	log_open("rollup_late", false);
	return (cmocka_run_group_tests_name("rollup_late", tests, NULL, NULL));
}
