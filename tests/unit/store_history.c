/* SPDX-License-Identifier: BSD-2-Clause */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/store_found.h"
#include "tests/unit/store_shape.h"
#include "tests/unit/store_stage.h"

static void
complete_bins_go_into_the_history(void **state)
{
	struct stage *stage = *state;

	for (int n = 0; n < 20; n++)
		if (n != 7)
			stage_add(stage, stage->start + n * STEP / 2, 10);
	stage_commit(stage);
	stage_start(stage);
	/* the box has told nothing that is newer than its last bin */
	STAGE_UNTIL(stage, found_history(stage, &nyc_lon, STEP, 8) == 20);
	assert_true(found_history(stage, &nyc_lon, STEP, 0) == 20);
	assert_true(found_history(stage, &nyc_lon, STEP, 3) == 10);
	assert_true(isnan(found_history(stage, &nyc_lon, STEP, 9)));
	stage_pass_time(stage);
	STAGE_UNTIL(stage, found_history(stage, &nyc_lon, STEP, 9) == 20);
	stage_stop(stage);
}

static void
late_record_changes_the_history(void **state)
{
	struct stage *stage = *state;

	stage_add(stage, stage->start, 10);
	stage_add(stage, stage->start + STEP, 10);
	stage_add(stage, stage->start + 3 * STEP, 10);
	stage_commit(stage);
	stage_start(stage);
	stage_pass_time(stage);
	STAGE_UNTIL(stage, found_history(stage, &nyc_lon, STEP, 3) == 10);
	stage_add(stage, stage->start + STEP, 10);
	stage_add(stage, stage->start + 2 * STEP, 10);
	stage_tell(stage);
	STAGE_UNTIL(stage, found_history(stage, &nyc_lon, STEP, 1) == 20);
	assert_true(found_history(stage, &nyc_lon, STEP, 0) == 10);
	assert_true(found_history(stage, &nyc_lon, STEP, 2) == 10);
	assert_true(found_history(stage, &nyc_lon, STEP, 3) == 10);
	stage_stop(stage);
}

static void
another_step_continues_the_history(void **state)
{
	static const struct shape slower = {.revision = 2, .every = 300};
	struct stage *stage = *state;

	for (int n = 0; n < 30; n++)
		stage_add(stage, stage->start + n * STEP, 10);
	stage_take_in(stage);
	shape_change(stage, &slower);
	stage_add(stage, stage->start + 30 * STEP, 10);
	stage_pass_time(stage);
	STAGE_UNTIL(
	    stage, found_history(stage, &nyc_lon, 300 * NS_PER_S, 1) == 10);
	/* the row of five minutes that the old step left: an average per bin */
	assert_true(found_history(stage, &nyc_lon, 300 * NS_PER_S, 0) == 10);
	stage_stop(stage);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, stage_make, stage_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(complete_bins_go_into_the_history),
	    TEST(late_record_changes_the_history),
	    TEST(another_step_continues_the_history),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
