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

static void
records_are_forgotten_when_their_test_keeps_them_no_longer(void **state)
{
	const nanoseconds day = 86400 * NS_PER_S;
	struct stage *stage = *state;
	nanoseconds today = clock_wall() / day * day;
	char *dir = stage_path(stage, "archive");
	struct archive *archive = archive_open(dir, false, NULL);

	archive_old(archive, 1, today - 400 * day);
	archive_old(archive, 2, today - 360 * day);
	archive_old(archive, 3, today - 1 * day);
	assert_int_equal(archive_commit(archive, 3, NULL), 0);
	archive_free(archive);
	assert_int_equal(found_archived(stage), 3);
	for (int n = 0; n < 3; n++)
		stage_add(stage, stage->start, 10);
	stage_commit(stage);
	stage_start(stage);
	STAGE_UNTIL(stage, found_archived(stage) == 2); /* a year is usual */
	stage_stop(stage);
	assert_int_equal(found_archived(stage), 2);
	free(dir);
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
	    TEST(records_are_forgotten_when_their_test_keeps_them_no_longer),
	    TEST(clock_years_ahead_makes_no_file_of_then),
	    TEST(journal_is_let_go_of_when_the_archive_has_it),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
