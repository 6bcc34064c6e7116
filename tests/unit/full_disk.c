/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that are made on a disk which has room for half of them. */
#include <inttypes.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/archive_file.h"
#include "collector/journal_files.h"
#include "common/database.h"
#include "common/memory.h"
#include "tests/unit/archived.h"
#include "tests/unit/folder.h"
#include "tests/unit/journaled.h"

#define ROOMY "size=64m"
#define STEP 4096
#define STEPS 500 /* enough for any of them */
#define EPOCHS 5000
#define FOLLOWED 7

/* The test's folder becomes a disk that nobody else sees; for root. */
static bool
has_disk(void **state)
{
	if (unshare(CLONE_NEWNS) == -1)
		return (false);
	assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	assert_int_equal(mount("none", *state, "tmpfs", 0, ROOMY), 0);
	return (true);
}

static int
remove_disk(void **state)
{
	umount2(*state, MNT_DETACH);
	return (folder_remove(state));
}

/* So many bytes are free from here on. */
static void
leave_room(const char *disk, int64_t bytes)
{
	struct statvfs is;
	char options[64];

	assert_int_equal(statvfs(disk, &is), 0);
	snprintf(options, sizeof(options), "size=%" PRId64,
	    (int64_t)((is.f_blocks - is.f_bfree) * is.f_bsize) + bytes);
	assert_int_equal(mount(NULL, disk, NULL, MS_REMOUNT, options), 0);
}

static int64_t
ask(const char *path, const char *question)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt;
	int64_t answer;

	assert_int_equal(
	    sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	stmt = database_prepare(db, question, NULL);
	assert_non_null(stmt);
	assert_int_equal(database_step(stmt, NULL), 1);
	answer = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	database_close(db);
	return (answer);
}

static void
fill_journal(const char *dir)
{
	struct journal *journal = journaled_open(dir, SMALL_FILE);
	char epoch[16];

	for (int i = 0; i < EPOCHS; i++) {
		snprintf(epoch, sizeof(epoch), "e%d", i);
		journaled_add(journal, epoch, 1);
	}
	journaled_commit(journal);
	journal_free(journal);
}

static void
a_journal_file_has_all_that_was_accepted_or_is_not_there(void **state)
{
	char *before, *path, *made;
	struct error err;
	int result = -1;

	if (!has_disk(state))
		skip();
	before = journal_file(*state, 1);
	path = journal_file(*state, 2);
	made = folder_path(state, "new");
	fill_journal(*state);
	for (int i = 1; i < STEPS && result == -1; i++) {
		journal_file_unlink(made);
		leave_room(*state, i * STEP);
		result = journal_file_make(*state, 2, before, 0, &err);
		assert_int_equal(access(path, F_OK), result);
		assert_true(i > 1 || result == -1);
	}
	assert_int_equal(result, 0);
	assert_int_equal(ask(path, "SELECT count(*) FROM accepted"), EPOCHS);
	free(made);
	free(path);
	free(before);
}

static void
a_day_of_the_archive_knows_its_names_or_is_not_there(void **state)
{
	struct archive_day *day = NULL;
	struct archive *archive;
	struct error err;
	char *made;

	if (!has_disk(state))
		skip();
	made = archived_path(state, FIRST_FILE ".new");
	archive = archived_open(state, false);
	archive->followed = FOLLOWED;
	for (int i = 1; i < STEPS && day == NULL; i++) {
		journal_file_unlink(made);
		leave_room(*state, i * STEP);
		day = archive_day_make(archive, MIDNIGHT / DAY, &err);
		assert_true(i > 1 || day == NULL);
	}
	if (day == NULL)
		fail_msg("%s", err.text);
	assert_int_equal(day->followed, FOLLOWED);
	archive_free(archive);
	free(made);
}

#define ON_DISK(test) \
	cmocka_unit_test_setup_teardown(test, folder_make, remove_disk)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    ON_DISK(a_journal_file_has_all_that_was_accepted_or_is_not_there),
	    ON_DISK(a_day_of_the_archive_knows_its_names_or_is_not_there),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
