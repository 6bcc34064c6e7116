/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/archive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "collector/renames.h"
#include "tests/unit/archived.h"
#include "tests/unit/folder.h"

/* Each record found has these names, whatever its line says. */
static size_t
found_as(struct archive *archive, const struct archive_query *query)
{
	struct archive_cursor *cursor = archived_find(archive, query);
	struct archive_record record;
	nanoseconds start = 0;
	size_t found = 0;

	while (archive_next(cursor, &record, NULL) == 1) {
		if (query->src != NULL)
			assert_string_equal(record.src, query->src);
		assert_true(record.start > start);
		start = record.start;
		found++;
	}
	archive_cursor_free(cursor);
	return (found);
}

static void
boxes_are_found_under_what_they_are_called_now(void **state)
{
	struct archive *archive = archived_open(state, false);
	struct archive_query query = archived_all;
	struct renames renames = {0};

	archived_fill(archive, 1, 210, 50);
	/* two change names at once, one is new */
	renames_add(&renames, 2, "lon", "nyc");
	renames_add(&renames, 2, "nyc", "lon");
	renames_add(&renames, 2, "par", "paris");
	assert_int_equal(archive_rename(archive, &renames, NULL), 0);
	assert_int_equal(archive_rename(archive, &renames, NULL), 0);
	query.test = "core";
	query.src = "nyc"; /* lon's then */
	query.dst = "lon";
	assert_int_equal(found_as(archive, &query), 30);
	query.dst = "paris";
	assert_int_equal(found_as(archive, &query), 0);
	query.src = "lon";
	assert_int_equal(found_as(archive, &query), 30);
	query.agent = "lon";
	assert_int_equal(found_as(archive, &query), 30);
	query.agent = "paris";
	assert_int_equal(found_as(archive, &query), 0);
	query = (struct archive_query){
	    .test = "", .agent = "nyc", .from = 0, .to = INT64_MAX};
	assert_int_equal(found_as(archive, &query), 30);
	renames_clear(&renames);
	archive_free(archive);
}

/* Records of after come under the new name, into the same pair. */
static void
a_renamed_box_goes_on_where_it_was(void **state)
{
	struct archive *archive = archived_open(state, false);
	struct archive_query query = archived_all;
	struct renames renames = {0};
	struct archived_sample sample;

	archived_fill(archive, 1, 210, 50);
	renames_add(&renames, 2, "nyc", "ny");
	assert_int_equal(archive_rename(archive, &renames, NULL), 0);
	for (uint64_t n = 211; n <= 420; n++) {
		archived_make(&sample, n, MIDNIGHT + (nanoseconds)n * NS_PER_S,
		    MIDNIGHT + DAY);
		if (strcmp(sample.src, "nyc") == 0)
			sample.record.src = "ny";
		assert_int_equal(archive_add(archive, &sample.record, NULL), 0);
	}
	archived_commit(archive, 420);
	query.test = "core";
	query.src = "ny";
	query.dst = "par";
	assert_int_equal(found_as(archive, &query), 60);
	archive_free(archive);
	/* the file of the second day knows that it has the names of today */
	archive = archived_open(state, false);
	renames_add(&renames, 3, "ny", "newyork");
	assert_int_equal(archive_rename(archive, &renames, NULL), 0);
	query.src = "newyork";
	assert_int_equal(found_as(archive, &query), 60);
	renames_clear(&renames);
	archive_free(archive);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(boxes_are_found_under_what_they_are_called_now),
	    IN_FOLDER(a_renamed_box_goes_on_where_it_was),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
