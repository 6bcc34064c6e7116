/* SPDX-License-Identifier: BSD-2-Clause */
/* Which epochs a journal keeps, and for how long. */
#include "collector/journal.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/memory.h"
#include "tests/unit/folder.h"
#include "tests/unit/formats.h"

#define SMALL_FILE (64 * 1024)

static struct journal *
open_journal(const char *dir, int64_t file_size)
{
	struct error err;
	struct journal *journal = journal_open(dir, file_size, &err);

	if (journal == NULL)
		fail_msg("%s", err.text);
	return (journal);
}

static struct record_id
id_of(const char *epoch, uint64_t sequence)
{
	struct record_id id = {"lon", "", sequence};

	snprintf(id.epoch, sizeof(id.epoch), "%s", epoch);
	return (id);
}

static void
commit(struct journal *journal)
{
	struct error err;

	if (journal_commit(journal, &err) == -1)
		fail_msg("%s", err.text);
}

static int
count_files(const char *dir)
{
	DIR *folder = opendir(dir);
	struct dirent *entry;
	int count = 0;

	assert_non_null(folder);
	while ((entry = readdir(folder)) != NULL)
		if (strlen(entry->d_name) == 23)
			count++;
	closedir(folder);
	return (count);
}

/* Of epoch "now", until a file is full: those before are behind it. */
static void
begin_file(struct journal *journal, const char *dir, nanoseconds received,
    nanoseconds ended)
{
	static uint64_t sequence;
	static char line[SMALL_FILE];
	int files = count_files(dir);
	struct error err;

	for (size_t i = 0; i < sizeof(line); i++)
		line[i] =
		    (char)('a' + lrand48() % 16); /* half as long, packed */
	while (count_files(dir) == files) {
		struct record_id id = id_of("now", ++sequence);

		assert_int_equal(journal_add(journal, &id, line, sizeof(line),
				     received, ended, &err),
		    0);
		commit(journal);
	}
}

static void
add_ended(struct journal *journal, const char *epoch, nanoseconds ended)
{
	struct record_id id = id_of(epoch, 1);
	struct error err;

	assert_int_equal(
	    journal_add(journal, &id, "x", 1, ended, ended, &err), 0);
	commit(journal);
}

#define THEN (INT64_C(1795300000) * NS_PER_S)
#define LATER (THEN + JOURNAL_REMEMBERS)

static void
journal_forgets_epochs_that_are_long_over(void **state)
{
	struct journal *journal = open_journal(*state, SMALL_FILE);

	add_ended(journal, "e1", THEN - 1);
	add_ended(journal, "e1", THEN - 5);
	add_ended(journal, "e2", THEN);
	begin_file(journal, *state, LATER - 1, LATER - 1);
	assert_int_equal(journal_accepted(journal, "lon", "e1"), 1);
	assert_int_equal(journal_forgotten(journal), 0);
	begin_file(journal, *state, LATER, LATER);
	assert_int_equal(journal_accepted(journal, "lon", "e1"), 0);
	assert_int_equal(journal_accepted(journal, "lon", "e2"), 1);
	assert_int_equal(journal_forgotten(journal), THEN - 1);
	journal_free(journal);

	journal = open_journal(*state, SMALL_FILE);
	assert_int_equal(journal_forgotten(journal), THEN - 1);
	begin_file(journal, *state, LATER, LATER);
	assert_int_equal(journal_forgotten(journal), THEN - 1);
	begin_file(journal, *state, LATER + 1, LATER + 1);
	assert_int_equal(journal_forgotten(journal), THEN);
	journal_free(journal);
}

static void
journal_forgets_nothing_for_one_clock_that_is_ahead(void **state)
{
	struct journal *journal = open_journal(*state, SMALL_FILE);

	add_ended(journal, "e1", THEN);
	begin_file(journal, *state, LATER, 2 * LATER);
	begin_file(journal, *state, 2 * LATER, LATER);
	assert_int_equal(journal_accepted(journal, "lon", "e1"), 1);
	assert_int_equal(journal_forgotten(journal), 0);
	journal_free(journal);
}

/* Nobody knows when they ended. */
static void
journal_keeps_what_older_versions_accepted(void **state)
{
	char *path = folder_path(state, "00000000000000000001.db");
	struct journal *journal;

	formats_make(path, "journal-1.sql");
	free(path);
	journal = open_journal(*state, SMALL_FILE);
	begin_file(journal, *state, LATER, LATER);
	begin_file(journal, *state, LATER, LATER);
	assert_int_equal(journal_accepted(journal, "lon", "e1"), 3);
	assert_int_equal(journal_forgotten(journal), 0);
	journal_free(journal);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(journal_forgets_epochs_that_are_long_over),
	    TEST(journal_forgets_nothing_for_one_clock_that_is_ahead),
	    TEST(journal_keeps_what_older_versions_accepted),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
