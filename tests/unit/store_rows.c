/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "collector/rollup.h"
#include "tests/unit/store_found.h"
#include "tests/unit/store_hours.h"
#include "tests/unit/store_shape.h"
#include "tests/unit/store_stage.h"

/* 30 hours of two days, of which one got so many packets back, are in the
 * history; the store is new. Returns when the first began. */
static nanoseconds
make_days(struct stage *stage, int received)
{
	nanoseconds day = clock_wall() / ROLLUP_DAY * ROLLUP_DAY;

	day -= 4 * ROLLUP_DAY;
	for (int n = 0; n < 30; n++)
		stage_add(stage, day + n * ROLLUP_HOUR, n == 7 ? received : 10);
	stage_commit(stage);
	stage_start(stage);
	stage_pass_time(stage);
	STAGE_UNTIL(stage, found_end(stage) > day + 29 * ROLLUP_HOUR);
	stage_stop(stage);
	stage_start(stage);
	return (day);
}

static void
rows_go_when_their_test_wants_them_no_longer(void **state)
{
	static const struct shape brief = {.keep = "{\"hours\":172800}"};
	struct stage *stage = *state;

	shape_write(stage, &brief);
	make_days(stage, 10);
	STAGE_UNTIL(stage, found_rows(stage, &nyc_lon, ROLLUP_HOUR).bins == 0);
	assert_int_equal(found_days(stage, &nyc_lon).bins, 2);
	assert_true(found_days(stage, &nyc_lon).sent == 300);
	stage_stop(stage);
}

static void
days_outlive_bins_and_take_what_is_late(void **state)
{
	struct stage *stage = *state;
	nanoseconds day = make_days(stage, 0);

	/* bins that came old are forgotten at midnight or now */
	STAGE_UNTIL(stage, found_bins(stage, &nyc_lon).bins == 0);
	assert_int_equal(found_days(stage, &nyc_lon).bins, 2);
	assert_true(found_days(stage, &nyc_lon).sent == 300);
	assert_true(found_days(stage, &nyc_lon).lost == 10);
	stage_add(stage, day + STEP, 5);
	stage_tell(stage);
	assert_int_equal(found_days(stage, &nyc_lon).bins, 2);
	assert_true(found_days(stage, &nyc_lon).sent == 310);
	assert_true(found_days(stage, &nyc_lon).lost == 15);
	assert_int_equal(found_bins(stage, &nyc_lon).bins, 0);
	stage_stop(stage);
}

static void
hours_without_a_bound_stay(void **state)
{
	static const struct shape unbound = {
	    .keep = "{\"hours\":0,\"days\":0}"};
	struct stage *stage = *state;

	shape_write(stage, &unbound);
	hours_make(stage, 30);
	stage_start(stage);
	stage_pass_time(stage);
	stage_stop(stage);
	assert_true(found_rows(stage, &nyc_lon, ROLLUP_HOUR).bins >= 30);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, stage_make, stage_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(rows_go_when_their_test_wants_them_no_longer),
	    TEST(days_outlive_bins_and_take_what_is_late),
	    TEST(hours_without_a_bound_stay),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
