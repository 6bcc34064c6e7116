/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/store_found.h"
#include "tests/unit/store_hours.h"
#include "tests/unit/store_shape.h"
#include "tests/unit/store_stage.h"

#define PARTED "SELECT gone FROM pair WHERE dst = 'par'"
#define LONG_AGO                                             \
	"UPDATE pair SET gone = gone - 400 * 86400000000000" \
	" WHERE gone > 0"
#define YEAR (365 * 86400 * NS_PER_S)

static void
what_left_is_kept_and_goes_on_when_it_is_back(void **state)
{
	static const struct shape with_par_again = {.revision = 3};
	const struct bins_key par = {"core", "nyc", "par", 4};
	struct stage *stage = *state;

	stage->settings.departed = YEAR;
	hours_make(stage, 30);
	shape_write(stage, &shape_without_par);
	stage_start(stage);
	STAGE_UNTIL(stage, found_number(stage, PARTED) > 0);
	assert_true(found_days(stage, &par).sent == 300);
	assert_true(found_file(stage, "rrd/core/4/nyc/par.rrd"));
	assert_int_equal(found_number(stage, "SELECT gone FROM pair"
					     " WHERE dst = 'lon'"),
	    0);
	shape_change(stage, &with_par_again);
	STAGE_UNTIL(stage, found_number(stage, PARTED) == 0);
	stage_pass_time(stage);
	stage_stop(stage);
	stage_start(stage);
	STAGE_UNTIL(stage, found_bins(stage, &par).sent == 10);
	assert_true(found_days(stage, &par).sent >= 300);
	stage_stop(stage);
}

/* One who is kept for ever, or not for as long yet, stays. */
static void
what_left_long_ago_goes_whenever_the_store_is_killed(void **state)
{
	enum { HOURS = 700 }; /* more than go at once */
	struct stage *stage = *state;
	nanoseconds end;
	int wait = 1;

	hours_make(stage, HOURS);
	end = found_end(stage);
	assert_true(end > 0);
	shape_write(stage, &shape_without_par);
	stage_start(stage);
	STAGE_UNTIL(stage, found_number(stage, PARTED) > 0);
	STAGE_UNTIL(
	    stage, found_number(stage, "SELECT count(*) FROM bin WHERE start <"
				       " strftime('%s', 'now', '-3 days') *"
				       " 1000000000") == 0);
	stage_stop(stage);
	found_number(stage, LONG_AGO);
	stage_start(stage); /* departed: 0 */
	stage_pass_time(stage);
	stage_stop(stage);
	assert_true(hours_count(stage, "par") >= HOURS);
	stage->settings.departed = YEAR;
	while (found_number(stage, PARTED) != 0) {
		stage_kill(stage, wait);
		wait += wait / 3 + 1;
	}
	assert_false(found_file(stage, "rrd/core/4/nyc/par.rrd"));
	assert_int_equal(
	    found_number(stage, "SELECT count(*) FROM rollup WHERE id >> 26"
				" NOT IN (SELECT id FROM pair)"),
	    0);
	assert_int_equal(
	    found_number(stage, "SELECT count(*) FROM pair_step WHERE pair"
				" NOT IN (SELECT id FROM pair)"),
	    0);
	stage_start(stage);
	stage_pass_time(stage);
	stage_stop(stage);
	assert_true(found_days(stage, &nyc_lon).sent >= 10 * HOURS);
	assert_true(found_end(stage) >= end);
}

static void
what_a_test_leaves_goes_with_it(void **state)
{
	static const struct shape both = {.also = "other"};
	static const struct shape one = {.revision = 2};
	struct stage *stage = *state;

	shape_write(stage, &both);
	stage_start(stage);
	stage_add_run(
	    stage, (struct stage_run){
		       .test = "other", .start = stage->start, .received = 10});
	stage_tell(stage);
	assert_true(found_file(stage, "latest/other"));
	shape_change(stage, &one);
	STAGE_UNTIL(stage, !found_file(stage, "latest/other"));
	assert_true(found_file(stage, "latest/core"));
	STAGE_UNTIL(
	    stage, found_number(stage, "SELECT gone FROM pair WHERE test ="
				       " 'other'") > 0);
	assert_int_equal(found_number(stage, "SELECT probe = 'sample' FROM test"
					     " WHERE name = 'other'"),
	    1);
	stage_stop(stage);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, stage_make, stage_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_left_is_kept_and_goes_on_when_it_is_back),
	    TEST(what_left_long_ago_goes_whenever_the_store_is_killed),
	    TEST(what_a_test_leaves_goes_with_it),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
