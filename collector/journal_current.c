/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "collector/journal_files.h"
#include "collector/journal_parts.h"
#include "common/daemon.h"
#include "common/database.h"
#include "common/memory.h"

/* SQLite begins its log anew from 1000 pages on. */
#define LOG_ROOM (INT64_C(4608) * 1024)

void
journal_current_close(struct journal *journal)
{
	sqlite3_finalize(journal->opening);
	sqlite3_finalize(journal->closing);
	sqlite3_finalize(journal->insert);
	sqlite3_finalize(journal->accept);
	sqlite3_finalize(journal->accepted);
	database_close(journal->db);
	journal->opening = journal->closing = NULL;
	journal->insert = journal->accept = journal->accepted = NULL;
	journal->db = NULL;
}

static int
prepare(struct journal *journal, struct error *err)
{
	sqlite3 *db = journal->db;

	journal->opening = database_prepare(db, "BEGIN IMMEDIATE", err);
	if (journal->opening == NULL)
		return (-1);
	journal->closing = database_prepare(db, "COMMIT", err);
	if (journal->closing == NULL)
		return (-1);
	journal->insert = database_prepare(db,
	    "INSERT INTO entry (number, received, count, line)"
	    " VALUES (?, ?, ?, ?)",
	    err);
	if (journal->insert == NULL)
		return (-1);
	journal->accept = database_prepare(db,
	    "INSERT INTO accepted (box, epoch, sequence, ended)"
	    " VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
	    " sequence = max(sequence, excluded.sequence),"
	    " ended = max(ended, excluded.ended)",
	    err);
	if (journal->accept == NULL)
		return (-1);
	journal->accepted = database_prepare(db,
	    "SELECT sequence FROM accepted WHERE box = ? AND epoch = ?", err);
	return (journal->accepted == NULL ? -1 : 0);
}

static int
find_last(struct journal *journal, uint64_t first, struct error *err)
{
	sqlite3_stmt *stmt =
	    database_prepare(journal->db, "SELECT max(number) FROM entry", err);
	int result = stmt == NULL ? -1 : database_step(stmt, err);

	if (result == 1 && sqlite3_column_type(stmt, 0) != SQLITE_NULL)
		journal->last = (uint64_t)sqlite3_column_int64(stmt, 0);
	else
		journal->last = first - 1;
	sqlite3_finalize(stmt);
	return (result == -1 ? -1 : 0);
}

/* Bytes of what has been committed, wherever they lie. */
static int
find_size(struct journal *journal, struct error *err)
{
	sqlite3_stmt *stmt = database_prepare(journal->db,
	    "SELECT page_count * page_size FROM pragma_page_count,"
	    " pragma_page_size",
	    err);
	int result = stmt == NULL ? -1 : database_step(stmt, err);

	if (result == 1)
		journal->size = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return (result == -1 ? -1 : 0);
}

static void
make_log_room(struct journal *journal, const char *path)
{
	int64_t room = LOG_ROOM;

	if (room > journal->file_size)
		room = journal->file_size;
	journal_file_room(path, room);
}

int
journal_current_open(struct journal *journal, struct error *err)
{
	uint64_t first = journal->firsts[journal->files - 1];
	char *path = journal_file(journal->dir, first);
	int result = -1;

	journal->db = database_open_steps(path, false, journal_steps, err);
	if (journal->db != NULL && prepare(journal, err) == 0 &&
	    find_last(journal, first, err) == 0 &&
	    journal_file_forgotten(journal->db, &journal->forgotten, err) == 0)
		result = find_size(journal, err);
	journal->next = journal->last + 1;
	if (result == 0)
		make_log_room(journal, path);
	else
		journal_current_close(journal);
	free(path);
	return (result);
}

static void
note_file(struct journal *journal, uint64_t first)
{
	journal->firsts = memory_resize(journal->firsts,
	    (size_t)journal->files + 1, sizeof(*journal->firsts));
	journal->firsts[journal->files++] = first;
}

int
journal_current_find(struct journal *journal, struct error *err)
{
	if (daemon_make_dir(journal->dir, err) == -1)
		return (-1);
	journal->files = journal_files(journal->dir, &journal->firsts, err);
	if (journal->files == -1)
		return (-1);
	if (journal->files == 0) {
		if (journal_file_make(journal->dir, 1, NULL, 0, err) == -1)
			return (-1);
		note_file(journal, 1);
	}
	return (journal_current_open(journal, err));
}

int
journal_current_next(
    struct journal *journal, nanoseconds since, struct error *err)
{
	char *before =
	    journal_file(journal->dir, journal->firsts[journal->files - 1]);
	uint64_t first = journal->next;
	int result = journal_file_make(journal->dir, first, before, since, err);

	free(before);
	if (result == -1)
		return (-1);
	journal_current_close(journal);
	note_file(journal, first);
	return (journal_current_open(journal, err));
}
