/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/bins.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "collector/rollup.h"
#include "tests/unit/binned.h"

static void
flushed_bins_are_no_longer_due(void **state)
{
	struct binned *stage = *state;
	struct bins_standing s;

	s = binned_standing(stage);
	assert_true(s.due == BINS_NONE && s.step == 0);
	binned_add(stage, MIDNIGHT + 3 * MINUTE, 10);
	binned_add(stage, MIDNIGHT, 10);
	s = binned_standing(stage);
	assert_int_equal(s.due, MIDNIGHT);
	assert_int_equal(s.newest, MIDNIGHT + 3 * MINUTE);
	binned_commit(stage, 1);
	assert_int_equal(
	    bins_set_flushed(stage->bins, stage->pair, MIDNIGHT + MINUTE, NULL),
	    0);
	s = binned_standing(stage);
	assert_int_equal(s.due, MIDNIGHT + 3 * MINUTE);
	assert_int_equal(s.flushed, MIDNIGHT + MINUTE);
	binned_commit(stage, 1);
	binned_reopen(stage, false);
	s = binned_standing(stage);
	assert_int_equal(s.due, MIDNIGHT + 3 * MINUTE);
	assert_false(s.rebuild);
	bins_set_flushed(stage->bins, stage->pair, MIDNIGHT + 4 * MINUTE, NULL);
	s = binned_standing(stage);
	assert_true(s.due == BINS_NONE);
}

static void
late_record_asks_for_a_rebuild(void **state)
{
	struct binned *stage = *state;
	struct bins_standing s;

	binned_add(stage, MIDNIGHT, 10);
	binned_add(stage, MIDNIGHT + MINUTE, 10);
	bins_set_flushed(stage->bins, stage->pair, MIDNIGHT + MINUTE, NULL);
	binned_add(stage, MIDNIGHT + MINUTE, 10);
	assert_false(binned_standing(stage).rebuild);
	binned_add(stage, MIDNIGHT, 10);
	binned_commit(stage, 2);
	binned_reopen(stage, false);
	s = binned_standing(stage);
	assert_true(s.rebuild);
	assert_int_equal(s.due, MIDNIGHT + MINUTE);
	bins_set_flushed(stage->bins, stage->pair, MIDNIGHT + MINUTE, NULL);
	assert_false(binned_standing(stage).rebuild);
}

static void
only_old_bins_in_the_history_expire(void **state)
{
	const struct bins_key other = {"core", "lon", "nyc", 4};
	struct binned *stage = *state;
	struct binned back = *stage;

	back.pair = bins_pair(stage->bins, &other, NULL);
	for (int i = 0; i < 10; i++) {
		binned_add(stage, MIDNIGHT - ROLLUP_DAY + i * MINUTE, 10);
		binned_add(&back, MIDNIGHT - ROLLUP_DAY + i * MINUTE, 10);
	}
	binned_add(stage, MIDNIGHT, 10);
	bins_set_flushed(stage->bins, stage->pair, MIDNIGHT + MINUTE, NULL);
	rollup_skip(stage->bins, stage->pair, MIDNIGHT);
	binned_commit(stage, 1);
	bins_forget(stage->bins);
	assert_true(binned_expire(stage, MIDNIGHT) > 0);
	binned_commit(stage, 1);
	assert_int_equal(binned_read(stage, MINUTE).bins, 1);
	assert_int_equal(binned_read(&back, MINUTE).bins, 10);
	/* what comes later still of that time is no reason for a rebuild */
	binned_add(stage, MIDNIGHT - MINUTE, 10);
	assert_false(binned_standing(stage).rebuild);
	binned_commit(stage, 2);
	binned_reopen(stage, false);
	assert_int_equal(bins_horizon(stage->bins), MIDNIGHT);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, binned_make, binned_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(flushed_bins_are_no_longer_due),
	    TEST(late_record_asks_for_a_rebuild),
	    TEST(only_old_bins_in_the_history_expire),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
