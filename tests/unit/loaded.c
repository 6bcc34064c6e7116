/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/loaded.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* kB of a library's files that are mapped and as in the file, where nothing can
 * be written. */
static long
mapped(const char *library)
{
	FILE *file = fopen("/proc/self/smaps", "re");
	char line[512], access[5];
	long sum = 0, size;
	int counts = 0;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "%*x-%*x %4s", access) == 1)
			counts = access[1] == '-' && strstr(line, library);
		else if (counts &&
			 (sscanf(line, "Shared_Clean: %ld", &size) == 1 ||
			     sscanf(line, "Private_Clean: %ld", &size) == 1))
			sum += size;
	fclose(file);
	return (sum);
}

static int
ask(void)
{
	sqlite3_stmt *stmt;
	sqlite3 *db;
	int value;

	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_prepare_v2(db, "SELECT 6 * 7", -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	value = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return (value);
}

static void
a_library_is_mapped_no_more_until_it_is_used(void **state)
{
	long before, after;

	assert_int_equal(ask(), 42);
	before = mapped("libsqlite3");
	assert_true(before > 400);
	loaded_let_go();
	after = mapped("libsqlite3");
	assert_true(after < before / 4);
	assert_int_equal(ask(), 42);
	assert_true(mapped("libsqlite3") > after);
}

static void
what_the_loader_has_written_stays(void **state)
{
	/* tables of functions, bound as the library was loaded */
	const sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
	char *text;

	loaded_let_go();
	assert_ptr_equal(sqlite3_vfs_find(NULL), vfs);
	text = sqlite3_mprintf("%s %d", vfs->zName, 42);
	assert_string_equal(text, "unix 42");
	sqlite3_free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_library_is_mapped_no_more_until_it_is_used),
	    cmocka_unit_test(what_the_loader_has_written_stays),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
