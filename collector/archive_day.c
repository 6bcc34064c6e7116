/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "collector/archive_file.h"
#include "common/memory.h"

#define OPEN_MOST 48 /* days; each is up to three descriptors */

/* Of a pair only its parts lead to its blocks, so that it can be renamed. */
static const char *const steps[] = {
    "CREATE TABLE state (one INTEGER PRIMARY KEY,"
    " checkpoint INTEGER NOT NULL, least INTEGER NOT NULL,"
    " followed INTEGER NOT NULL);"
    "INSERT INTO state VALUES (1, 0, 9223372036854775807, 0);"
    "CREATE TABLE pair (id INTEGER PRIMARY KEY, test TEXT NOT NULL,"
    " src TEXT NOT NULL, dst TEXT NOT NULL, UNIQUE (test, src, dst));"
    "CREATE TABLE run (id INTEGER PRIMARY KEY, level INTEGER NOT NULL,"
    " state INTEGER NOT NULL, target INTEGER NOT NULL);"
    "CREATE TABLE block (id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " run INTEGER NOT NULL, test TEXT NOT NULL, bytes INTEGER NOT NULL);"
    "CREATE INDEX block_of_run ON block (run);"
    "CREATE TABLE part (block INTEGER NOT NULL, place INTEGER NOT NULL,"
    " length INTEGER NOT NULL, pair INTEGER NOT NULL,"
    " records INTEGER NOT NULL, least INTEGER NOT NULL,"
    " greatest INTEGER NOT NULL, PRIMARY KEY (block, place)) WITHOUT ROWID;"
    "CREATE INDEX part_of_pair ON part (pair);"
    "CREATE TABLE lines (block INTEGER PRIMARY KEY, packed BLOB NOT NULL);",
    NULL};

static const char *const texts[ARCHIVE_STATEMENTS] = {
    [ARCHIVE_NEXT_PAIR] = "SELECT test, src, dst, id FROM pair"
			  " WHERE (test, src, dst) >= (?, ?, ?)"
			  " ORDER BY test, src, dst",
    [ARCHIVE_PARTS] =
	"SELECT p.block, p.place, p.length, p.least, p.greatest FROM part p"
	" JOIN block b ON b.id = p.block JOIN run r ON r.id = b.run"
	" WHERE p.pair = (SELECT id FROM pair WHERE test = ? AND src = ?"
	" AND dst = ?) AND p.greatest >= ? AND p.least < ? AND r.state = 1"
	" AND (?6 = 0 OR r.target = ?6)",
    [ARCHIVE_LINES] = "SELECT packed FROM lines WHERE block = ?",
    [ARCHIVE_STATE] = "SELECT checkpoint, least, followed FROM state",
    [ARCHIVE_FIND_PAIR] = "SELECT id FROM pair"
			  " WHERE test = ? AND src = ? AND dst = ?",
    [ARCHIVE_ADD_PAIR] = "INSERT INTO pair (test, src, dst) VALUES (?, ?, ?)",
    [ARCHIVE_ADD_RUN] = "INSERT INTO run (level, state, target)"
			" VALUES (?, ?, 0)",
    [ARCHIVE_ADD_BLOCK] = "INSERT INTO block (run, test, bytes)"
			  " VALUES (?, ?, ?)",
    [ARCHIVE_ADD_LINES] = "INSERT INTO lines (block, packed) VALUES (?, ?)",
    [ARCHIVE_ADD_PART] = "INSERT INTO part (block, place, length, pair,"
			 " records, least, greatest)"
			 " VALUES (?, ?, ?, ?, ?, ?, ?)",
    [ARCHIVE_SAVE_STATE] = "UPDATE state SET checkpoint = ?,"
			   " least = min(least, ?)",
};

static bool
is_damage(int code)
{
	return (
	    (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB);
}

bool
archive_day_damaged(const struct archive_day *day)
{
	return (day->db != NULL && is_damage(sqlite3_errcode(day->db)));
}

bool
archive_path_damaged(const char *path)
{
	sqlite3 *db = NULL;
	int code = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_exec(
		    db, "SELECT count(*) FROM sqlite_master", NULL, NULL, NULL);
	sqlite3_close(db);
	return (is_damage(code));
}

void
archive_day_close(struct archive_day *day)
{
	for (size_t i = 0; i < ARCHIVE_STATEMENTS; i++) {
		sqlite3_finalize(day->statements[i]);
		day->statements[i] = NULL;
	}
	database_close(day->db);
	day->db = NULL;
}

void
archive_day_free(struct archive_day *day)
{
	archive_day_close(day);
	free(day->path);
	free(day);
}

/* Of those that are open the one that was needed longest ago is closed, when
 * they are too many. */
static void
make_room(struct archive *archive)
{
	struct archive_day *oldest = NULL;
	size_t open = 0;

	for (size_t i = 0; i < archive->count; i++) {
		struct archive_day *day = archive->days[i];

		if (day->db == NULL)
			continue;
		open++;
		if (oldest == NULL || day->used < oldest->used)
			oldest = day;
	}
	if (open >= OPEN_MOST)
		archive_day_close(oldest);
}

static int
prepare(struct archive_day *day, bool read_only, struct error *err)
{
	size_t count = read_only ? ARCHIVE_READS : ARCHIVE_STATEMENTS;

	for (size_t i = 0; i < count; i++) {
		day->statements[i] = database_prepare(day->db, texts[i], err);
		if (day->statements[i] == NULL)
			return (-1);
	}
	return (0);
}

int
archive_day_state(
    struct archive *archive, struct archive_day *day, struct error *err)
{
	sqlite3_stmt *stmt = day->statements[ARCHIVE_STATE];
	int row = database_step(stmt, err);

	if (row == 0)
		return (error_set(err, "%s: it has no state", day->path));
	if (row == -1)
		return (-1);
	day->checkpoint = (uint64_t)sqlite3_column_int64(stmt, 0);
	day->least = sqlite3_column_int64(stmt, 1);
	day->followed = sqlite3_column_int64(stmt, 2);
	day->over = archive->read_only && day != archive_newest(archive);
	sqlite3_reset(stmt);
	return (0);
}

/* What a killed writer has left half made is to be removed. */
static int
recover(struct archive_day *day, struct error *err)
{
	if (day->recovered)
		return (0);
	day->recovered = true;
	return (database_run(day->db,
	    "UPDATE run SET state = 2 WHERE state = 0;"
	    "UPDATE run SET target = 0 WHERE target <> 0",
	    err));
}

static int
open_file(struct archive *archive, struct archive_day *day, struct error *err)
{
	make_room(archive);
	day->db =
	    database_open_steps(day->path, archive->read_only, steps, err);
	if (day->db == NULL)
		return (-1);
	if (prepare(day, archive->read_only, err) == 0 &&
	    archive_day_state(archive, day, err) == 0 &&
	    (archive->read_only || recover(day, err) == 0))
		return (0);
	archive_day_close(day);
	return (-1);
}

struct archive_day *
archive_day_open(
    struct archive *archive, int64_t number, bool *gone, struct error *err)
{
	struct archive_day *day = archive_find_day(archive, number);

	*gone = day == NULL;
	if (day == NULL)
		return (error_set(err, "the day is gone"), NULL);
	day->used = ++archive->uses;
	if (day->db != NULL || open_file(archive, day, err) == 0)
		return (day);
	*gone = access(day->path, F_OK) == -1 && errno == ENOENT;
	return (NULL);
}

/* Pages that become free can be given back only when the file was begun so. */
static int
begin_file(const char *path, struct error *err)
{
	sqlite3 *db = NULL;
	int code = sqlite3_open(path, &db);

	if (code == SQLITE_OK)
		code = sqlite3_exec(db,
		    "PRAGMA auto_vacuum = INCREMENTAL;"
		    "PRAGMA user_version = 0",
		    NULL, NULL, NULL);
	if (code != SQLITE_OK)
		error_set(err, "%s: %s", path, sqlite3_errmsg(db));
	sqlite3_close(db);
	return (code == SQLITE_OK ? 0 : -1);
}

/* It appears when it is whole, so a reader never meets half of one. */
static int
make_file(const char *path, int64_t followed, struct error *err)
{
	char *aside = memory_print("%s.new", path);
	int result = unlink(aside) == -1 && errno != ENOENT ? -1 : 0;
	sqlite3 *db = NULL;

	if (result == 0 && begin_file(aside, err) == 0)
		db = database_open_steps(aside, false, steps, err);
	if (result == -1)
		error_set(err, "%s: %m", aside);
	if (db == NULL ||
	    database_apply(db, err, "UPDATE state SET followed = ?", "i",
		followed) == -1 ||
	    database_settle(db, err) == -1)
		result = -1;
	database_close(db);
	if (result == 0 && rename(aside, path) == -1)
		result = error_set(err, "%s: %m", path);
	free(aside);
	return (result);
}

struct archive_day *
archive_day_make(struct archive *archive, int64_t number, struct error *err)
{
	struct archive_day *day = archive_find_day(archive, number);
	struct archive_day *newest = archive_newest(archive);
	bool gone;

	if (day == NULL) {
		day = archive_add_day(archive, number);
		if (newest != NULL)
			newest->tidy = false; /* it is over now */
	}
	if (access(day->path, F_OK) == -1 &&
	    make_file(day->path, archive->followed, err) == -1)
		return (NULL);
	return (archive_day_open(archive, number, &gone, err));
}

int
archive_day_begin(struct archive_day *day, struct error *err)
{
	return (database_run(day->db, "BEGIN IMMEDIATE", err));
}

int
archive_day_end(struct archive_day *day, struct error *err)
{
	return (database_run(day->db, "COMMIT", err));
}

void
archive_day_undo(struct archive_day *day)
{
	if (sqlite3_get_autocommit(day->db) == 0)
		database_run(day->db, "ROLLBACK", NULL);
}
