/* SPDX-License-Identifier: BSD-2-Clause */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "collector/archive.h"
#include "tests/unit/store_found.h"
#include "tests/unit/store_shape.h"
#include "tests/unit/store_stage.h"

/* A record of the past in the archive, accepted when it was measured. */
static void
archive_old(struct archive *archive, uint64_t number, nanoseconds start)
{
	char line[64];
	struct archive_record record = {.test = "core",
	    .src = "nyc",
	    .dst = "lon",
	    .start = start,
	    .line = line,
	    .number = number,
	    .received = start};

	record.length = (size_t)snprintf(line, sizeof(line), "{\"start\":%lld}",
	    (long long)(start / NS_PER_S));
	assert_int_equal(archive_add(archive, &record, NULL), 0);
}

/* Three days are archived, so many days old, and a store looks at them: so many
 * records are left. */
static void
check_left(struct stage *stage, const int days[static 3], size_t left)
{
	const nanoseconds day = 86400 * NS_PER_S;
	nanoseconds today = clock_wall() / day * day;
	char *dir = stage_path(stage, "archive");
	struct archive *archive = archive_open(dir, false, NULL);

	for (int n = 0; n < 3; n++)
		archive_old(archive, (uint64_t)n + 1, today - days[n] * day);
	assert_int_equal(archive_commit(archive, 3, NULL), 0);
	archive_free(archive);
	assert_int_equal(found_archived(stage), 3);
	for (int n = 0; n < 3; n++)
		stage_add(stage, stage->start, 10);
	stage_commit(stage);
	stage_start(stage);
	STAGE_UNTIL(stage, found_archived(stage) == left);
	stage_stop(stage);
	assert_int_equal(found_archived(stage), left);
	free(dir);
}

static void
records_are_forgotten_after_a_year(void **state)
{
	check_left(*state, (const int[]){400, 360, 1}, 2);
}

static void
records_are_kept_as_long_as_their_test_says(void **state)
{
	static const struct shape ten_days = {.keep = "{\"records\":864000}"};

	shape_write(*state, &ten_days);
	check_left(*state, (const int[]){20, 9, 1}, 2);
}

static void
records_are_kept_as_many_as_their_test_says(void **state)
{
	static const struct shape hardly_any = {.keep = "{\"size\":1}"};

	shape_write(*state, &hardly_any);
	check_left(*state, (const int[]){9, 5, 1}, 1); /* the newest day */
}

static void
clock_years_ahead_makes_no_file_of_then(void **state)
{
	struct stage *stage = *state;
	char *pattern = stage_path(stage, "archive/*.db");
	glob_t found;

	stage_add(stage, stage->start, 10);
	stage->ahead = 3650 * 86400 * NS_PER_S;
	stage_add(stage, stage->start + STEP, 9);
	stage->ahead = 0;
	stage_add(stage, stage->start + 2 * STEP, 8);
	stage_take_in(stage);
	stage_stop(stage);
	assert_int_equal(found_archived(stage), 3);
	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	assert_int_equal(found.gl_pathc, 1);
	globfree(&found);
	free(pattern);
}

/* What the bins have is not all that the journal is for. */
static void
journal_is_let_go_of_when_the_archive_has_it(void **state)
{
	struct stage *stage = *state;

	for (int n = 0; n < 3; n++)
		stage_add(stage, stage->start + n * STEP, 10);
	stage_take_in(stage);
	assert_int_equal(stage->told, 3);
	assert_true(stage->released <= found_archived(stage));
	stage_stop(stage);
	assert_int_equal(found_archived(stage), 3);
	stage_start(stage);
	STAGE_UNTIL(stage, stage->released == 3);
	stage_stop(stage);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, stage_make, stage_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(records_are_forgotten_after_a_year),
	    TEST(records_are_kept_as_long_as_their_test_says),
	    TEST(records_are_kept_as_many_as_their_test_says),
	    TEST(clock_years_ahead_makes_no_file_of_then),
	    TEST(journal_is_let_go_of_when_the_archive_has_it),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
