/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/formats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/daemon.h"
#include "common/database.h"
#include "common/error.h"
#include "common/memory.h"

void
formats_make(const char *path, const char *name)
{
	const char *top = getenv("TOP_SRCDIR");
	char *text = memory_print(
	    "%s/tests/unit/formats/%s", top != NULL ? top : ".", name);
	struct error err;
	char *sql = daemon_read_file(text, 1 << 20, NULL, &err);
	sqlite3 *db;

	if (sql == NULL)
		fail_msg("%s", err.text);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (database_run(db, sql, &err) != 0)
		fail_msg("%s", err.text);
	sqlite3_close(db);
	free(sql);
	free(text);
}
