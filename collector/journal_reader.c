/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdlib.h>

#include "collector/journal.h"
#include "collector/journal_files.h"
#include "common/database.h"
#include "common/error.h"
#include "common/memory.h"

/* Rows of one look: the writer can shorten its log in between. */
#define LOOK "1000"

struct journal_reader {
	char *dir;
	uint64_t at;    /* the last number that was read */
	uint64_t first; /* of the file that is open */
	sqlite3 *db;
	sqlite3_stmt *select;
	bool looking; /* within the rows of one look */
};

static void
close_file(struct journal_reader *reader)
{
	sqlite3_finalize(reader->select);
	database_close(reader->db);
	reader->select = NULL;
	reader->db = NULL;
	reader->looking = false;
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
	reader->db = database_open(path, true, NULL, err);
	free(path);
	if (reader->db == NULL)
		return (-1);
	reader->select = database_prepare(reader->db,
	    "SELECT number, received, line FROM entry WHERE number > ?"
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

static int
take(struct journal_reader *reader, struct journal_entry *entry,
    struct error *err)
{
	uint64_t number = (uint64_t)sqlite3_column_int64(reader->select, 0);

	if (number != reader->at + 1)
		return (error_set(err,
		    "%s: entry %" PRIu64 " follows %" PRIu64
		    ": entries are missing",
		    reader->dir, number, reader->at));
	entry->number = number;
	entry->received = sqlite3_column_int64(reader->select, 1);
	entry->line = sqlite3_column_blob(reader->select, 2);
	entry->length = (size_t)sqlite3_column_bytes(reader->select, 2);
	reader->at = number;
	return (1);
}

/* 1: an entry, 0: none in this file now, -1: error */
static int
look(struct journal_reader *reader, struct journal_entry *entry,
    struct error *err)
{
	bool again;
	int result;

	do {
		again = reader->looking;
		if (!reader->looking)
			database_bind(reader->select, "i", (int64_t)reader->at);
		reader->looking = true;
		result = database_step(reader->select, err);
		if (result == 1)
			return (take(reader, entry, err));
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
