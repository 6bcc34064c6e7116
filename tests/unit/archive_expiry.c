/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/archive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common/error.h"
#include "tests/unit/archived.h"
#include "tests/unit/folder.h"

static void
expire(struct archive *archive, const struct archive_bounds *bounds,
    nanoseconds now)
{
	struct error err;
	int more;

	while ((more = archive_expire(archive, bounds, now, &err)) == 1)
		continue;
	if (more == -1)
		fail_msg("%s", err.text);
}

static void
age_takes_tests_and_days(void **state)
{
	struct archive *archive = archived_open(state, false);
	struct archive *reader = archived_open(state, true);
	const struct archive_keep tests[] = {{"core", DAY, 0}};
	struct archive_bounds bounds = {
	    .usual = {NULL, 3 * DAY, 0}, .tests = tests, .count = 1};

	archived_fill_days(archive);
	expire(archive, &bounds, MIDNIGHT + 2 * DAY - 1);
	archived_expect(reader, 300);
	expire(archive, &bounds, MIDNIGHT + 2 * DAY);
	assert_int_equal(archived_in_day(reader, "core", 0), 0);
	assert_int_equal(archived_in_day(reader, "far", 0), 43);
	assert_int_equal(archived_in_day(reader, "core", 1), 43);
	expire(archive, &bounds, MIDNIGHT + 4 * DAY);
	assert_false(archived_exists(state, FIRST_FILE));
	assert_int_equal(archived_in_day(reader, NULL, 0), 0);
	assert_int_equal(archived_in_day(reader, "core", 1), 0);
	assert_int_equal(archived_in_day(reader, "far", 1), 43);
	/* the newest day stays, whatever its age: it has the checkpoint */
	expire(archive, &bounds, MIDNIGHT + 400 * DAY);
	assert_int_equal(archived_in_day(reader, NULL, 1), 0);
	assert_int_equal(archived_in_day(reader, NULL, 2), 100);
	assert_int_equal(archive_checkpoint(archive), 300);
	archive_free(reader);
	archive_free(archive);
}

static void
size_takes_the_oldest_days(void **state)
{
	struct archive *archive = archived_open(state, false);
	struct archive_keep tests[] = {{"core", 0, 0}};
	struct archive_bounds bounds = {.tests = tests, .count = 1};

	archived_fill_days(archive);
	tests[0].size = archived_ask(state, FIRST_FILE,
	    "SELECT bytes * 5 / 2 FROM block WHERE test = 'core'");
	expire(archive, &bounds, MIDNIGHT);
	assert_int_equal(archived_in_day(archive, "core", 0), 0);
	assert_int_equal(archived_in_day(archive, "far", 0), 43);
	assert_int_equal(archived_in_day(archive, "core", 1), 43);
	bounds.size = 1;
	expire(archive, &bounds, MIDNIGHT);
	assert_false(archived_exists(state, FIRST_FILE) ||
		     archived_exists(state, SECOND_FILE));
	assert_int_equal(archived_in_day(archive, NULL, 2), 100);
	archive_free(archive);
}

static void
a_reader_survives_what_is_forgotten_under_it(void **state)
{
	struct archived_seen seen = {0};
	struct archive *archive = archived_open(state, false);
	struct archive *reader = archived_open(state, true);
	struct archive_bounds bounds = {.size = 1};
	struct archive_cursor *cursor;
	struct archive_record record;

	archived_fill_days(archive);
	cursor = archived_find(reader, &archived_all);
	for (int i = 0; i < 50; i++) {
		assert_int_equal(archive_next(cursor, &record, NULL), 1);
		archived_see(&seen, &record);
	}
	expire(archive, &bounds, MIDNIGHT);
	archived_see_rest(cursor, &seen); /* each at most once */
	assert_in_range(seen.count, 100, 300);
	assert_null(archive_cursor_damage(cursor));
	archive_cursor_free(cursor);
	archive_free(reader);
	archive_free(archive);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(age_takes_tests_and_days),
	    IN_FOLDER(size_takes_the_oldest_days),
	    IN_FOLDER(a_reader_survives_what_is_forgotten_under_it),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
