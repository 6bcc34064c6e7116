/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/archived.h"

#include <inttypes.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/memory.h"
#include "tests/unit/folder.h"

struct archive *
archived_open(void **state, bool read_only)
{
	char *dir = folder_path(state, "archive");
	struct error err;
	struct archive *archive = archive_open(dir, read_only, &err);

	if (archive == NULL)
		fail_msg("%s", err.text);
	free(dir);
	return (archive);
}

void
archived_make(struct archived_sample *s, uint64_t n, nanoseconds start,
    nanoseconds received)
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

void
archived_add_at(struct archive *archive, uint64_t n, nanoseconds start,
    nanoseconds received)
{
	struct archived_sample sample;
	struct error err;

	archived_make(&sample, n, start, received);
	if (archive_add(archive, &sample.record, &err) == -1)
		fail_msg("%s", err.text);
}

void
archived_add(struct archive *archive, uint64_t n)
{
	nanoseconds start = MIDNIGHT + (nanoseconds)n * NS_PER_S;

	archived_add_at(archive, n, start, start + NS_PER_S);
}

void
archived_commit(struct archive *archive, uint64_t checkpoint)
{
	struct error err;

	if (archive_commit(archive, checkpoint, &err) == -1)
		fail_msg("%s", err.text);
}

void
archived_fill(struct archive *archive, uint64_t from, uint64_t to, uint64_t lot)
{
	for (uint64_t n = from; n <= to; n++) {
		archived_add(archive, n);
		if (n % lot == 0 || n == to)
			archived_commit(archive, n);
	}
}

void
archived_fill_days(struct archive *archive)
{
	for (uint64_t n = 1; n <= 300; n++) {
		nanoseconds start = MIDNIGHT + (nanoseconds)(n - 1) / 100 * DAY;

		archived_add_at(archive, n, start + (nanoseconds)n, start);
	}
	archived_commit(archive, 300);
	archived_tidy(archive);
}

void
archived_tidy(struct archive *archive)
{
	for (int i = 0; archive_tidy(archive, clock_monotonic() + NS_PER_MS);
	     i++)
		assert_true(i < 10000);
}

const struct archive_query archived_all = {.from = INT64_MIN, .to = INT64_MAX};

struct archive_cursor *
archived_find(struct archive *archive, const struct archive_query *query)
{
	struct error err;
	struct archive_cursor *cursor = archive_find(archive, query, &err);

	if (cursor == NULL)
		fail_msg("%s", err.text);
	return (cursor);
}

static uint64_t
number_of(const struct archive_record *record)
{
	return (strtoull(record->line + strlen("{\"n\":"), NULL, 10));
}

void
archived_see(struct archived_seen *seen, const struct archive_record *record)
{
	uint64_t n = number_of(record);
	struct archived_sample sample;
	int order;

	archived_make(&sample, n, record->start, 0);
	assert_int_equal(record->length, sample.record.length);
	assert_memory_equal(record->line, sample.line, record->length);
	assert_string_equal(record->test, sample.test);
	assert_true(n < ARCHIVED_MOST && !seen->numbers[n]);
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

void
archived_see_rest(struct archive_cursor *cursor, struct archived_seen *seen)
{
	struct archive_record record;
	struct error err;
	int found;

	while ((found = archive_next(cursor, &record, &err)) == 1)
		archived_see(seen, &record);
	if (found == -1)
		fail_msg("%s", err.text);
}

struct archived_seen *
archived_search(struct archive *archive, const struct archive_query *query)
{
	struct archive_cursor *cursor = archived_find(archive, query);
	static struct archived_seen seen;

	memset(&seen, 0, sizeof(seen));
	archived_see_rest(cursor, &seen);
	assert_null(archive_cursor_damage(cursor));
	archive_cursor_free(cursor);
	return (&seen);
}

void
archived_expect(struct archive *archive, uint64_t last)
{
	struct archived_seen *seen = archived_search(archive, &archived_all);

	assert_int_equal(seen->count, last);
	for (uint64_t n = 1; n <= last; n++)
		assert_true(seen->numbers[n]);
}

size_t
archived_in_day(struct archive *archive, const char *test, int day)
{
	struct archive_query query = {.test = test,
	    .from = MIDNIGHT + day * DAY,
	    .to = MIDNIGHT + (day + 1) * DAY};

	return (archived_search(archive, &query)->count);
}

char *
archived_path(void **state, const char *file)
{
	char *name = memory_print("archive/%s", file);
	char *path = folder_path(state, name);

	free(name);
	return (path);
}

bool
archived_exists(void **state, const char *file)
{
	char *path = archived_path(state, file);
	bool result = access(path, F_OK) == 0;

	free(path);
	return (result);
}

int64_t
archived_ask(void **state, const char *file, const char *sql)
{
	char *path = archived_path(state, file);
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
	return (value);
}
