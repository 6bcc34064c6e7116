/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "collector/archive_file.h"
#include "common/log.h"
#include "common/memory.h"

#define REMOVED 64 /* blocks at once */

/* What each file holds of each test, read one file after the other. */
struct size {
	int64_t day; /* -1: forgotten */
	char test[NAME_TEXT];
	int64_t bytes;
};

struct archive_sizes {
	int64_t read; /* the last day that is in here */
	bool complete;
	struct size *rows; /* by day */
	size_t count, room;
};

void
archive_sizes_free(struct archive_sizes *sizes)
{
	if (sizes == NULL)
		return;
	free(sizes->rows);
	free(sizes);
}

static void
add_size(
    struct archive_sizes *sizes, int64_t day, const char *test, int64_t bytes)
{
	struct size *row;

	if (sizes->count == sizes->room) {
		sizes->room = 2 * sizes->room + 16;
		sizes->rows = memory_resize(
		    sizes->rows, sizes->room, sizeof(*sizes->rows));
	}
	row = &sizes->rows[sizes->count++];
	row->day = day;
	row->bytes = bytes;
	snprintf(row->test, sizeof(row->test), "%s", test);
}

static int
read_day(struct archive *archive, struct archive_day *day, struct error *err)
{
	sqlite3_stmt *stmt;
	bool gone;
	int row;

	day = archive_day_open(archive, day->number, &gone, err);
	if (day == NULL)
		return (-1);
	stmt = database_ask(day->db, err,
	    "SELECT b.test, sum(b.bytes) FROM block b"
	    " JOIN run r ON r.id = b.run WHERE r.state = 1 GROUP BY b.test",
	    "");
	if (stmt == NULL)
		return (-1);
	while ((row = database_step(stmt, err)) == 1)
		add_size(archive->sizes, day->number, database_text(stmt, 0),
		    sqlite3_column_int64(stmt, 1));
	sqlite3_finalize(stmt);
	return (row);
}

/* One file more. One that cannot be read is left alone. */
static void
read_next(struct archive *archive)
{
	struct archive_sizes *sizes = archive->sizes;
	struct error err;
	size_t i = 0;

	while (i < archive->count && archive->days[i]->number <= sizes->read)
		i++;
	sizes->complete = i == archive->count;
	if (sizes->complete)
		return;
	sizes->read = archive->days[i]->number;
	if (read_day(archive, archive->days[i], &err) == -1 &&
	    !archive->days[i]->bad) {
		archive->days[i]->bad = true;
		log_warnx("%s", err.text);
	}
}

static const struct archive_keep *
keep_of(const struct archive_bounds *bounds, const char *test)
{
	for (size_t i = 0; i < bounds->count; i++)
		if (strcmp(bounds->tests[i].test, test) == 0)
			return (&bounds->tests[i]);
	return (&bounds->usual);
}

static bool
is_too_old(const struct size *row, const struct archive_bounds *bounds,
    nanoseconds now)
{
	nanoseconds age = keep_of(bounds, row->test)->age;

	return (age > 0 && now - (row->day + 1) * ARCHIVE_DAY >= age);
}

/* Do this test's later files fill its bound already? */
static bool
is_too_much(const struct archive_sizes *sizes, const struct size *row,
    const struct archive_bounds *bounds)
{
	int64_t most = keep_of(bounds, row->test)->size, sum = 0;

	if (most <= 0)
		return (false);
	for (size_t i = 0; i < sizes->count; i++)
		if (sizes->rows[i].day >= row->day &&
		    strcmp(sizes->rows[i].test, row->test) == 0)
			sum += sizes->rows[i].bytes;
	return (sum > most);
}

static struct size *
find_beyond(struct archive *archive, const struct archive_bounds *bounds,
    nanoseconds now)
{
	struct archive_sizes *sizes = archive->sizes;
	int64_t newest = archive_newest(archive)->number;

	for (size_t i = 0; i < sizes->count; i++) {
		struct size *row = &sizes->rows[i];

		if (row->day != -1 && row->day != newest &&
		    (is_too_old(row, bounds, now) ||
			is_too_much(sizes, row, bounds)))
			return (row);
	}
	return (NULL);
}

static int
remove_blocks(
    struct archive_day *day, const char *test, bool *more, struct error *err)
{
	sqlite3_stmt *stmt;
	int64_t blocks[REMOVED];
	int count = 0, row;

	stmt = database_ask(day->db, err,
	    "SELECT id FROM block WHERE test = ? LIMIT ?", "ti", test,
	    (int64_t)REMOVED);
	if (stmt == NULL)
		return (-1);
	while ((row = database_step(stmt, err)) == 1)
		blocks[count++] = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	for (int i = 0; i < count; i++)
		if (archive_remove_block(day, blocks[i], err) == -1)
			return (-1);
	*more = count == REMOVED;
	return (row);
}

/* Some of a test's records in a file; the file when it has no others. */
static int
forget_some(struct archive *archive, struct archive_day *day, struct size *row,
    struct error *err)
{
	int64_t left;
	bool more;

	day->tidy = false;
	if (archive_day_begin(day, err) == -1 ||
	    remove_blocks(day, row->test, &more, err) == -1)
		return (-1);
	if (!more &&
	    database_apply(day->db, err, "DELETE FROM pair WHERE test = ?", "t",
		row->test) == -1)
		return (-1);
	if (archive_ask_number(
		day, "SELECT count(*) FROM block", 0, &left, err) == -1 ||
	    archive_day_end(day, err) == -1)
		return (-1);
	if (!more) {
		log_info("%s: records of %s forgotten", day->path,
		    row->test[0] != '\0' ? row->test : "gaps");
		row->day = -1;
	}
	if (left == 0)
		archive_unlink_day(archive, day);
	return (0);
}

static int
forget(struct archive *archive, struct size *row, struct error *err)
{
	struct archive_day *day;
	bool gone;

	archive_job_cancel(archive);
	archive_forget_cached(archive, row->day);
	day = archive_day_open(archive, row->day, &gone, err);
	if (day == NULL) {
		row->day = -1;
		return (gone ? 0 : -1);
	}
	if (forget_some(archive, day, row, err) == 0)
		return (0);
	archive_day_undo(day);
	return (-1);
}

static int64_t
size_of(const struct archive *archive)
{
	int64_t size = 0;
	struct stat st;

	for (size_t i = 0; i < archive->count; i++) {
		char *wal = memory_print("%s-wal", archive->days[i]->path);

		if (stat(archive->days[i]->path, &st) == 0)
			size += st.st_size;
		if (stat(wal, &st) == 0)
			size += st.st_size;
		free(wal);
	}
	return (size);
}

/* Is the whole too large? Then its oldest day goes. */
static bool
forget_oldest(struct archive *archive, const struct archive_bounds *bounds)
{
	struct archive_sizes *sizes = archive->sizes;
	struct archive_day *oldest = archive->days[0];

	if (bounds->size <= 0 || archive->count < 2 ||
	    size_of(archive) <= bounds->size)
		return (false);
	log_info(
	    "%s: forgotten, for the archive is over its bound", oldest->path);
	archive_job_cancel(archive);
	for (size_t i = 0; i < sizes->count; i++)
		if (sizes->rows[i].day == oldest->number)
			sizes->rows[i].day = -1;
	archive_unlink_day(archive, oldest);
	return (true);
}

int
archive_expire(struct archive *archive, const struct archive_bounds *bounds,
    nanoseconds now, struct error *err)
{
	struct size *row;

	if (archive->count == 0)
		return (0);
	if (archive->sizes == NULL) {
		archive->sizes = memory_new(1, sizeof(*archive->sizes));
		archive->sizes->read = INT64_MIN;
	}
	if (!archive->sizes->complete) {
		read_next(archive);
		return (1);
	}
	row = find_beyond(archive, bounds, now);
	if (row != NULL)
		return (forget(archive, row, err) == -1 ? -1 : 1);
	if (forget_oldest(archive, bounds))
		return (1);
	archive_sizes_free(archive->sizes);
	archive->sizes = NULL;
	return (0);
}
