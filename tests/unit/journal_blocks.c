/* SPDX-License-Identifier: BSD-2-Clause */
/* What lies together on disk, packed. */
#include "collector/journal.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/memory.h"
#include "common/packing.h"
#include "tests/unit/folder.h"
#include "tests/unit/formats.h"
#include "tests/unit/journaled.h"

/* What was added is sealed with as many lines "e1/N" as an agent sends them, some
 * of which are empty. */
static void
seal_with(struct journal *journal, uint64_t from, uint64_t to)
{
	char text[4096];
	int used = 0;
	struct error err;
	size_t length;
	void *packed;

	for (uint64_t n = from; n <= to; n++)
		used += snprintf(text + used, sizeof(text) - (size_t)used,
		    "%se1/%" PRIu64 "\n", n % 3 == 0 ? "\n" : "", n);
	packed = packing_pack(text, (size_t)used, &length);
	assert_int_equal(journal_seal(journal, packed, length, &err), 0);
	free(packed);
}

static void
seal(struct journal *journal)
{
	struct error err;

	assert_int_equal(journal_seal(journal, NULL, 0, &err), 0);
}

static void
add_of_one_time(struct journal *journal, uint64_t from, uint64_t to)
{
	for (uint64_t n = from; n <= to; n++)
		journaled_add_at(journal, "e1", n, 1);
}

static void
expect_lines(const char *dir, uint64_t after, uint64_t to)
{
	struct journal_reader *reader = journaled_reader(dir, after);

	for (uint64_t n = after + 1; n <= to; n++)
		journaled_next(reader, n);
	journaled_none(reader);
	journal_reader_free(reader);
}

static void
expect_lines_from_any_on(const char *dir, uint64_t to)
{
	for (uint64_t after = 0; after <= to; after++)
		expect_lines(dir, after, to);
}

static void
journal_reads_packed_lines_from_any_number_on(void **state)
{
	struct journal *journal = journaled_open(*state, LARGE_FILE);

	add_of_one_time(journal, 1, 100);
	seal_with(journal, 1, 100);
	add_of_one_time(journal, 101, 150);
	seal(journal);
	add_of_one_time(journal, 151, 160);
	journaled_commit(journal);
	assert_int_equal(journal_last(journal), 160);
	expect_lines_from_any_on(*state, 160);
	journal_free(journal);
}

/* As a version kept it that is mended by now: the rest of a large batch in a row
 * of its own, with all the batch's lines. */
static void
journal_reads_the_rest_of_a_batch_kept_with_all_of_it(void **state)
{
	struct journal *journal = journaled_open(*state, LARGE_FILE);

	add_of_one_time(journal, 1, 60);
	seal(journal);
	add_of_one_time(journal, 61, 100);
	seal_with(journal, 1, 100);
	add_of_one_time(journal, 101, 103);
	journaled_commit(journal);
	expect_lines_from_any_on(*state, 103);
	journal_free(journal);
}

/* A batch of more than a block holds: what is sealed is the rest of it alone. */
static void
journal_keeps_a_large_batch_in_several_blocks(void **state)
{
	enum { LINES = 300, LONG = 8000 };
	struct journal *journal = journaled_open(*state, LARGE_FILE);
	struct journal_reader *reader;
	struct journal_entry entry;
	struct error err;
	size_t length;
	char *text = memory_new(LINES, LONG);
	void *packed;

	memset(text, 'x', LINES * LONG);
	for (uint64_t n = 1; n <= LINES; n++) {
		struct record_id id = journaled_id("e1", n);

		text[n * LONG - 1] = '\n';
		assert_int_equal(
		    journal_add(journal, &id, &text[(n - 1) * LONG], LONG - 1,
			1, 1, &err),
		    0);
	}
	packed = packing_pack(text, LINES * LONG, &length);
	assert_int_equal(journal_seal(journal, packed, length, &err), 0);
	journaled_commit(journal);
	reader = journaled_reader(*state, 0);
	for (uint64_t n = 1; n <= LINES; n++) {
		if (journal_read(reader, &entry, &err) != 1)
			fail_msg("line %d: %s", (int)n, err.text);
		assert_int_equal(entry.number, n);
		assert_int_equal(entry.length, LONG - 1);
	}
	journal_reader_free(reader);
	journal_free(journal);
	free(packed);
	free(text);
}

static void
journal_forgets_a_block_that_is_rolled_back(void **state)
{
	struct journal *journal = journaled_open(*state, LARGE_FILE);

	add_of_one_time(journal, 1, 9);
	seal_with(journal, 1, 9);
	add_of_one_time(journal, 10, 12);
	journal_roll_back(journal);
	add_of_one_time(journal, 1, 2);
	journaled_commit(journal);
	expect_lines(*state, 0, 2);
	journal_free(journal);
}

static void
journal_refuses_a_block_that_does_not_hold_what_it_says(void **state)
{
	struct journal *journal = journaled_open(*state, LARGE_FILE);
	struct journal_reader *reader;
	struct journal_entry entry;
	struct error err;

	add_of_one_time(journal, 1, 10);
	seal_with(journal, 1, 9);
	journaled_commit(journal);
	reader = journaled_reader(*state, 0);
	assert_int_equal(journal_read(reader, &entry, &err), -1);
	assert_non_null(strstr(err.text, "a block of 10 lines"));
	journal_reader_free(reader);
	journal_free(journal);
}

/* A line a row, as it is. */
static void
journal_of_format_1_is_read_and_goes_on(void **state)
{
	char *path = folder_path(state, "00000000000000000001.db");
	struct journal *journal;
	struct error err;

	formats_make(path, "journal-1.sql");
	free(path);
	assert_null(journal_reader_open(*state, 0, &err));
	assert_int_equal(journal_upgrade(*state, &err), 0);
	expect_lines(*state, 0, 3);
	journal = journaled_open(*state, LARGE_FILE);
	assert_int_equal(journal_accepted(journal, "lon", "e1"), 3);
	add_of_one_time(journal, 4, 9);
	journaled_commit(journal);
	expect_lines_from_any_on(*state, 9);
	journal_free(journal);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(journal_reads_packed_lines_from_any_number_on),
	    IN_FOLDER(journal_reads_the_rest_of_a_batch_kept_with_all_of_it),
	    IN_FOLDER(journal_keeps_a_large_batch_in_several_blocks),
	    IN_FOLDER(journal_forgets_a_block_that_is_rolled_back),
	    IN_FOLDER(journal_refuses_a_block_that_does_not_hold_what_it_says),
	    IN_FOLDER(journal_of_format_1_is_read_and_goes_on),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
