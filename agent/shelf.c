/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/shelf.h"

#include <stdlib.h>
#include <string.h>

#include "common/database.h"
#include "common/error.h"
#include "common/memory.h"

static const char *const steps[] = {
    "CREATE TABLE IF NOT EXISTS record (n INTEGER PRIMARY KEY,"
    " added INTEGER NOT NULL, lost INTEGER NOT NULL, line BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS epoch (base INTEGER PRIMARY KEY,"
    " name TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS run (run INTEGER PRIMARY KEY,"
    " note TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS life (one INTEGER PRIMARY KEY CHECK (one = 1),"
    " committed INTEGER NOT NULL);",

    /* 2: runs that are to happen once */
    "CREATE TABLE IF NOT EXISTS once (what TEXT PRIMARY KEY,"
    " at INTEGER NOT NULL) WITHOUT ROWID;",
    NULL};

enum statement {
	PUT,
	MEASURE,
	REMOVE,
	VISIT,
	COUNT,
	RUN,
	RUN_END,
	RUNS,
	ONCE,
	WAS,
	FORGET,
	EPOCHS,
	EPOCH_NEXT,
	EPOCH_ADD,
	EPOCH_TIDY,
	LIFE,
	LIVE,
	STATEMENTS
};

static const char *const sql[STATEMENTS] = {
    [PUT] = "INSERT INTO record (n, added, lost, line) VALUES (?, ?, ?, ?)",
    [MEASURE] = "SELECT count(*), sum(length(line)) FROM record"
		" WHERE n > ? AND n <= ?",
    [REMOVE] = "DELETE FROM record WHERE n > ? AND n <= ?",
    [VISIT] = "SELECT n, added, lost, line FROM record WHERE n > ? ORDER BY n",
    [COUNT] = "SELECT count(*), sum(length(line)) FROM record",
    [RUN] = "INSERT OR REPLACE INTO run (run, note) VALUES (?, ?)",
    [RUN_END] = "DELETE FROM run WHERE run = ?",
    [RUNS] = "SELECT run, note FROM run ORDER BY run",
    [ONCE] = "INSERT OR REPLACE INTO once (what, at) VALUES (?, ?)",
    [WAS] = "SELECT at FROM once WHERE what = ?",
    [FORGET] = "DELETE FROM once WHERE at < ?",
    [EPOCHS] = "SELECT base, name FROM epoch ORDER BY base",
    [EPOCH_NEXT] = "SELECT 1 + max("
		   "coalesce((SELECT max(base) FROM epoch), -1),"
		   "coalesce((SELECT max(n) FROM record), -1))",
    [EPOCH_ADD] = "INSERT INTO epoch (base, name) VALUES (?, ?)",
    [EPOCH_TIDY] =
	"DELETE FROM epoch WHERE base < (SELECT max(base) FROM epoch WHERE"
	" base < coalesce((SELECT min(n) FROM record), 9223372036854775807))",
    [LIFE] = "SELECT committed FROM life",
    [LIVE] = "INSERT OR REPLACE INTO life (one, committed) VALUES (1, ?)",
};

/* Else SQLite keeps 2 MB of pages for good once it has read as many, which
 * records that come and go do not need twice. */
static const char bounds[] = "PRAGMA cache_size = -256"; /* KiB */

struct shelf {
	sqlite3 *db;
	sqlite3_stmt *stmt[STATEMENTS];
};

struct shelf *
shelf_new(const char *path, struct error *err)
{
	struct shelf *shelf;
	size_t i;

	shelf = memory_new(1, sizeof(*shelf));
	shelf->db = database_open_steps(path, false, steps, err);
	if (shelf->db == NULL || database_run(shelf->db, bounds, err) < 0)
		goto fail;
	for (i = 0; i < STATEMENTS; i++) {
		shelf->stmt[i] = database_prepare(shelf->db, sql[i], err);
		if (shelf->stmt[i] == NULL)
			goto fail;
	}
	return (shelf);
fail:
	shelf_free(shelf);
	return (NULL);
}

void
shelf_free(struct shelf *shelf)
{
	size_t i;

	if (shelf == NULL)
		return;
	for (i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(shelf->stmt[i]);
	database_close(shelf->db);
	free(shelf);
}

int
shelf_begin(struct shelf *shelf, struct error *err)
{
	return (database_run(shelf->db, "BEGIN IMMEDIATE", err));
}

int
shelf_commit(struct shelf *shelf, struct error *err)
{
	return (database_run(shelf->db, "COMMIT", err));
}

void
shelf_rollback(struct shelf *shelf)
{
	/* a full disk may have rolled it back already */
	if (!sqlite3_get_autocommit(shelf->db))
		database_run(shelf->db, "ROLLBACK", NULL);
}

int
shelf_put(struct shelf *shelf, const struct shelf_row *row, struct error *err)
{
	database_bind(shelf->stmt[PUT], "iiib", row->n, row->added, row->lost,
	    (const void *)row->line, row->length);
	return (database_step(shelf->stmt[PUT], err));
}

static int
read_tally(sqlite3_stmt *stmt, struct shelf_tally *tally, struct error *err)
{
	int rc;

	while ((rc = database_step(stmt, err)) == 1) {
		tally->records = sqlite3_column_int64(stmt, 0);
		tally->bytes = sqlite3_column_int64(stmt, 1);
	}
	return (rc);
}

int
shelf_remove(struct shelf *shelf, int64_t from, int64_t upto,
    struct shelf_tally *tally, struct error *err)
{
	struct shelf_tally gone = {0, 0};

	database_bind(shelf->stmt[MEASURE], "ii", from, upto);
	if (read_tally(shelf->stmt[MEASURE], &gone, err) < 0)
		return (-1);
	database_bind(shelf->stmt[REMOVE], "ii", from, upto);
	if (database_step(shelf->stmt[REMOVE], err) < 0)
		return (-1);
	tally->records -= gone.records;
	tally->bytes -= gone.bytes;
	return (0);
}

int
shelf_visit(struct shelf *shelf, int64_t after,
    int (*visit)(void *arg, const struct shelf_row *row), void *arg,
    struct error *err)
{
	sqlite3_stmt *stmt = shelf->stmt[VISIT];
	struct shelf_row row;
	int rc;

	database_bind(stmt, "i", after);
	while ((rc = database_step(stmt, err)) == 1) {
		row.n = sqlite3_column_int64(stmt, 0);
		row.added = sqlite3_column_int64(stmt, 1);
		row.lost = sqlite3_column_int64(stmt, 2);
		row.line = sqlite3_column_blob(stmt, 3);
		row.length = (size_t)sqlite3_column_bytes(stmt, 3);
		if (visit(arg, &row) == SHELF_STOP) {
			sqlite3_reset(stmt);
			return (0);
		}
	}
	return (rc);
}

int
shelf_count(struct shelf *shelf, struct shelf_tally *tally, struct error *err)
{
	return (read_tally(shelf->stmt[COUNT], tally, err));
}

int
shelf_run(struct shelf *shelf, int64_t run, const char *note, struct error *err)
{
	if (note == NULL) {
		database_bind(shelf->stmt[RUN_END], "i", run);
		return (database_step(shelf->stmt[RUN_END], err));
	}
	database_bind(shelf->stmt[RUN], "it", run, note);
	return (database_step(shelf->stmt[RUN], err));
}

int
shelf_runs(struct shelf *shelf,
    void (*visit)(void *arg, int64_t run, const char *note), void *arg,
    struct error *err)
{
	sqlite3_stmt *stmt = shelf->stmt[RUNS];
	int rc;

	while ((rc = database_step(stmt, err)) == 1)
		visit(
		    arg, sqlite3_column_int64(stmt, 0), database_text(stmt, 1));
	return (rc);
}

int
shelf_once(
    struct shelf *shelf, const char *what, nanoseconds at, struct error *err)
{
	database_bind(shelf->stmt[ONCE], "ti", what, at);
	return (database_step(shelf->stmt[ONCE], err));
}

int
shelf_was(struct shelf *shelf, const char *what, bool *was, struct error *err)
{
	sqlite3_stmt *stmt = shelf->stmt[WAS];
	int rc;

	*was = false;
	database_bind(stmt, "t", what);
	while ((rc = database_step(stmt, err)) == 1)
		*was = true;
	return (rc);
}

int
shelf_marked(
    struct shelf *shelf, const char *what, nanoseconds *at, struct error *err)
{
	sqlite3_stmt *stmt = shelf->stmt[WAS];
	int rc, marked = 0;

	database_bind(stmt, "t", what);
	while ((rc = database_step(stmt, err)) == 1) {
		*at = sqlite3_column_int64(stmt, 0);
		marked = 1;
	}
	return (rc < 0 ? -1 : marked);
}

int
shelf_forget(struct shelf *shelf, nanoseconds before, struct error *err)
{
	database_bind(shelf->stmt[FORGET], "i", before);
	return (database_step(shelf->stmt[FORGET], err));
}

int
shelf_epochs(struct shelf *shelf, struct shelf_epoch **epochs, size_t *count,
    struct error *err)
{
	sqlite3_stmt *stmt = shelf->stmt[EPOCHS];
	struct shelf_epoch *all = NULL;
	size_t n = 0;
	int rc;

	if (database_do(shelf->stmt[EPOCH_TIDY], err) < 0)
		return (-1);
	while ((rc = database_step(stmt, err)) == 1) {
		all = memory_resize(all, n + 1, sizeof(*all));
		all[n].base = sqlite3_column_int64(stmt, 0);
		memset(all[n].name, 0, sizeof(all[n].name));
		strncpy(all[n].name, database_text(stmt, 1),
		    sizeof(all[n].name) - 1);
		n++;
	}
	if (rc < 0) {
		free(all);
		return (-1);
	}
	*epochs = all;
	*count = n;
	return (0);
}

int
shelf_add_epoch(
    struct shelf *shelf, struct shelf_epoch *epoch, struct error *err)
{
	sqlite3_stmt *stmt = shelf->stmt[EPOCH_NEXT];
	int rc;

	while ((rc = database_step(stmt, err)) == 1)
		epoch->base = sqlite3_column_int64(stmt, 0);
	if (rc < 0)
		return (-1);
	stmt = shelf->stmt[EPOCH_ADD];
	database_bind(stmt, "it", epoch->base, epoch->name);
	return (database_step(stmt, err));
}

int
shelf_life(struct shelf *shelf, nanoseconds *committed, struct error *err)
{
	sqlite3_stmt *stmt = shelf->stmt[LIFE];
	int rc;

	*committed = 0;
	while ((rc = database_step(stmt, err)) == 1)
		*committed = sqlite3_column_int64(stmt, 0);
	return (rc);
}

int
shelf_live(struct shelf *shelf, nanoseconds now, struct error *err)
{
	database_bind(shelf->stmt[LIVE], "i", now);
	return (database_step(shelf->stmt[LIVE], err));
}
