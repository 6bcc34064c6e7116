/* SPDX-License-Identifier: BSD-2-Clause */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/store_found.h"
#include "tests/unit/store_stage.h"

static void
findings_reach_the_matrix(void **state)
{
	struct stage *stage = *state;
	nanoseconds now = clock_wall();

	stage_add(stage, now - 600 * NS_PER_S, 8);
	stage_add(stage, now - 40 * NS_PER_S, 4);
	stage_add(stage, now - 20 * NS_PER_S, 2);
	stage_take_in(stage);
	assert_true(found_latest(stage, LATEST_LAST, "max", 1, 0) == 0.002);
	STAGE_UNTIL(stage, found_latest(stage, LATEST_5M, "sum", 1, 0) == 20);
	STAGE_UNTIL(stage, found_latest(stage, LATEST_1H, "sum", 1, 0) == 30);
	assert_true(found_latest(stage, LATEST_5M, "max", 1, 0) == 0.004);
	assert_true(found_latest(stage, LATEST_1H, "max", 1, 0) == 0.008);
	assert_true(isnan(found_latest(stage, LATEST_LAST, "max", 0, 1)));
	stage_add(stage, now - 10 * NS_PER_S, 1);
	stage_tell(stage);
	assert_true(found_latest(stage, LATEST_LAST, "max", 1, 0) == 0.001);
	STAGE_UNTIL(stage, found_latest(stage, LATEST_5M, "sum", 1, 0) == 30);
	stage_stop(stage);
}

static void
old_record_does_not_become_the_last_finding(void **state)
{
	struct stage *stage = *state;
	nanoseconds now = clock_wall();

	stage_start(stage);
	stage_add(stage, now - 20 * NS_PER_S, 2);
	stage_tell(stage);
	stage_add(stage, now - 50 * NS_PER_S, 5);
	stage_tell(stage);
	assert_true(found_latest(stage, LATEST_LAST, "max", 1, 0) == 0.002);
	stage_stop(stage);
}

static void
lost_matrix_is_made_from_bins(void **state)
{
	struct stage *stage = *state;
	char *path = stage_path(stage, "latest/core");

	stage_add(stage, clock_wall() - 20 * NS_PER_S, 6);
	stage_take_in(stage);
	stage_stop(stage);
	assert_int_equal(unlink(path), 0);
	stage_start(stage);
	STAGE_UNTIL(
	    stage, found_latest(stage, LATEST_LAST, "max", 1, 0) == 0.006);
	STAGE_UNTIL(
	    stage, found_latest(stage, LATEST_5M, "max", 1, 0) == 0.006);
	stage_stop(stage);
	free(path);
}

static void
records_without_findings_only_count(void **state)
{
	struct stage *stage = *state;
	struct found sums;

	stage_add(stage, stage->start, 5);
	stage_add_run(
	    stage, (struct stage_run){.start = stage->start + NS_PER_S,
		       .received = 5,
		       .outcome = "failed"});
	stage_add_run(
	    stage, (struct stage_run){.start = stage->start + NS_PER_S,
		       .received = 5,
		       .outcome = "skipped"});
	stage_add_line(stage, "nyc",
	    "{\"v\":1,\"agent\":\"nyc\",\"start\":1795300000,"
	    "\"end\":1795300001,\"outcome\":\"gap\",\"why\":\"was away\"}");
	stage_take_in(stage);
	sums = found_bins(stage, &nyc_lon);
	assert_true(sums.findings == 1 && sums.others == 2);
	assert_true(sums.sent == 10 && sums.lost == 5);
	stage_stop(stage);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, stage_make, stage_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(findings_reach_the_matrix),
	    TEST(old_record_does_not_become_the_last_finding),
	    TEST(lost_matrix_is_made_from_bins),
	    TEST(records_without_findings_only_count),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
