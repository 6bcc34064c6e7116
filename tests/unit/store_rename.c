/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "collector/history.h"
#include "collector/renames.h"
#include "common/error.h"
#include "common/memory.h"
#include "tests/unit/store_found.h"
#include "tests/unit/store_shape.h"
#include "tests/unit/store_stage.h"

static const struct bins_key lon_nyc = {"core", "lon", "nyc", 4};
static const struct bins_key nyc_london = {"core", "nyc", "london", 4};

/* Bins of nyc to lon with two records each, the other way with one, and their
 * histories. */
static void
make_histories(struct stage *stage)
{
	for (int n = 0; n < 20; n++) {
		nanoseconds at = stage->start + n * STEP / 2;

		stage_add(stage, at, 10);
		if (n % 2 == 0)
			stage_add_run(stage, (struct stage_run){.src = "lon",
						 .dst = "nyc",
						 .start = at,
						 .received = 10});
	}
	stage_add_run(stage, (struct stage_run){.src = "lon",
				 .dst = "par",
				 .start = clock_wall() - NS_PER_S,
				 .received = 10});
	stage_commit(stage);
	stage_start(stage);
	stage_pass_time(stage);
	STAGE_UNTIL(stage, found_history(stage, &nyc_lon, STEP, 9) == 20);
	STAGE_UNTIL(stage, found_history(stage, &lon_nyc, STEP, 9) == 10);
}

static const struct shape london = {.revision = 2,
    .lon = "london",
    .renames = "[{\"revision\":2,\"was\":\"lon\",\"name\":\"london\"}]"};

static void
renamed_box_keeps_all_that_was_measured(void **state)
{
	const struct bins_key london_nyc = {"core", "london", "nyc", 4};
	struct stage *stage = *state;

	make_histories(stage);
	shape_change(stage, &london);
	STAGE_UNTIL(stage, found_has_history(stage, &nyc_london));
	STAGE_UNTIL(stage, found_history(stage, &london_nyc, STEP, 3) == 10);
	/* spooled under the old names, and measured under the new */
	stage_add(stage, stage->start, 10);
	stage_add_run(stage, (struct stage_run){.dst = "london",
				 .plan = 2,
				 .start = stage->start,
				 .received = 10});
	stage_add_run(stage, (struct stage_run){.src = "lon",
				 .dst = "nyc",
				 .start = stage->start,
				 .received = 10});
	stage_pass_time(stage);
	assert_true(found_bins(stage, &nyc_london).sent == 20 * 10 + 20);
	assert_true(found_bins(stage, &london_nyc).sent == 10 * 10 + 10);
	assert_int_equal(found_bins(stage, &nyc_lon).bins, 0);
	STAGE_UNTIL(stage, found_history(stage, &nyc_london, STEP, 0) == 40);
	assert_true(found_history(stage, &nyc_london, STEP, 9) == 20);
	assert_false(found_has_history(stage, &nyc_lon));
	STAGE_UNTIL(
	    stage, found_latest(stage, LATEST_LAST, "max", 0, 2) == 0.01);
	stage_stop(stage);
	stage_start(stage); /* and not again */
	stage_pass_time(stage);
	assert_true(found_bins(stage, &nyc_london).sent == 20 * 10 + 20);
	assert_true(found_history(stage, &nyc_london, STEP, 9) == 20);
	stage_stop(stage);
}

static void
what_had_the_new_name_before_is_put_aside(void **state)
{
	struct stage *stage = *state;
	struct bins_key aside = nyc_london;
	char *path = stage_path(stage, "bins.db");
	struct bins *bins = bins_open(path, false, NULL);
	struct error err;
	int64_t pair = bins_pair(bins, &nyc_london, &err);

	assert_true(pair > 0);
	assert_int_equal(bins_commit(bins, 0, &err), 0);
	bins_free(bins);
	make_histories(stage);
	shape_change(stage, &london);
	STAGE_UNTIL(stage, found_has_history(stage, &nyc_london));
	stage_stop(stage);
	snprintf(aside.dst, sizeof(aside.dst), "~%d", (int)pair);
	bins = bins_open(path, true, NULL);
	assert_true(bins_pair(bins, &aside, &err) == pair);
	bins_free(bins);
	assert_true(found_bins(stage, &nyc_london).sent == 20 * 10);
	free(path);
}

static const struct rename exchange[] = {{2, "lon", "nyc"}, {2, "nyc", "lon"}};

static void
write_exchange(struct stage *stage)
{
	static const struct shape shape = {.revision = 2,
	    .renames = "[{\"revision\":2,\"was\":\"lon\",\"name\":\"nyc\"},"
		       "{\"revision\":2,\"was\":\"nyc\",\"name\":\"lon\"}]"};

	shape_write(stage, &shape);
}

static void
move_history(struct stage *stage, const struct bins_key *from, bool from_aside,
    const struct bins_key *to, bool to_aside)
{
	char *dir = stage_path(stage, "rrd");
	char *path = history_path(dir, from), *other = history_path(dir, to);
	char *a = memory_print("%s%s", path, from_aside ? ".moving" : "");
	char *b = memory_print("%s%s", other, to_aside ? ".moving" : "");

	assert_int_equal(rename(a, b), 0);
	free(b);
	free(a);
	free(other);
	free(path);
	free(dir);
}

/* What the store had done when it was killed, from one commit to the next. */
static void
do_partly(struct stage *stage, int steps)
{
	char *path = stage_path(stage, "bins.db");
	struct bins *bins = bins_open(path, false, NULL);
	struct error err;

	assert_int_equal(bins_follow(bins, exchange, 2, &err), 0);
	if (steps > 0)
		move_history(stage, &nyc_lon, false, &lon_nyc, true);
	if (steps > 1)
		move_history(stage, &lon_nyc, false, &nyc_lon, true);
	if (steps > 2)
		assert_int_equal(bins_set_phase(bins, BINS_ARRIVING, &err), 0);
	if (steps > 3)
		move_history(stage, &lon_nyc, true, &lon_nyc, false);
	if (steps > 4)
		move_history(stage, &nyc_lon, true, &nyc_lon, false);
	bins_free(bins);
	free(path);
}

static void
expect_exchanged(struct stage *stage)
{
	assert_true(found_bins(stage, &lon_nyc).sent == 200);
	assert_true(found_bins(stage, &nyc_lon).sent == 100);
	assert_true(found_history(stage, &lon_nyc, STEP, 9) == 20);
	assert_true(found_history(stage, &nyc_lon, STEP, 9) == 10);
}

static void
boxes_change_names_whenever_the_store_is_killed(void **state)
{
	for (int steps = -1; steps <= 5; steps++) {
		void *again;
		struct stage *stage;

		stage_make(&again);
		stage = again;
		make_histories(stage);
		stage_stop(stage);
		if (steps >= 0)
			do_partly(stage, steps);
		write_exchange(stage);
		for (int i = 0; i < 2; i++) {
			stage_start(stage);
			stage_pass_time(stage);
			expect_exchanged(stage);
			/* a record of before is of the other pair now */
			stage_add_run(
			    stage, (struct stage_run){
				       .start = stage->start + 300 * NS_PER_S,
				       .received = 10,
				       .metrics = "{\"sent\":0}"});
			stage_tell(stage);
			assert_int_equal(found_bins(stage, &lon_nyc).bins, 11);
			assert_int_equal(found_bins(stage, &nyc_lon).bins, 10);
			stage_stop(stage);
		}
		stage_remove(&again);
	}
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, stage_make, stage_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(renamed_box_keeps_all_that_was_measured),
	    TEST(what_had_the_new_name_before_is_put_aside),
	    cmocka_unit_test(boxes_change_names_whenever_the_store_is_killed),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
