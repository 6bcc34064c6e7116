/* SPDX-License-Identifier: BSD-2-Clause */
/* Which epochs a journal keeps, and for how long. */
#include "collector/journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/error.h"
#include "tests/unit/folder.h"
#include "tests/unit/formats.h"
#include "tests/unit/journaled.h"

/* Of epoch "now", until a file is full: those before are behind it. */
static void
begin_file(struct journal *journal, const char *dir, nanoseconds received,
    nanoseconds ended)
{
	static uint64_t sequence;
	static char line[SMALL_FILE];
	int files = journaled_files(dir);
	struct error err;

	for (size_t i = 0; i < sizeof(line); i++)
		line[i] =
		    (char)('a' + lrand48() % 16); /* half as long, packed */
	while (journaled_files(dir) == files) {
		struct record_id id = journaled_id("now", ++sequence);

		assert_int_equal(journal_add(journal, &id, line, sizeof(line),
				     received, ended, &err),
		    0);
		journaled_commit(journal);
	}
}

static void
add_ended(struct journal *journal, const char *epoch, nanoseconds ended)
{
	journaled_add_at(journal, epoch, 1, ended);
	journaled_commit(journal);
}

#define THEN (INT64_C(1795300000) * NS_PER_S)
#define LATER (THEN + JOURNAL_REMEMBERS)

static void
journal_forgets_epochs_that_are_long_over(void **state)
{
	struct journal *journal = journaled_open(*state, SMALL_FILE);

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

	journal = journaled_open(*state, SMALL_FILE);
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
	struct journal *journal = journaled_open(*state, SMALL_FILE);

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
	journal = journaled_open(*state, SMALL_FILE);
	begin_file(journal, *state, LATER, LATER);
	begin_file(journal, *state, LATER, LATER);
	assert_int_equal(journal_accepted(journal, "lon", "e1"), 3);
	assert_int_equal(journal_forgotten(journal), 0);
	journal_free(journal);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(journal_forgets_epochs_that_are_long_over),
	    IN_FOLDER(journal_forgets_nothing_for_one_clock_that_is_ahead),
	    IN_FOLDER(journal_keeps_what_older_versions_accepted),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
