/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/memory.h"
#include "tests/unit/folder.h"
#include "tests/unit/journaled.h"

static void
journal_numbers_from_one_and_remembers(void **state)
{
	struct journal *journal = journaled_open(*state, LARGE_FILE);

	assert_int_equal(journal_last(journal), 0);
	assert_int_equal(journal_accepted(journal, "lon", "e1"), 0);
	journaled_add(journal, "e1", 1);
	journaled_add(journal, "e1", 2);
	assert_int_equal(journal_last(journal), 0);
	journaled_commit(journal);
	assert_int_equal(journal_last(journal), 2);
	journal_free(journal);

	journal = journaled_open(*state, LARGE_FILE);
	assert_int_equal(journal_last(journal), 2);
	assert_int_equal(journal_accepted(journal, "lon", "e1"), 2);
	assert_int_equal(journal_accepted(journal, "lon", "e2"), 0);
	assert_int_equal(journal_accepted(journal, "nyc", "e1"), 0);
	journal_free(journal);
}

static void
journal_recognises_what_is_not_committed_yet(void **state)
{
	struct journal *journal = journaled_open(*state, LARGE_FILE);

	journaled_add(journal, "e1", 7);
	assert_int_equal(journal_accepted(journal, "lon", "e1"), 7);
	journal_free(journal); /* without a commit */

	journal = journaled_open(*state, LARGE_FILE);
	assert_int_equal(journal_accepted(journal, "lon", "e1"), 0);
	assert_int_equal(journal_last(journal), 0);
	journal_free(journal);
}

static void
journal_accepts_without_an_entry(void **state)
{
	struct journal *journal = journaled_open(*state, LARGE_FILE);
	struct record_id id = journaled_id("e1", 5);
	struct error err;

	assert_int_equal(journal_pass(journal, &id, &err), 0);
	journaled_commit(journal);
	assert_int_equal(journal_accepted(journal, "lon", "e1"), 5);
	assert_int_equal(journal_last(journal), 0);
	journal_free(journal);
}

static void
journal_never_lowers_what_was_accepted(void **state)
{
	struct journal *journal = journaled_open(*state, LARGE_FILE);
	struct record_id id = journaled_id("e1", 3);
	struct error err;

	journaled_add(journal, "e1", 9);
	assert_int_equal(journal_pass(journal, &id, &err), 0);
	journaled_commit(journal);
	assert_int_equal(journal_accepted(journal, "lon", "e1"), 9);
	journal_free(journal);
}

static void
journal_keeps_epochs_of_one_commit_apart(void **state)
{
	struct journal *journal = journaled_open(*state, LARGE_FILE);

	journaled_add(journal, "e1", 4);
	journaled_add(journal, "e2", 8);
	journaled_add(journal, "e1", 5);
	journaled_add(journal, "e2", 9);
	journaled_commit(journal);
	journaled_add(journal, "e3", 6);
	journal_roll_back(journal);
	journaled_add(journal, "e1", 6);
	journaled_commit(journal);
	journal_free(journal);

	journal = journaled_open(*state, LARGE_FILE);
	assert_int_equal(journal_accepted(journal, "lon", "e1"), 6);
	assert_int_equal(journal_accepted(journal, "lon", "e2"), 9);
	assert_int_equal(journal_accepted(journal, "lon", "e3"), 0);
	assert_int_equal(journal_last(journal), 5);
	journal_free(journal);
}

static void
journal_rotates_and_reads_across_files(void **state)
{
	struct journal *journal = journaled_open(*state, SMALL_FILE);
	struct journal_reader *reader = journaled_reader(*state, 0);

	journaled_fill(journal, 1, 5000);
	assert_true(journaled_files(*state) >= 2);
	assert_int_equal(journal_accepted(journal, "lon", "e1"), 5000);
	journaled_expect(reader, 1, 5000);
	journaled_fill(journal, 5001, 5010);
	journaled_expect(reader, 5001, 5010);
	journal_reader_free(reader);

	reader = journaled_reader(*state, 2500);
	journaled_expect(reader, 2501, 5010);
	journal_reader_free(reader);
	journal_free(journal);

	journal = journaled_open(*state, SMALL_FILE);
	assert_int_equal(journal_last(journal), 5010);
	journal_free(journal);
}

static void
journal_unlinks_only_what_was_released(void **state)
{
	struct journal *journal = journaled_open(*state, SMALL_FILE);
	struct journal_reader *reader;
	struct error err;
	int files;

	journaled_fill(journal, 1, 5000);
	files = journaled_files(*state);
	journal_release(journal, 10);
	assert_int_equal(journaled_files(*state), files);
	journal_release(journal, 2500);
	assert_true(journaled_files(*state) < files);
	reader = journaled_reader(*state, 2500);
	journaled_expect(reader, 2501, 5000);
	journal_reader_free(reader);

	assert_null(journal_reader_open(*state, 0, &err));
	assert_non_null(strstr(err.text, "released"));
	journal_release(journal, 5000);
	assert_int_equal(journaled_files(*state), 1);
	assert_int_equal(journal_last(journal), 5000);
	journaled_fill(journal, 5001, 5001);
	assert_int_equal(journal_last(journal), 5001);
	journal_free(journal);
}

static void
journal_size_shrinks_when_released(void **state)
{
	struct journal *journal = journaled_open(*state, SMALL_FILE);
	int64_t before;

	journaled_fill(journal, 1, 5000);
	before = journal_size(journal);
	assert_true(before > 2 * SMALL_FILE);
	journal_release(journal, 5000);
	assert_true(journal_size(journal) < before);
	journal_free(journal);
}

static void
resize_and_release(struct journal *journal, uint64_t upto)
{
	journal_resize(journal, SMALL_FILE);
	journal_release(journal, upto);
}

static void
journal_lets_the_last_file_go_when_it_has_its_size(void **state)
{
	struct journal *journal = journaled_open(*state, LARGE_FILE);
	struct journal_reader *reader = journaled_reader(*state, 0);
	uint64_t oldest;

	journaled_fill(journal, 1, 5000);
	journaled_expect(reader, 1, 5000);
	journal_release(journal, 5000); /* it may grow yet */
	resize_and_release(journal, 4999);
	assert_int_equal(journal_oldest(*state, &oldest, NULL), 0);
	assert_int_equal(oldest, 1);
	resize_and_release(journal, 5000);
	assert_int_equal(journal_oldest(*state, &oldest, NULL), 0);
	assert_int_equal(oldest, 5001);
	assert_int_equal(journaled_files(*state), 1);
	assert_true(journal_size(journal) < 2 * SMALL_FILE);
	assert_int_equal(journal_last(journal), 5000);
	assert_int_equal(journal_accepted(journal, "lon", "e1"), 5000);
	resize_and_release(journal, 5000); /* the new one is empty */
	journaled_fill(journal, 5001, 5010);
	journaled_expect(reader, 5001, 5010);
	journal_reader_free(reader);
	journal_free(journal);

	journal = journaled_open(*state, SMALL_FILE);
	assert_int_equal(journal_last(journal), 5010);
	assert_int_equal(journal_accepted(journal, "lon", "e1"), 5010);
	journal_free(journal);
}

static void
journal_keeps_its_file_while_something_is_uncommitted(void **state)
{
	struct journal *journal = journaled_open(*state, LARGE_FILE);
	struct journal_reader *reader = journaled_reader(*state, 0);

	journaled_fill(journal, 1, 5000);
	journaled_add(journal, "e1", 5001);
	resize_and_release(journal, 5000);
	journaled_commit(journal);
	journaled_expect(reader, 1, 5001);
	journal_reader_free(reader);
	journal_free(journal);
}

static int64_t
size_of_log(const char *dir)
{
	char *path = memory_print("%s/%020d.db-wal", dir, 1);
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	free(path);
	return (st.st_size);
}

/* A file that grows costs each commit a look at the file system's own log. */
static void
journal_has_room_for_its_log_ahead(void **state)
{
	struct journal *journal = journaled_open(*state, LARGE_FILE);
	int64_t size = size_of_log(*state);
	struct journal_reader *reader;

	assert_true(size > 4 * 1024 * 1024);
	journaled_fill(journal, 1, 10000);
	assert_int_equal(size_of_log(*state), size);
	reader = journaled_reader(*state, 0);
	journaled_expect(reader, 1, 10000);
	journal_reader_free(reader);
	journal_free(journal);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(journal_numbers_from_one_and_remembers),
	    IN_FOLDER(journal_recognises_what_is_not_committed_yet),
	    IN_FOLDER(journal_accepts_without_an_entry),
	    IN_FOLDER(journal_never_lowers_what_was_accepted),
	    IN_FOLDER(journal_keeps_epochs_of_one_commit_apart),
	    IN_FOLDER(journal_rotates_and_reads_across_files),
	    IN_FOLDER(journal_unlinks_only_what_was_released),
	    IN_FOLDER(journal_size_shrinks_when_released),
	    IN_FOLDER(journal_lets_the_last_file_go_when_it_has_its_size),
	    IN_FOLDER(journal_keeps_its_file_while_something_is_uncommitted),
	    IN_FOLDER(journal_has_room_for_its_log_ahead),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
