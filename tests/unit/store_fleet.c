/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/fleet.h"
#include "collector/rollup.h"
#include "tests/unit/sample.h"
#include "tests/unit/store_found.h"
#include "tests/unit/store_shape.h"
#include "tests/unit/store_stage.h"

static void
waits_for_a_first_fleet(void **state)
{
	struct stage *stage = *state;
	char *path = stage_path(stage, "fleet.json");

	assert_int_equal(unlink(path), 0);
	stage_add(stage, stage->start, 10);
	stage_commit(stage);
	stage_start(stage);
	stage_say(stage, "{\"m\":\"journal\",\"last\":1}\n");
	shape_change(stage, &shape_usual);
	stage_until_told(stage);
	assert_true(found_bins(stage, &nyc_lon).sent == 10);
	stage_stop(stage);
	free(path);
}

static void
what_the_fleet_does_not_measure_is_passed_over(void **state)
{
	struct stage *stage = *state;
	const struct bins_key six = {"core", "nyc", "lon", 6};

	stage_add_run(
	    stage, (struct stage_run){
		       .test = "gone", .start = stage->start, .received = 1});
	stage_add_run(
	    stage, (struct stage_run){
		       .dst = "rom", .start = stage->start, .received = 1});
	stage_add_run(
	    stage, (struct stage_run){
		       .dst = "nyc", .start = stage->start, .received = 1});
	stage_add_run(
	    stage, (struct stage_run){
		       .family = 6, .start = stage->start, .received = 1});
	stage_add_line(stage, "nyc", "{\"v\":1,\"outcome\":\"measured\"}");
	stage_add_run(stage,
	    (struct stage_run){.start = stage->start,
		.received = 1,
		.metrics = "{\"sent\":3,\"unknown\":7,\"lost\":\"text\"}"});
	stage_take_in(stage);
	assert_int_equal(found_bins(stage, &six).bins, 0);
	assert_int_equal(found_bins(stage, &nyc_lon).bins, 1);
	assert_true(found_bins(stage, &nyc_lon).sent == 3);
	stage_stop(stage);
}

static void
change_of_the_fleet_keeps_what_stays(void **state)
{
	const struct bins_key gone = {"core", "nyc", "par", 4};
	struct stage *stage = *state;
	nanoseconds now = clock_wall();

	stage_add(stage, now - 20 * NS_PER_S, 3);
	stage_add_run(
	    stage, (struct stage_run){
		       .dst = "par", .start = stage->start, .received = 4});
	stage_take_in(stage);
	shape_change(stage, &shape_without_par);
	STAGE_UNTIL(
	    stage, found_latest(stage, LATEST_LAST, "max", 1, 0) == 0.003);
	/* what was left of the other pair is in its history, complete or not */
	assert_true(found_history(stage, &gone, STEP, 0) == 10);
	stage_add(stage, now - 10 * NS_PER_S, 5);
	stage_tell(stage);
	assert_true(found_latest(stage, LATEST_LAST, "max", 1, 0) == 0.005);
	stage_stop(stage);
}

static void
record_that_overtakes_its_fleet_is_not_lost(void **state)
{
	static const struct shape more = {.revision = 2, .also = "extra"};
	const struct bins_key extra = {"extra", "nyc", "lon", 4};
	struct stage *stage = *state;

	stage_add(stage, stage->start, 10);
	stage_take_in(stage);
	shape_write(stage, &more);
	stage_add_run(stage, (struct stage_run){.test = "extra",
				 .plan = 2,
				 .start = stage->start,
				 .received = 10});
	stage_tell(stage);
	assert_int_equal(found_bins(stage, &extra).bins, 1);
	stage_stop(stage);
}

/* Of nyc to lon only the matrix and the archive know the last run. */
static void
fall_silent(struct stage *stage)
{
	stage_add(stage, clock_wall() - 4 * ROLLUP_DAY, 6);
	stage_commit(stage);
	stage_start(stage);
	stage_pass_time(stage);
	STAGE_UNTIL(stage, found_has_history(stage, &nyc_lon));
	stage_stop(stage);
	stage_start(stage);
	STAGE_UNTIL(stage, found_bins(stage, &nyc_lon).bins == 0);
}

/* What nobody else knows. */
static void
write_last(struct stage *stage, int received)
{
	char *dir = stage_path(stage, "latest");
	struct bundle *bundle =
	    sample_bundle(&sample_manifest, 10, received, NS_PER_MS);
	bool made;
	struct latest *latest = latest_create(
	    dir, stage->fleet, fleet_test(stage->fleet, "core"), &made, NULL);

	assert_non_null(latest);
	assert_false(made);
	latest_begin(latest);
	latest_set(latest, LATEST_LAST, 1, 0, bundle);
	latest_end(latest);
	latest_free(latest);
	bundle_free(bundle);
	free(dir);
}

static void
last_value_outlives_other_axes_and_names(void **state)
{
	static const struct shape renamed = {.revision = 3,
	    .axis = "[\"london\",\"nyc\"]",
	    .lon = "london",
	    .renames = "[{\"revision\":3,\"was\":\"lon\","
		       "\"name\":\"london\"}]"};
	struct stage *stage = *state;

	fall_silent(stage);
	write_last(stage, 7);
	shape_change(stage, &shape_without_par);
	STAGE_UNTIL(
	    stage, found_latest(stage, LATEST_LAST, "max", 1, 0) == 0.007);
	shape_change(stage, &renamed);
	STAGE_UNTIL(
	    stage, found_latest(stage, LATEST_LAST, "max", 1, 0) == 0.007);
	stage_stop(stage);
}

static void
last_value_outlives_its_matrix(void **state)
{
	struct stage *stage = *state;
	char *path = stage_path(stage, "latest/core");

	fall_silent(stage);
	stage_stop(stage);
	assert_int_equal(unlink(path), 0);
	stage_start(stage);
	STAGE_UNTIL(
	    stage, found_latest(stage, LATEST_LAST, "max", 1, 0) == 0.006);
	stage_stop(stage);
	free(path);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, stage_make, stage_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(waits_for_a_first_fleet),
	    TEST(what_the_fleet_does_not_measure_is_passed_over),
	    TEST(change_of_the_fleet_keeps_what_stays),
	    TEST(last_value_outlives_other_axes_and_names),
	    TEST(last_value_outlives_its_matrix),
	    TEST(record_that_overtakes_its_fleet_is_not_lost),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
