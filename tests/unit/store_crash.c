/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/store_found.h"
#include "tests/unit/store_stage.h"

#define LONGEST 30000 /* ms in which a store must get on */

static void
kill_at_any_moment_loses_and_doubles_nothing(void **state)
{
	struct stage *stage = *state;
	const int records = 3000;
	double lost = 0, sent = 0;
	int kills = 0, wait = 1;

	for (int n = 0; n < records; n++) {
		stage_add(stage, stage->start + n * 100 * NS_PER_MS, n % 7 + 1);
		lost += 10 - (n % 7 + 1);
	}
	stage_commit(stage);
	while (found_checkpoint(stage) < (uint64_t)records) {
		assert_true(wait < LONGEST);
		stage_kill(stage, wait);
		wait += wait / 3 + 1; /* however quick or slow it is */
		kills++;
	}
	assert_true(kills > 2);
	stage_start(stage);
	stage_pass_time(stage);
	assert_true(found_bins(stage, &nyc_lon).sent == 10 * records);
	assert_true(found_bins(stage, &nyc_lon).lost == lost);
	STAGE_UNTIL(stage, found_history(stage, &nyc_lon, STEP, 29) == 1000);
	for (int n = 0; n < 30; n++)
		sent += found_history(stage, &nyc_lon, STEP, n);
	assert_true(sent == 10 * records);
	stage_stop(stage);
}

static void
every_record_is_archived_once_whenever_it_is_killed(void **state)
{
	struct stage *stage = *state;
	const int records = 2000;
	int kills = 0, wait = 1;

	for (int n = 0; n < records; n++)
		stage_add(stage, stage->start + n * 100 * NS_PER_MS, n % 7 + 1);
	stage_commit(stage);
	while (found_archived(stage) < (size_t)records / 2) {
		assert_true(wait < LONGEST);
		stage_kill(stage, wait);
		wait += wait / 3 + 1; /* however quick or slow it is */
		kills++;
	}
	assert_true(kills > 1);
	stage_start(stage);
	stage_until_told(stage);
	stage_stop(stage); /* what it has in memory is committed then */
	assert_int_equal(found_archived(stage), records);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, stage_make, stage_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(kill_at_any_moment_loses_and_doubles_nothing),
	    TEST(every_record_is_archived_once_whenever_it_is_killed),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
