/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/database.h"

#include <assert.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "common/error.h"

#define BUSY_MS 5000 /* how long to wait for another process's lock */

static int
failed(sqlite3 *db, struct error *err)
{
	const char *path = sqlite3_db_filename(db, "main");
	int cause = sqlite3_system_errno(db);

	if (path == NULL)
		path = "database";
	/* one word for all that a disk refuses, at times without the cause */
	if ((sqlite3_errcode(db) & 0xff) == SQLITE_IOERR)
		return (error_set(err, "%s: %s: %s", path, sqlite3_errmsg(db),
		    cause != 0 ? strerror(cause) : "is the disk full?"));
	return (error_set(err, "%s: %s", path, sqlite3_errmsg(db)));
}

static int
read_format(sqlite3 *db, int *format, struct error *err)
{
	sqlite3_stmt *stmt = database_prepare(db, "PRAGMA user_version", err);
	int row = stmt != NULL ? database_step(stmt, err) : -1;

	if (row == 1)
		*format = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	return (row == 1 ? 0 : -1);
}

/* Part of a transaction. */
static int
upgrade(sqlite3 *db, const char *const *steps, int format, struct error *err)
{
	char version[40];

	for (; steps[format] != NULL; format++)
		if (database_run(db, steps[format], err) != 0)
			return (-1);
	snprintf(version, sizeof(version), "PRAGMA user_version = %d", format);
	return (database_run(db, version, err));
}

static int
refuse(sqlite3 *db, int format, int known, struct error *err)
{
	const char *path = sqlite3_db_filename(db, "main");

	if (format > known)
		return (error_set(err,
		    "%s: format %d is newer than format %d, the newest this "
		    "version knows; install the newer pharos",
		    path, format, known));
	return (error_set(err,
	    "%s: format %d is older than format %d; the daemon that writes it "
	    "upgrades it when it starts",
	    path, format, known));
}

static int
count_steps(const char *const *steps)
{
	int count = 0;

	while (steps[count] != NULL)
		count++;
	return (count);
}

static int
bring_up(sqlite3 *db, const char *const *steps, struct error *err)
{
	int format, known = count_steps(steps);

	if (read_format(db, &format, err) != 0)
		return (-1);
	if (format > known)
		return (refuse(db, format, known, err));
	if (format == known)
		return (0);
	if (database_run(db, "BEGIN IMMEDIATE", err) != 0)
		return (-1);
	if (upgrade(db, steps, format, err) != 0) {
		database_run(db, "ROLLBACK", NULL);
		return (-1);
	}
	return (database_run(db, "COMMIT", err));
}

static int
prepare_to_write(sqlite3 *db, const char *const *steps, struct error *err)
{
	if (database_run(db, "PRAGMA journal_mode = WAL", err) != 0 ||
	    database_run(db, "PRAGMA synchronous = FULL", err) != 0)
		return (-1);
	return (bring_up(db, steps, err));
}

/* Files had no number before there was a second format of any. */
static int
check_to_read(sqlite3 *db, int known, struct error *err)
{
	int format;

	if (read_format(db, &format, err) != 0)
		return (-1);
	if (format == known || (format == 0 && known == 1))
		return (0);
	return (refuse(db, format, known, err));
}

static sqlite3 *
open_file(const char *path, bool read_only, struct error *err)
{
	int flags = read_only ? SQLITE_OPEN_READONLY
			      : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	sqlite3 *db = NULL;

	if (sqlite3_open_v2(path, &db, flags, NULL) != SQLITE_OK) {
		error_set(err, "%s: %s", path, sqlite3_errmsg(db));
		sqlite3_close(db);
		return (NULL);
	}
	sqlite3_busy_timeout(db, BUSY_MS);
	return (db);
}

sqlite3 *
database_open_steps(const char *path, bool read_only, const char *const *steps,
    struct error *err)
{
	sqlite3 *db = open_file(path, read_only, err);
	int result;

	if (db == NULL)
		return (NULL);
	result = read_only ? check_to_read(db, count_steps(steps), err)
			   : prepare_to_write(db, steps, err);
	if (result == 0)
		return (db);
	sqlite3_close(db);
	return (NULL);
}

sqlite3 *
database_open(
    const char *path, bool read_only, const char *schema, struct error *err)
{
	const char *const steps[] = {read_only ? "" : schema, NULL};

	assert(read_only == (schema == NULL));
	return (database_open_steps(path, read_only, steps, err));
}

void
database_spare(void)
{
	int result = sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);

	assert(result == SQLITE_OK); /* a file was opened before */
	(void)result;
}

void
database_close(sqlite3 *db)
{
	int result = sqlite3_close(db);

	assert(result == SQLITE_OK); /* a statement was not finalized */
	(void)result;
}

int
database_settle(sqlite3 *db, struct error *err)
{
	if (sqlite3_wal_checkpoint_v2(db, "main", SQLITE_CHECKPOINT_TRUNCATE,
		NULL, NULL) != SQLITE_OK)
		return (failed(db, err));
	return (0);
}

int
database_run(sqlite3 *db, const char *sql, struct error *err)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return (failed(db, err));
	return (0);
}

sqlite3_stmt *
database_prepare(sqlite3 *db, const char *sql, struct error *err)
{
	sqlite3_stmt *stmt;

	if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt,
		NULL) != SQLITE_OK)
		return (failed(db, err), NULL);
	return (stmt);
}

static int
bind_one(sqlite3_stmt *stmt, int i, char type, va_list *args)
{
	const void *data;

	switch (type) {
	case 'i':
		return (sqlite3_bind_int64(stmt, i, va_arg(*args, int64_t)));
	case 'd':
		return (sqlite3_bind_double(stmt, i, va_arg(*args, double)));
	case 't':
		return (sqlite3_bind_text(
		    stmt, i, va_arg(*args, const char *), -1, SQLITE_STATIC));
	case 'b':
		data = va_arg(*args, const void *);
		return (sqlite3_bind_blob64(
		    stmt, i, data, va_arg(*args, size_t), SQLITE_STATIC));
	default:
		return (SQLITE_MISUSE);
	}
}

static void
bind_all(sqlite3_stmt *stmt, const char *types, va_list *args)
{
	for (int i = 0; types[i] != '\0'; i++) {
		int result = bind_one(stmt, i + 1, types[i], args);

		assert(result == SQLITE_OK);
		(void)result;
	}
}

void
database_bind(sqlite3_stmt *stmt, const char *types, ...)
{
	va_list args;

	va_start(args, types);
	bind_all(stmt, types, &args);
	va_end(args);
}

sqlite3_stmt *
database_ask(
    sqlite3 *db, struct error *err, const char *sql, const char *types, ...)
{
	sqlite3_stmt *stmt = database_prepare(db, sql, err);
	va_list args;

	va_start(args, types);
	if (stmt != NULL)
		bind_all(stmt, types, &args);
	va_end(args);
	return (stmt);
}

int
database_apply(
    sqlite3 *db, struct error *err, const char *sql, const char *types, ...)
{
	sqlite3_stmt *stmt = database_prepare(db, sql, err);
	va_list args;
	int result;

	if (stmt == NULL)
		return (-1);
	va_start(args, types);
	bind_all(stmt, types, &args);
	va_end(args);
	result = database_do(stmt, err);
	sqlite3_finalize(stmt);
	return (result);
}

int
database_step(sqlite3_stmt *stmt, struct error *err)
{
	int result = sqlite3_step(stmt);

	if (result == SQLITE_ROW)
		return (1);
	if (result != SQLITE_DONE)
		failed(sqlite3_db_handle(stmt), err);
	sqlite3_reset(stmt);
	return (result == SQLITE_DONE ? 0 : -1);
}

int
database_do(sqlite3_stmt *stmt, struct error *err)
{
	int result;

	while ((result = database_step(stmt, err)) == 1)
		continue;
	return (result);
}

const char *
database_text(sqlite3_stmt *stmt, int column)
{
	const unsigned char *text = sqlite3_column_text(stmt, column);

	return (text != NULL ? (const char *)text : "");
}
