/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdlib.h>

#include "collector/journal.h"
#include "collector/journal_block.h"
#include "collector/journal_files.h"
#include "common/database.h"
#include "common/error.h"
#include "common/memory.h"

/* Rows of one look: the writer can shorten its log in between. */
#define LOOK "32"

struct journal_reader {
	char *dir;
	uint64_t at;    /* the last number that was read */
	uint64_t first; /* of the file that is open */
	sqlite3 *db;
	sqlite3_stmt *select;
	bool looking;               /* within the rows of one look */
	struct journal_lines lines; /* of the row that was read last */
	nanoseconds received;
};

static void
close_file(struct journal_reader *reader)
{
	sqlite3_finalize(reader->select);
	database_close(reader->db);
	reader->select = NULL;
	reader->db = NULL;
	reader->looking = false;
	journal_lines_clear(&reader->lines);
}

/* The number that file's entries reach, or -1. */
static int
check_end(struct journal_reader *reader, struct error *err)
{
	sqlite3_stmt *stmt =
	    database_prepare(reader->db, "SELECT max(number) FROM entry", err);
	int result = stmt == NULL ? -1 : database_step(stmt, err);
	uint64_t last = reader->first - 1;

	if (result == 1 && sqlite3_column_type(stmt, 0) != SQLITE_NULL)
		last = (uint64_t)sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	if (result == -1)
		return (-1);
	if (last < reader->at)
		return (error_set(err,
		    "%s: ends at %" PRIu64 ", before %" PRIu64
		    " that was read from it: it was replaced or files are lost",
		    reader->dir, last, reader->at));
	return (0);
}

static int
open_file(struct journal_reader *reader, uint64_t first, struct error *err)
{
	char *path = journal_file(reader->dir, first);

	reader->first = first;
	reader->db = database_open_steps(path, true, journal_steps, err);
	free(path);
	if (reader->db == NULL)
		return (-1);
	reader->select = database_prepare(reader->db,
	    "SELECT number, received, count, line FROM entry WHERE number > ?"
	    " ORDER BY number LIMIT " LOOK,
	    err);
	if (reader->select == NULL || check_end(reader, err) == -1) {
		close_file(reader);
		return (-1);
	}
	return (0);
}

/* The file that holds the next number. 1: opened, 0: there is none yet. */
static int
find_file(struct journal_reader *reader, struct error *err)
{
	uint64_t *firsts, first = 0, oldest;
	int count = journal_files(reader->dir, &firsts, err);

	if (count <= 0)
		return (count);
	oldest = firsts[0];
	for (int i = 0; i < count && firsts[i] <= reader->at + 1; i++)
		first = firsts[i];
	free(firsts);
	if (first == 0)
		return (error_set(err,
		    "%s: starts at %" PRIu64 ", but %" PRIu64
		    " is wanted: entries were released or files are lost",
		    reader->dir, oldest, reader->at + 1));
	if (reader->db != NULL && first == reader->first)
		return (0);
	close_file(reader);
	return (open_file(reader, first, err) == -1 ? -1 : 1);
}

int
journal_oldest(const char *dir, uint64_t *number, struct error *err)
{
	uint64_t *firsts;
	int count = journal_files(dir, &firsts, err);

	*number = count > 0 ? firsts[0] : 0;
	if (count >= 0)
		free(firsts);
	return (count == -1 ? -1 : 0);
}

struct journal_reader *
journal_reader_open(const char *dir, uint64_t after, struct error *err)
{
	struct journal_reader *reader = memory_new(1, sizeof(*reader));

	reader->dir = memory_text(dir);
	reader->at = after;
	if (find_file(reader, err) != -1)
		return (reader);
	journal_reader_free(reader);
	return (NULL);
}

void
journal_reader_free(struct journal_reader *reader)
{
	if (reader == NULL)
		return;
	close_file(reader);
	free(reader->dir);
	free(reader);
}

/* 1: the next line of the row, 0: it has no more */
static int
next_line(struct journal_reader *reader, struct journal_entry *entry)
{
	if (!journal_lines_next(&reader->lines, &entry->line, &entry->length))
		return (0);
	entry->number = ++reader->at;
	entry->received = reader->received;
	return (1);
}

/* A row whose last line has the number, and its lines that were read before. */
static int
take(struct journal_reader *reader, struct error *err)
{
	uint64_t last = (uint64_t)sqlite3_column_int64(reader->select, 0);
	unsigned count = (unsigned)sqlite3_column_int(reader->select, 2);
	uint64_t first = last - (count > 0 ? count - 1 : 0);
	uint64_t at = reader->at;
	struct journal_entry entry;

	if (first > at + 1)
		return (error_set(err,
		    "%s: entry %" PRIu64 " follows %" PRIu64
		    ": entries are missing",
		    reader->dir, first, at));
	reader->received = sqlite3_column_int64(reader->select, 1);
	if (journal_lines_take(&reader->lines,
		sqlite3_column_blob(reader->select, 3),
		(size_t)sqlite3_column_bytes(reader->select, 3), count,
		err) == -1) {
		error_place(err, reader->dir);
		return (-1);
	}
	reader->at = first - 1;
	while (reader->at < at)
		next_line(reader, &entry);
	return (0);
}

/* 1: an entry, 0: none in this file now, -1: error */
static int
look(struct journal_reader *reader, struct journal_entry *entry,
    struct error *err)
{
	bool again;
	int result;

	if (next_line(reader, entry) == 1)
		return (1);
	do {
		again = reader->looking;
		if (!reader->looking)
			database_bind(reader->select, "i", (int64_t)reader->at);
		reader->looking = true;
		result = database_step(reader->select, err);
		if (result == 1)
			return (take(reader, err) == -1
				    ? -1
				    : next_line(reader, entry));
		reader->looking = false;
	} while (result == 0 && again);
	return (result);
}

int
journal_read(struct journal_reader *reader, struct journal_entry *entry,
    struct error *err)
{
	int result;

	do {
		result = reader->db == NULL ? 0 : look(reader, entry, err);
		if (result != 0)
			return (result);
		result = find_file(reader, err);
	} while (result == 1);
	return (result);
}
