/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/archive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/archived.h"
#include "tests/unit/folder.h"

static void
merging_is_not_noticed(void **state)
{
	struct archived_seen seen = {0};
	struct archive *archive = archived_open(state, false);
	struct archive *reader = archived_open(state, true);
	struct archive_cursor *cursor;
	struct archive_record record;

	archived_fill(archive, 1, 3000, 50);
	cursor = archived_find(reader, &archived_all);
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(archive_next(cursor, &record, NULL), 1);
		archived_see(&seen, &record);
		if (i == 500)
			archived_tidy(archive);
	}
	assert_true(
	    archived_ask(state, FIRST_FILE, "SELECT count(*) FROM run") < 20);
	archived_add_at(archive, 3001, MIDNIGHT + DAY, MIDNIGHT + DAY);
	archived_commit(archive, 3001);
	archived_tidy(archive); /* the first day is over */
	assert_int_equal(
	    archived_ask(state, FIRST_FILE, "SELECT count(*) FROM run"), 1);
	archived_see_rest(cursor, &seen);
	assert_true(seen.count == 3000 || seen.count == 3001);
	assert_null(archive_cursor_damage(cursor));
	archive_cursor_free(cursor);
	archived_expect(reader, 3001);
	archived_expect(archive, 3001);
	archive_free(reader);
	archive_free(archive);
}

static void
a_day_that_is_over_takes_up_no_more_than_it_needs(void **state)
{
	struct archive *archive = archived_open(state, false);

	archived_fill(archive, 1, 4000, 100);
	archived_tidy(archive);
	archived_add_at(archive, 4001, MIDNIGHT + DAY, MIDNIGHT + DAY);
	archived_commit(archive, 4001);
	archived_tidy(archive);
	assert_int_equal(
	    archived_ask(state, FIRST_FILE, "PRAGMA freelist_count"), 0);
	/* packed and all, a tenth of the lines */
	assert_in_range(
	    archived_ask(state, FIRST_FILE, "PRAGMA page_count"), 1, 60);
	archive_free(archive);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(merging_is_not_noticed),
	    IN_FOLDER(a_day_that_is_over_takes_up_no_more_than_it_needs),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
