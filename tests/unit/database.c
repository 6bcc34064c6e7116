/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/database.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/error.h"
#include "tests/unit/folder.h"

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS box (name TEXT PRIMARY KEY, n INTEGER,"
    " x REAL, data BLOB)";

static sqlite3 *
open_fresh(void **state, struct error *err)
{
	char *path = folder_path(state, "test.db");
	sqlite3 *db = database_open(path, false, schema, err);

	free(path);
	return (db);
}

static void
add(sqlite3 *db, const char *name, int64_t n)
{
	struct error err;
	sqlite3_stmt *stmt =
	    database_prepare(db, "INSERT INTO box VALUES (?, ?, ?, ?)", &err);

	assert_non_null(stmt);
	database_bind(stmt, "tidb", name, n, 0.25, "\0\1", (size_t)2);
	assert_int_equal(database_do(stmt, &err), 0);
	sqlite3_finalize(stmt);
}

static int64_t
count(sqlite3 *db)
{
	struct error err;
	sqlite3_stmt *stmt =
	    database_prepare(db, "SELECT count(*) FROM box", &err);
	int64_t n;

	assert_int_equal(database_step(stmt, &err), 1);
	n = sqlite3_column_int64(stmt, 0);
	assert_int_equal(database_step(stmt, &err), 0);
	sqlite3_finalize(stmt);
	return (n);
}

static void
what_was_bound_is_read_back(void **state)
{
	struct error err;
	sqlite3 *db = open_fresh(state, &err);
	sqlite3_stmt *stmt;

	add(db, "nyc", INT64_MAX);
	stmt = database_prepare(db, "SELECT * FROM box WHERE name = ?", &err);
	database_bind(stmt, "t", "nyc");
	assert_int_equal(database_step(stmt, &err), 1);
	assert_string_equal(database_text(stmt, 0), "nyc");
	assert_true(sqlite3_column_int64(stmt, 1) == INT64_MAX);
	assert_true(sqlite3_column_double(stmt, 2) == 0.25);
	assert_int_equal(sqlite3_column_bytes(stmt, 3), 2);
	assert_int_equal(database_step(stmt, &err), 0);
	/* a finished statement is ready for the next */
	database_bind(stmt, "t", NULL);
	assert_int_equal(database_step(stmt, &err), 0);
	sqlite3_finalize(stmt);
	database_close(db);
}

static void
absent_text_is_empty_not_null(void **state)
{
	struct error err;
	sqlite3 *db = open_fresh(state, &err);
	sqlite3_stmt *stmt = database_prepare(db, "SELECT NULL", &err);

	assert_int_equal(database_step(stmt, &err), 1);
	assert_string_equal(database_text(stmt, 0), "");
	sqlite3_finalize(stmt);
	database_close(db);
}

static void
content_survives_reopening(void **state)
{
	struct error err;
	sqlite3 *db = open_fresh(state, &err);

	add(db, "nyc", 1);
	database_close(db);
	db = open_fresh(state, &err);
	assert_int_equal(count(db), 1);
	database_close(db);
}

static void
commits_reach_the_disk(void **state)
{
	struct error err;
	sqlite3 *db = open_fresh(state, &err);
	sqlite3_stmt *stmt = database_prepare(db,
	    "SELECT journal_mode, synchronous FROM pragma_journal_mode,"
	    " pragma_synchronous",
	    &err);

	assert_int_equal(database_step(stmt, &err), 1);
	assert_string_equal(database_text(stmt, 0), "wal");
	assert_string_equal(database_text(stmt, 1), "2"); /* FULL */
	sqlite3_finalize(stmt);
	database_close(db);
}

static void
readers_see_what_the_writer_committed(void **state)
{
	char *path = folder_path(state, "test.db");
	struct error err;
	sqlite3 *db = open_fresh(state, &err), *reader;

	reader = database_open(path, true, NULL, &err);
	assert_non_null(reader);
	assert_int_equal(database_run(db, "BEGIN", &err), 0);
	add(db, "nyc", 1);
	assert_int_equal(count(reader), 0);
	assert_int_equal(database_run(db, "COMMIT", &err), 0);
	assert_int_equal(count(reader), 1);
	assert_int_equal(database_run(reader, "DELETE FROM box", &err), -1);
	assert_non_null(strstr(err.text, "readonly"));
	database_close(reader);
	database_close(db);
	free(path);
}

static void
a_missing_file_is_not_made_by_a_reader(void **state)
{
	char *path = folder_path(state, "absent.db");
	struct error err;

	assert_null(database_open(path, true, NULL, &err));
	assert_non_null(strstr(err.text, path));
	free(path);
}

static void
a_refused_row_names_file_and_cause(void **state)
{
	struct error err;
	sqlite3 *db = open_fresh(state, &err);
	sqlite3_stmt *stmt =
	    database_prepare(db, "INSERT INTO box(name) VALUES (?)", &err);

	add(db, "nyc", 1);
	database_bind(stmt, "t", "nyc");
	assert_int_equal(database_do(stmt, &err), -1);
	assert_non_null(strstr(err.text, "test.db: UNIQUE"));
	database_bind(stmt, "t", "lon");
	assert_int_equal(database_do(stmt, &err), 0);
	sqlite3_finalize(stmt);
	database_close(db);
}

static void
a_bad_schema_leaves_nothing_behind(void **state)
{
	char *path = folder_path(state, "test.db");
	struct error err;
	sqlite3 *db;

	assert_null(database_open(path, false,
	    "CREATE TABLE box (name TEXT); CREATE NONSENSE", &err));
	assert_non_null(strstr(err.text, "NONSENSE"));
	db = open_fresh(state, &err);
	add(db, "nyc", 1); /* the table is that of the good schema */
	database_close(db);
	free(path);
}

static void
rare_statements_are_one_call(void **state)
{
	struct error err;
	sqlite3 *db = open_fresh(state, &err);
	sqlite3_stmt *stmt;

	assert_int_equal(
	    database_apply(db, &err, "INSERT INTO box (name, n) VALUES (?, ?)",
		"ti", "nyc", INT64_C(7)),
	    0);
	assert_int_equal(database_apply(db, &err,
			     "INSERT INTO box (name) VALUES (?)", "t", "nyc"),
	    -1);
	assert_non_null(strstr(err.text, "UNIQUE"));
	stmt = database_ask(
	    db, &err, "SELECT n FROM box WHERE name = ?", "t", "nyc");
	assert_int_equal(database_step(stmt, &err), 1);
	assert_int_equal(sqlite3_column_int64(stmt, 0), 7);
	sqlite3_finalize(stmt);
	assert_null(database_ask(db, &err, "SELECT nonsense", ""));
	database_close(db);
}

/*
 * Formats. The first made-up one had no column for what a box weighs.
 */

static const char *const first[] = {
    "CREATE TABLE IF NOT EXISTS box (name TEXT PRIMARY KEY, n INTEGER)", NULL};
static const char *const second[] = {
    "CREATE TABLE IF NOT EXISTS box (name TEXT PRIMARY KEY, n INTEGER)",
    "ALTER TABLE box ADD COLUMN weight INTEGER NOT NULL DEFAULT 7;"
    "CREATE TABLE label (box TEXT NOT NULL, text TEXT NOT NULL);"
    "INSERT INTO label SELECT name, 'box ' || name FROM box",
    NULL};
static const char *const broken[] = {
    "CREATE TABLE IF NOT EXISTS box (name TEXT PRIMARY KEY, n INTEGER)",
    "ALTER TABLE box ADD COLUMN weight INTEGER; UPDATE box SET n = 9;"
    "INSERT INTO nothing VALUES (1)",
    NULL};

static sqlite3 *
open_steps(
    void **state, bool read_only, const char *const *steps, struct error *err)
{
	char *path = folder_path(state, "formats.db");
	sqlite3 *db = database_open_steps(path, read_only, steps, err);

	free(path);
	return (db);
}

static void
make_first(void **state)
{
	struct error err;
	sqlite3 *db = open_steps(state, false, first, &err);

	assert_non_null(db);
	assert_int_equal(
	    database_run(db, "INSERT INTO box VALUES ('nyc', 1)", &err), 0);
	database_close(db);
}

static int64_t
ask_number(sqlite3 *db, const char *question)
{
	struct error err;
	sqlite3_stmt *stmt = database_prepare(db, question, &err);
	int64_t number;

	assert_non_null(stmt);
	assert_int_equal(database_step(stmt, &err), 1);
	number = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return (number);
}

static void
an_older_file_is_upgraded_with_what_is_in_it(void **state)
{
	struct error err;
	sqlite3 *db;

	make_first(state);
	for (int again = 0; again < 2; again++) {
		db = open_steps(state, false, second, &err);
		assert_non_null(db);
		assert_int_equal(ask_number(db, "PRAGMA user_version"), 2);
		assert_int_equal(ask_number(db, "SELECT weight FROM box"), 7);
		assert_int_equal(
		    ask_number(db, "SELECT count(*) FROM label"), 1);
		database_close(db);
	}
}

static void
a_new_file_is_of_the_newest_format(void **state)
{
	struct error err;
	sqlite3 *db = open_steps(state, false, second, &err);

	assert_non_null(db);
	assert_int_equal(ask_number(db, "PRAGMA user_version"), 2);
	assert_int_equal(ask_number(db, "SELECT count(*) FROM label"), 0);
	database_close(db);
}

static void
a_failed_upgrade_leaves_the_file_as_it_was(void **state)
{
	struct error err;
	sqlite3 *db;

	make_first(state);
	assert_null(open_steps(state, false, broken, &err));
	assert_non_null(strstr(err.text, "nothing"));
	db = open_steps(state, false, first, &err);
	assert_non_null(db);
	assert_int_equal(ask_number(db, "PRAGMA user_version"), 1);
	assert_int_equal(ask_number(db, "SELECT n FROM box"), 1);
	database_close(db);
}

static void
a_newer_file_is_refused_by_name(void **state)
{
	static const char expected[] =
	    "formats.db: format 2 is newer than format 1";
	struct error err;

	make_first(state);
	database_close(open_steps(state, false, second, &err));
	for (int read_only = 0; read_only < 2; read_only++) {
		assert_null(open_steps(state, read_only, first, &err));
		if (strstr(err.text, expected) == NULL)
			fail_msg("\"%s\"", err.text);
	}
}

static void
a_reader_changes_no_format(void **state)
{
	struct error err;
	sqlite3 *db;

	make_first(state);
	assert_null(open_steps(state, true, second, &err));
	assert_non_null(strstr(err.text, "format 1 is older than format 2"));
	db = open_steps(state, true, first, &err);
	assert_non_null(db);
	database_close(db);
}

/* In a process of its own: it holds for all of one. */
static void
pages_take_memory_as_they_are_read(void **state)
{
	int status;
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		struct error err;
		sqlite3 *db;

		sqlite3_shutdown();
		database_spare();
		db = open_fresh(state, &err);
		_exit(db == NULL || sqlite3_memory_used() > 70000);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static off_t
size_of(void **state, const char *name)
{
	char *path = folder_path(state, name);
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	free(path);
	return (st.st_size);
}

/* The log is shorter than the file, and has room where that has none. */
static void
settle_says_when_the_file_has_no_room(void **state)
{
	struct error err;
	sqlite3 *db = open_fresh(state, &err);
	off_t size;

	for (int i = 0; i < 20; i++)
		assert_int_equal(
		    database_run(db,
			"INSERT INTO box (data) VALUES (zeroblob(10000))",
			&err),
		    0);
	assert_int_equal(database_settle(db, &err), 0);
	assert_int_equal(size_of(state, "test.db-wal"), 0);
	size = size_of(state, "test.db");
	signal(SIGXFSZ, SIG_IGN);
	folder_limit_files((rlim_t)size);
	assert_int_equal(
	    database_run(
		db, "INSERT INTO box (data) VALUES (zeroblob(10000))", &err),
	    0);
	assert_int_equal(database_settle(db, &err), -1);
	assert_non_null(strstr(err.text, "test.db"));
	folder_limit_files(RLIM_INFINITY);
	assert_int_equal(database_settle(db, &err), 0);
	assert_true(size_of(state, "test.db") > size);
	database_close(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(what_was_bound_is_read_back),
	    IN_FOLDER(absent_text_is_empty_not_null),
	    IN_FOLDER(content_survives_reopening),
	    IN_FOLDER(commits_reach_the_disk),
	    IN_FOLDER(readers_see_what_the_writer_committed),
	    IN_FOLDER(a_missing_file_is_not_made_by_a_reader),
	    IN_FOLDER(a_refused_row_names_file_and_cause),
	    IN_FOLDER(a_bad_schema_leaves_nothing_behind),
	    IN_FOLDER(rare_statements_are_one_call),
	    IN_FOLDER(an_older_file_is_upgraded_with_what_is_in_it),
	    IN_FOLDER(a_new_file_is_of_the_newest_format),
	    IN_FOLDER(a_failed_upgrade_leaves_the_file_as_it_was),
	    IN_FOLDER(a_newer_file_is_refused_by_name),
	    IN_FOLDER(a_reader_changes_no_format),
	    IN_FOLDER(pages_take_memory_as_they_are_read),
	    IN_FOLDER(settle_says_when_the_file_has_no_room),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
