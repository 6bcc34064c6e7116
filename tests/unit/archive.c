/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/archive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"
#include "tests/unit/archived.h"
#include "tests/unit/folder.h"

static void
records_come_pair_by_pair_in_order(void **state)
{
	struct archive *archive = archived_open(state, false), *reader;

	for (uint64_t n = 1; n <= 100; n++)
		archived_add_at(archive, n,
		    MIDNIGHT + (nanoseconds)(n * 37 % 100), MIDNIGHT + DAY / 2);
	reader = archived_open(state, true);
	archived_expect(reader, 0); /* nothing is committed */
	archived_commit(archive, 100);
	archived_expect(reader, 100);
	archived_expect(archive, 100);
	assert_int_equal(archive_checkpoint(archive), 100);
	assert_int_equal(archive_checkpoint(reader), 100);
	archive_free(reader);
	archive_free(archive);
}

static void
what_is_added_again_is_passed_over(void **state)
{
	struct archive *archive = archived_open(state, false);

	archived_fill(archive, 1, 50, 10);
	for (uint64_t n = 51; n <= 60; n++)
		archived_add(archive, n);
	archive_free(archive); /* as killed: ten are lost */
	archive = archived_open(state, false);
	assert_int_equal(archive_checkpoint(archive), 50);
	archived_fill(archive, 31, 80, 20);
	archived_fill(archive, 1, 90, 100);
	archived_expect(archive, 90);
	archive_free(archive);
}

static void
a_late_record_lies_where_it_came_and_is_found_in_its_place(void **state)
{
	struct archive *archive = archived_open(state, false);
	struct archive_query query = archived_all;
	struct archived_seen *seen;

	archived_fill(archive, 1, 60, 7);
	archived_add_at(archive, 61, MIDNIGHT + 5 * NS_PER_S + 1000,
	    MIDNIGHT + DAY + NS_PER_S);
	archived_commit(archive, 61);
	/* the clock is set back: only the newest file is added to */
	archived_add_at(archive, 62, MIDNIGHT + 70 * NS_PER_S, MIDNIGHT + 1);
	archived_commit(archive, 62);
	assert_true(archived_exists(state, FIRST_FILE) &&
		    archived_exists(state, SECOND_FILE));
	assert_int_equal(
	    archived_ask(state, SECOND_FILE, "SELECT sum(records) FROM part"),
	    2);
	archived_expect(archive, 62);
	query.from = MIDNIGHT + 5 * NS_PER_S;
	query.to = MIDNIGHT + 6 * NS_PER_S;
	seen = archived_search(archive, &query);
	assert_int_equal(seen->count, 2);
	assert_true(seen->numbers[5] && seen->numbers[61]);
	archive_free(archive);
}

/* How many records the query finds, of those that the test says. */
static size_t
count(struct archive *archive, const char *test, const char *src,
    const char *dst, const char *agent)
{
	struct archive_query query = archived_all;

	query.test = test;
	query.src = src;
	query.dst = dst;
	query.agent = agent;
	return (archived_search(archive, &query)->count);
}

static void
queries_choose(void **state)
{
	struct archive *archive = archived_open(state, false);

	archived_fill(archive, 1, 210, 50);
	assert_int_equal(count(archive, "", NULL, NULL, NULL), 30);
	assert_int_equal(count(archive, "core", NULL, NULL, NULL), 90);
	assert_int_equal(count(archive, "core", "nyc", "par", NULL), 30);
	assert_int_equal(count(archive, "core", "par", "nyc", NULL), 0);
	assert_int_equal(count(archive, NULL, "nyc", NULL, NULL), 60);
	assert_int_equal(count(archive, NULL, NULL, "nyc", NULL), 60);
	assert_int_equal(count(archive, NULL, NULL, NULL, "nyc"), 60);
	assert_int_equal(count(archive, NULL, NULL, NULL, "lon"), 90);
	assert_int_equal(count(archive, "nosuch", NULL, NULL, NULL), 0);
	archive_free(archive);
}

static int
note_pair(void *arg, const char *test, const char *src, const char *dst,
    struct error *err)
{
	char *all = arg;

	sprintf(all + strlen(all), "%s %s %s\n", test, src, dst);
	return (0);
}

static void
pairs_are_listed_once(void **state)
{
	struct archive *archive = archived_open(state, false);
	char all[512] = "";

	archived_fill(archive, 1, 100, 9);
	archived_add_at(archive, 101, MIDNIGHT + DAY, MIDNIGHT + DAY);
	archived_commit(archive, 101);
	assert_int_equal(archive_pairs(archive, note_pair, all, NULL), 0);
	assert_string_equal(all, "core lon nyc\ncore nyc par\ncore par lon\n"
				 "far lon nyc\nfar nyc par\nfar par lon\n");
	archive_free(archive);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(records_come_pair_by_pair_in_order),
	    IN_FOLDER(what_is_added_again_is_passed_over),
	    IN_FOLDER(
		a_late_record_lies_where_it_came_and_is_found_in_its_place),
	    IN_FOLDER(queries_choose),
	    IN_FOLDER(pairs_are_listed_once),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
