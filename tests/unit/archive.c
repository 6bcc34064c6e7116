/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/archive.h"

#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/renames.h"
#include "common/error.h"
#include "common/hash.h"
#include "common/memory.h"
#include "common/packing.h"
#include "tests/unit/folder.h"

#define DAY (86400 * NS_PER_S)
#define MIDNIGHT (20778 * DAY) /* 2026-11-21 */
#define FIRST_FILE "2026-11-21.db"
#define SECOND_FILE "2026-11-22.db"

static struct archive *
open_archive(void **state, bool read_only)
{
	char *dir = folder_path(state, "archive");
	struct error err;
	struct archive *archive = archive_open(dir, read_only, &err);

	if (archive == NULL)
		fail_msg("%s", err.text);
	free(dir);
	return (archive);
}

/* The n-th record: of one of six pairs of two tests, a second after the one
 * before. Every seventh is a gap of lon. */
struct sample {
	char test[16], src[16], dst[16], line[1200];
	struct archive_record record;
};

static void
make(struct sample *s, uint64_t n, nanoseconds start, nanoseconds received)
{
	static const char *const names[] = {"lon", "nyc", "par"};
	bool gap = n % 7 == 0;
	const char *src = names[n % 3], *dst = names[(n + 1) % 3];

	snprintf(s->test, sizeof(s->test), "%s",
	    gap          ? ""
	    : n % 2 == 0 ? "core"
			 : "far");
	snprintf(s->src, sizeof(s->src), "%s", gap ? "lon" : src);
	snprintf(s->dst, sizeof(s->dst), "%s", gap ? "" : dst);
	snprintf(s->line, sizeof(s->line),
	    "{\"n\":%" PRIu64 ",\"test\":\"%s\",\"src\":\"%s\",\"dst\":\"%s\","
	    "\"agent\":\"%s\",\"start\":%" PRId64 ".%06" PRId64
	    ",\"pad\":\"%0*" PRIu64 "\"}",
	    n, s->test, s->src, s->dst, gap ? "lon" : src, start / NS_PER_S,
	    start % NS_PER_S / 1000, (int)(n % 900) + 1, n * 7919);
	s->record = (struct archive_record){.test = s->test,
	    .src = s->src,
	    .dst = s->dst,
	    .start = start,
	    .line = s->line,
	    .length = strlen(s->line),
	    .number = n,
	    .received = received};
}

static void
add_at(struct archive *archive, uint64_t n, nanoseconds start,
    nanoseconds received)
{
	struct sample sample;
	struct error err;

	make(&sample, n, start, received);
	if (archive_add(archive, &sample.record, &err) == -1)
		fail_msg("%s", err.text);
}

static void
add(struct archive *archive, uint64_t n)
{
	nanoseconds start = MIDNIGHT + (nanoseconds)n * NS_PER_S;

	add_at(archive, n, start, start + NS_PER_S);
}

static void
commit(struct archive *archive, uint64_t checkpoint)
{
	struct error err;

	if (archive_commit(archive, checkpoint, &err) == -1)
		fail_msg("%s", err.text);
}

/* Records from..to, committed in lots of so many. */
static void
fill(struct archive *archive, uint64_t from, uint64_t to, uint64_t lot)
{
	for (uint64_t n = from; n <= to; n++) {
		add(archive, n);
		if (n % lot == 0 || n == to)
			commit(archive, n);
	}
}

static void
tidy(struct archive *archive)
{
	for (int i = 0; archive_tidy(archive, clock_monotonic() + NS_PER_MS);
	     i++)
		assert_true(i < 10000);
}

static const struct archive_query everything = {
    .from = INT64_MIN, .to = INT64_MAX};

static struct archive_cursor *
find(struct archive *archive, const struct archive_query *query)
{
	struct error err;
	struct archive_cursor *cursor = archive_find(archive, query, &err);

	if (cursor == NULL)
		fail_msg("%s", err.text);
	return (cursor);
}

#define SEEN_MOST 20000

/* What a search found; each record at most once, all in order. */
struct seen {
	bool numbers[SEEN_MOST];
	size_t count;
	char test[16], src[16], dst[16];
	nanoseconds start;
};

static uint64_t
number_of(const struct archive_record *record)
{
	return (strtoull(record->line + strlen("{\"n\":"), NULL, 10));
}

static void
see(struct seen *seen, const struct archive_record *record)
{
	uint64_t n = number_of(record);
	struct sample sample;
	int order;

	make(&sample, n, record->start, 0);
	assert_int_equal(record->length, sample.record.length);
	assert_memory_equal(record->line, sample.line, record->length);
	assert_string_equal(record->test, sample.test);
	assert_true(n < SEEN_MOST && !seen->numbers[n]);
	seen->numbers[n] = true;
	order = strcmp(seen->test, record->test);
	if (order == 0)
		order = strcmp(seen->src, record->src);
	if (order == 0)
		order = strcmp(seen->dst, record->dst);
	assert_true(order < 0 || seen->count == 0 ||
		    (order == 0 && seen->start <= record->start));
	snprintf(seen->test, sizeof(seen->test), "%s", record->test);
	snprintf(seen->src, sizeof(seen->src), "%s", record->src);
	snprintf(seen->dst, sizeof(seen->dst), "%s", record->dst);
	seen->start = record->start;
	seen->count++;
}

static void
see_rest(struct archive_cursor *cursor, struct seen *seen)
{
	struct archive_record record;
	struct error err;
	int found;

	while ((found = archive_next(cursor, &record, &err)) == 1)
		see(seen, &record);
	if (found == -1)
		fail_msg("%s", err.text);
}

static struct seen *
search(struct archive *archive, const struct archive_query *query)
{
	struct archive_cursor *cursor = find(archive, query);
	static struct seen seen;

	memset(&seen, 0, sizeof(seen));
	see_rest(cursor, &seen);
	assert_null(archive_cursor_damage(cursor));
	archive_cursor_free(cursor);
	return (&seen);
}

/* All of 1..last, each once. */
static void
assert_has(struct archive *archive, uint64_t last)
{
	struct seen *seen = search(archive, &everything);

	assert_int_equal(seen->count, last);
	for (uint64_t n = 1; n <= last; n++)
		assert_true(seen->numbers[n]);
}

static int64_t
ask(void **state, const char *file, const char *sql)
{
	char *name = memory_print("archive/%s", file);
	char *path = folder_path(state, name);
	sqlite3_stmt *stmt;
	sqlite3 *db;
	int64_t value;

	assert_int_equal(
	    sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	assert_int_equal(
	    sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
	value = sqlite3_step(stmt) == SQLITE_ROW ? sqlite3_column_int64(stmt, 0)
						 : -1;
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	free(path);
	free(name);
	return (value);
}

static bool
exists(void **state, const char *file)
{
	char *name = memory_print("archive/%s", file);
	char *path = folder_path(state, name);
	bool result = access(path, F_OK) == 0;

	free(path);
	free(name);
	return (result);
}

static void
records_come_pair_by_pair_in_order(void **state)
{
	struct archive *archive = open_archive(state, false), *reader;

	for (uint64_t n = 1; n <= 100; n++)
		add_at(archive, n, MIDNIGHT + (nanoseconds)(n * 37 % 100),
		    MIDNIGHT + DAY / 2);
	reader = open_archive(state, true);
	assert_has(reader, 0); /* nothing is committed */
	commit(archive, 100);
	assert_has(reader, 100);
	assert_has(archive, 100);
	assert_int_equal(archive_checkpoint(archive), 100);
	assert_int_equal(archive_checkpoint(reader), 100);
	archive_free(reader);
	archive_free(archive);
}

static void
what_is_added_again_is_passed_over(void **state)
{
	struct archive *archive = open_archive(state, false);

	fill(archive, 1, 50, 10);
	for (uint64_t n = 51; n <= 60; n++)
		add(archive, n);
	archive_free(archive); /* as killed: ten are lost */
	archive = open_archive(state, false);
	assert_int_equal(archive_checkpoint(archive), 50);
	fill(archive, 31, 80, 20);
	fill(archive, 1, 90, 100);
	assert_has(archive, 90);
	archive_free(archive);
}

static void
a_late_record_lies_where_it_came_and_is_found_in_its_place(void **state)
{
	struct archive *archive = open_archive(state, false);
	struct archive_query query = everything;
	struct seen *seen;

	fill(archive, 1, 60, 7);
	add_at(archive, 61, MIDNIGHT + 5 * NS_PER_S + 1000,
	    MIDNIGHT + DAY + NS_PER_S);
	commit(archive, 61);
	/* the clock is set back: only the newest file is added to */
	add_at(archive, 62, MIDNIGHT + 70 * NS_PER_S, MIDNIGHT + 1);
	commit(archive, 62);
	assert_true(exists(state, FIRST_FILE) && exists(state, SECOND_FILE));
	assert_int_equal(
	    ask(state, SECOND_FILE, "SELECT sum(records) FROM part"), 2);
	assert_has(archive, 62);
	query.from = MIDNIGHT + 5 * NS_PER_S;
	query.to = MIDNIGHT + 6 * NS_PER_S;
	seen = search(archive, &query);
	assert_int_equal(seen->count, 2);
	assert_true(seen->numbers[5] && seen->numbers[61]);
	archive_free(archive);
}

/* How many records the query finds, of those that the test says. */
static size_t
count(struct archive *archive, const char *test, const char *src,
    const char *dst, const char *agent)
{
	struct archive_query query = everything;

	query.test = test;
	query.src = src;
	query.dst = dst;
	query.agent = agent;
	return (search(archive, &query)->count);
}

static void
queries_choose(void **state)
{
	struct archive *archive = open_archive(state, false);

	fill(archive, 1, 210, 50);
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
	struct archive *archive = open_archive(state, false);
	char all[512] = "";

	fill(archive, 1, 100, 9);
	add_at(archive, 101, MIDNIGHT + DAY, MIDNIGHT + DAY);
	commit(archive, 101);
	assert_int_equal(archive_pairs(archive, note_pair, all, NULL), 0);
	assert_string_equal(all, "core lon nyc\ncore nyc par\ncore par lon\n"
				 "far lon nyc\nfar nyc par\nfar par lon\n");
	archive_free(archive);
}

static void
merging_is_not_noticed(void **state)
{
	static struct seen seen;
	struct archive *archive = open_archive(state, false);
	struct archive *reader = open_archive(state, true);
	struct archive_cursor *cursor;
	struct archive_record record;

	fill(archive, 1, 3000, 50);
	cursor = find(reader, &everything);
	memset(&seen, 0, sizeof(seen));
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(archive_next(cursor, &record, NULL), 1);
		see(&seen, &record);
		if (i == 500)
			tidy(archive);
	}
	assert_true(ask(state, FIRST_FILE, "SELECT count(*) FROM run") < 20);
	add_at(archive, 3001, MIDNIGHT + DAY, MIDNIGHT + DAY);
	commit(archive, 3001);
	tidy(archive); /* the first day is over */
	assert_int_equal(ask(state, FIRST_FILE, "SELECT count(*) FROM run"), 1);
	see_rest(cursor, &seen);
	assert_true(seen.count == 3000 || seen.count == 3001);
	assert_null(archive_cursor_damage(cursor));
	archive_cursor_free(cursor);
	assert_has(reader, 3001);
	assert_has(archive, 3001);
	archive_free(reader);
	archive_free(archive);
}

static void
a_day_that_is_over_takes_up_no_more_than_it_needs(void **state)
{
	struct archive *archive = open_archive(state, false);

	fill(archive, 1, 4000, 100);
	tidy(archive);
	add_at(archive, 4001, MIDNIGHT + DAY, MIDNIGHT + DAY);
	commit(archive, 4001);
	tidy(archive);
	assert_int_equal(ask(state, FIRST_FILE, "PRAGMA freelist_count"), 0);
	/* packed and all, a tenth of the lines */
	assert_in_range(ask(state, FIRST_FILE, "PRAGMA page_count"), 1, 60);
	archive_free(archive);
}

#define KILLS 6
#define KILLED_RECORDS 3000

/* Goes on from the checkpoint as a store does, and is killed at some time. */
static void
write_until_killed(void **state)
{
	struct archive *archive = open_archive(state, false);
	uint64_t n = archive_checkpoint(archive);

	for (n = n > 20 ? n - 20 : 1; n <= KILLED_RECORDS; n++) {
		add(archive, n);
		if (n % 9 == 0 || n == KILLED_RECORDS)
			commit(archive, n);
		archive_tidy(archive, clock_monotonic() + NS_PER_MS / 5);
	}
	archive_free(archive);
	_exit(0);
}

static void
every_record_is_there_once_whenever_the_writer_is_killed(void **state)
{
	struct archive *archive;
	uint64_t before = 0;

	for (int i = 0; i < KILLS; i++) {
		pid_t child = fork();
		int status;

		if (child == 0)
			write_until_killed(state);
		usleep(20000 + (useconds_t)i * 17000);
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		archive = open_archive(state, true);
		assert_true(archive_checkpoint(archive) >= before);
		before = archive_checkpoint(archive);
		assert_has(archive, before);
		archive_free(archive);
	}
	archive = open_archive(state, false);
	fill(archive, 1, KILLED_RECORDS, 500);
	tidy(archive);
	assert_has(archive, KILLED_RECORDS);
	archive_free(archive);
}

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

/* Three days of 100 records each. */
static void
fill_days(struct archive *archive)
{
	for (uint64_t n = 1; n <= 300; n++) {
		nanoseconds start = MIDNIGHT + (nanoseconds)(n - 1) / 100 * DAY;

		add_at(archive, n, start + (nanoseconds)n, start);
	}
	commit(archive, 300);
	tidy(archive);
}

static size_t
in_day(struct archive *archive, const char *test, int day)
{
	struct archive_query query = {.test = test,
	    .from = MIDNIGHT + day * DAY,
	    .to = MIDNIGHT + (day + 1) * DAY};

	return (search(archive, &query)->count);
}

static void
age_takes_tests_and_days(void **state)
{
	struct archive *archive = open_archive(state, false);
	struct archive *reader = open_archive(state, true);
	const struct archive_keep tests[] = {{"core", DAY, 0}};
	struct archive_bounds bounds = {
	    .usual = {NULL, 3 * DAY, 0}, .tests = tests, .count = 1};

	fill_days(archive);
	expire(archive, &bounds, MIDNIGHT + 2 * DAY - 1);
	assert_has(reader, 300);
	expire(archive, &bounds, MIDNIGHT + 2 * DAY);
	assert_int_equal(in_day(reader, "core", 0), 0);
	assert_int_equal(in_day(reader, "far", 0), 43);
	assert_int_equal(in_day(reader, "core", 1), 43);
	expire(archive, &bounds, MIDNIGHT + 4 * DAY);
	assert_false(exists(state, FIRST_FILE));
	assert_int_equal(in_day(reader, NULL, 0), 0);
	assert_int_equal(in_day(reader, "core", 1), 0);
	assert_int_equal(in_day(reader, "far", 1), 43);
	/* the newest day stays, whatever its age: it has the checkpoint */
	expire(archive, &bounds, MIDNIGHT + 400 * DAY);
	assert_int_equal(in_day(reader, NULL, 1), 0);
	assert_int_equal(in_day(reader, NULL, 2), 100);
	assert_int_equal(archive_checkpoint(archive), 300);
	archive_free(reader);
	archive_free(archive);
}

static void
size_takes_the_oldest_days(void **state)
{
	struct archive *archive = open_archive(state, false);
	struct archive_keep tests[] = {{"core", 0, 0}};
	struct archive_bounds bounds = {.tests = tests, .count = 1};

	fill_days(archive);
	tests[0].size = ask(state, FIRST_FILE,
	    "SELECT bytes * 5 / 2 FROM block WHERE test = 'core'");
	expire(archive, &bounds, MIDNIGHT);
	assert_int_equal(in_day(archive, "core", 0), 0);
	assert_int_equal(in_day(archive, "far", 0), 43);
	assert_int_equal(in_day(archive, "core", 1), 43);
	bounds.size = 1;
	expire(archive, &bounds, MIDNIGHT);
	assert_false(exists(state, FIRST_FILE) || exists(state, SECOND_FILE));
	assert_int_equal(in_day(archive, NULL, 2), 100);
	archive_free(archive);
}

static void
a_reader_survives_what_is_forgotten_under_it(void **state)
{
	static struct seen seen;
	struct archive *archive = open_archive(state, false);
	struct archive *reader = open_archive(state, true);
	struct archive_bounds bounds = {.size = 1};
	struct archive_cursor *cursor;
	struct archive_record record;

	fill_days(archive);
	cursor = find(reader, &everything);
	memset(&seen, 0, sizeof(seen));
	for (int i = 0; i < 50; i++) {
		assert_int_equal(archive_next(cursor, &record, NULL), 1);
		see(&seen, &record);
	}
	expire(archive, &bounds, MIDNIGHT);
	see_rest(cursor, &seen); /* each at most once */
	assert_in_range(seen.count, 100, 300);
	assert_null(archive_cursor_damage(cursor));
	archive_cursor_free(cursor);
	archive_free(reader);
	archive_free(archive);
}

static void
spoil(void **state, const char *file, long offset)
{
	char *name = memory_print("archive/%s", file);
	char *path = folder_path(state, name);
	char garbage[64];
	int fd = open(path, O_WRONLY);

	memset(garbage, 0x5a, sizeof(garbage));
	assert_int_equal(
	    pwrite(fd, garbage, sizeof(garbage), offset), sizeof(garbage));
	close(fd);
	free(path);
	free(name);
}

/* A file that is no database any more. */
static void
a_damaged_file_hides_no_other(void **state)
{
	struct archive *archive = open_archive(state, false), *reader;
	struct archive_cursor *cursor;
	static struct seen seen;

	fill_days(archive);
	archive_free(archive);
	spoil(state, SECOND_FILE, 0);
	reader = open_archive(state, true);
	cursor = find(reader, &everything);
	memset(&seen, 0, sizeof(seen));
	see_rest(cursor, &seen);
	assert_int_equal(seen.count, 200);
	assert_non_null(strstr(archive_cursor_damage(cursor), SECOND_FILE));
	archive_cursor_free(cursor);
	archive_free(reader);

	archive = open_archive(state, false); /* merges, and goes on */
	tidy(archive);
	add_at(archive, 301, MIDNIGHT + 2 * DAY, MIDNIGHT + 2 * DAY);
	commit(archive, 301);
	assert_int_equal(in_day(archive, NULL, 2), 101);
	archive_free(archive);
}

static void
a_damaged_newest_file_is_put_aside(void **state)
{
	struct archive *archive = open_archive(state, false);

	fill_days(archive);
	archive_free(archive);
	spoil(state, "2026-11-23.db", 0);
	archive = open_archive(state, false);
	assert_true(exists(state, "2026-11-23.db.damaged"));
	assert_int_equal(archive_checkpoint(archive), 200);
	archive_begin_at(archive, 251); /* the journal has those only */
	for (uint64_t n = 251; n <= 300; n++)
		add_at(archive, n, MIDNIGHT + 2 * DAY, MIDNIGHT + 2 * DAY);
	commit(archive, 300);
	assert_int_equal(search(archive, &everything)->count, 250);
	archive_free(archive);
}

static void
a_damaged_block_is_named(void **state)
{
	struct archive *archive = open_archive(state, false);
	struct archive_cursor *cursor;
	static struct seen seen;

	fill_days(archive);
	ask(state, FIRST_FILE,
	    "UPDATE lines SET packed = zeroblob(length(packed))"
	    " WHERE block = (SELECT id FROM block WHERE test = 'far')");
	cursor = find(archive, &everything);
	memset(&seen, 0, sizeof(seen));
	see_rest(cursor, &seen);
	assert_int_equal(seen.count, 300 - 43);
	assert_non_null(strstr(archive_cursor_damage(cursor), FIRST_FILE));
	archive_cursor_free(cursor);
	archive_free(archive);
}

/* Lines that are no records: they are neither found nor merged away. */
static void
a_block_of_nonsense_is_left_as_it_is(void **state)
{
	struct archive *archive = open_archive(state, false);
	char *nonsense = memory_new(1 << 20, 1), *hex, *sql;
	struct archive_cursor *cursor;
	static struct seen seen;
	size_t length;
	void *packed;

	memset(nonsense, 'x', (1 << 20) - 1);
	packed = packing_pack(nonsense, 1 << 20, &length);
	hex = memory_new(2 * length + 1, 1);
	hash_hex(packed, length, hex);
	fill(archive, 1, 210, 10);
	sql = memory_print("UPDATE lines SET packed = X'%s' WHERE block ="
			   " (SELECT id FROM block WHERE test = 'far')",
	    hex);
	ask(state, FIRST_FILE, sql);
	for (int i = 0; i < 3; i++)
		archive_tidy(archive, clock_monotonic() + NS_PER_S);
	assert_int_equal(
	    ask(state, FIRST_FILE, "SELECT count(*) FROM lines"), 3 * 21);
	cursor = find(archive, &everything);
	memset(&seen, 0, sizeof(seen));
	see_rest(cursor, &seen);
	assert_in_range(seen.count, 200, 209);
	assert_non_null(strstr(archive_cursor_damage(cursor), FIRST_FILE));
	archive_cursor_free(cursor);
	archive_free(archive);
	free(nonsense);
	free(packed);
	free(hex);
	free(sql);
}

static void
a_newer_format_is_refused_by_name(void **state)
{
	struct archive *archive = open_archive(state, false);
	char *dir = folder_path(state, "archive");
	struct error err;

	fill(archive, 1, 10, 10);
	archive_free(archive);
	ask(state, FIRST_FILE, "PRAGMA user_version = 99");
	assert_null(archive_open(dir, false, &err));
	assert_non_null(strstr(err.text, FIRST_FILE));
	assert_non_null(strstr(err.text, "format 99 is newer"));
	assert_true(exists(state, FIRST_FILE));
	free(dir);
}

/* Each record found has these names, whatever its line says. */
static size_t
found_as(struct archive *archive, const struct archive_query *query)
{
	struct archive_cursor *cursor = find(archive, query);
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
	struct archive *archive = open_archive(state, false);
	struct archive_query query = everything;
	struct renames renames = {0};

	fill(archive, 1, 210, 50);
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
	struct archive *archive = open_archive(state, false);
	struct archive_query query = everything;
	struct renames renames = {0};
	struct sample sample;

	fill(archive, 1, 210, 50);
	renames_add(&renames, 2, "nyc", "ny");
	assert_int_equal(archive_rename(archive, &renames, NULL), 0);
	for (uint64_t n = 211; n <= 420; n++) {
		make(&sample, n, MIDNIGHT + (nanoseconds)n * NS_PER_S,
		    MIDNIGHT + DAY);
		if (strcmp(sample.src, "nyc") == 0)
			sample.record.src = "ny";
		assert_int_equal(archive_add(archive, &sample.record, NULL), 0);
	}
	commit(archive, 420);
	query.test = "core";
	query.src = "ny";
	query.dst = "par";
	assert_int_equal(found_as(archive, &query), 60);
	archive_free(archive);
	/* the file of the second day knows that it has the names of today */
	archive = open_archive(state, false);
	renames_add(&renames, 3, "ny", "newyork");
	assert_int_equal(archive_rename(archive, &renames, NULL), 0);
	query.src = "newyork";
	assert_int_equal(found_as(archive, &query), 60);
	renames_clear(&renames);
	archive_free(archive);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(records_come_pair_by_pair_in_order),
	    TEST(what_is_added_again_is_passed_over),
	    TEST(a_late_record_lies_where_it_came_and_is_found_in_its_place),
	    TEST(queries_choose),
	    TEST(pairs_are_listed_once),
	    TEST(merging_is_not_noticed),
	    TEST(a_day_that_is_over_takes_up_no_more_than_it_needs),
	    TEST(every_record_is_there_once_whenever_the_writer_is_killed),
	    TEST(age_takes_tests_and_days),
	    TEST(size_takes_the_oldest_days),
	    TEST(a_reader_survives_what_is_forgotten_under_it),
	    TEST(a_damaged_file_hides_no_other),
	    TEST(a_damaged_newest_file_is_put_aside),
	    TEST(a_damaged_block_is_named),
	    TEST(a_block_of_nonsense_is_left_as_it_is),
	    TEST(a_newer_format_is_refused_by_name),
	    TEST(boxes_are_found_under_what_they_are_called_now),
	    TEST(a_renamed_box_goes_on_where_it_was),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
