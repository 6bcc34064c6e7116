/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/journal.h"

#include <dirent.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/memory.h"
#include "common/packing.h"
#include "tests/unit/folder.h"
#include "tests/unit/formats.h"

#define FILE_SIZE (INT64_C(256) * 1024 * 1024)

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

static struct journal_reader *
open_reader(const char *dir, uint64_t after)
{
	struct error err;
	struct journal_reader *reader = journal_reader_open(dir, after, &err);

	if (reader == NULL)
		fail_msg("%s", err.text);
	return (reader);
}

static struct record_id
id_of(const char *epoch, uint64_t sequence)
{
	struct record_id id = {"lon", "", sequence};

	snprintf(id.epoch, sizeof(id.epoch), "%s", epoch);
	return (id);
}

/* The line says which record it is. */
static void
add(struct journal *journal, const char *epoch, uint64_t sequence)
{
	struct record_id id = id_of(epoch, sequence);
	struct error err;
	char line[64];
	int length =
	    snprintf(line, sizeof(line), "%s/%" PRIu64, epoch, sequence);

	if (journal_add(journal, &id, line, (size_t)length,
		(nanoseconds)sequence, (nanoseconds)sequence, &err) == -1)
		fail_msg("%s", err.text);
}

static void
commit(struct journal *journal)
{
	struct error err;

	if (journal_commit(journal, &err) == -1)
		fail_msg("%s", err.text);
}

static void
fill(struct journal *journal, uint64_t from, uint64_t to)
{
	for (uint64_t sequence = from; sequence <= to; sequence++) {
		add(journal, "e1", sequence);
		if (sequence % 10 == 0)
			commit(journal);
	}
	commit(journal);
}

/* Reads the entries from..to of epoch e1, entry n holding sequence n. */
static void
expect_entries(struct journal_reader *reader, uint64_t from, uint64_t to)
{
	struct journal_entry entry;
	struct error err;
	char line[64];

	for (uint64_t n = from; n <= to; n++) {
		int result = journal_read(reader, &entry, &err);

		if (result == -1)
			fail_msg("%s", err.text);
		assert_int_equal(result, 1);
		snprintf(line, sizeof(line), "e1/%" PRIu64, n);
		assert_int_equal(entry.number, n);
		assert_int_equal(entry.received, n);
		assert_int_equal(entry.length, strlen(line));
		assert_memory_equal(entry.line, line, entry.length);
	}
	assert_int_equal(journal_read(reader, &entry, &err), 0);
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

static void
journal_numbers_from_one_and_remembers(void **state)
{
	struct journal *journal = open_journal(*state, FILE_SIZE);

	assert_int_equal(journal_last(journal), 0);
	assert_int_equal(journal_accepted(journal, "lon", "e1"), 0);
	add(journal, "e1", 1);
	add(journal, "e1", 2);
	assert_int_equal(journal_last(journal), 0);
	commit(journal);
	assert_int_equal(journal_last(journal), 2);
	journal_free(journal);

	journal = open_journal(*state, FILE_SIZE);
	assert_int_equal(journal_last(journal), 2);
	assert_int_equal(journal_accepted(journal, "lon", "e1"), 2);
	assert_int_equal(journal_accepted(journal, "lon", "e2"), 0);
	assert_int_equal(journal_accepted(journal, "nyc", "e1"), 0);
	journal_free(journal);
}

static void
journal_recognises_what_is_not_committed_yet(void **state)
{
	struct journal *journal = open_journal(*state, FILE_SIZE);

	add(journal, "e1", 7);
	assert_int_equal(journal_accepted(journal, "lon", "e1"), 7);
	journal_free(journal); /* without a commit */

	journal = open_journal(*state, FILE_SIZE);
	assert_int_equal(journal_accepted(journal, "lon", "e1"), 0);
	assert_int_equal(journal_last(journal), 0);
	journal_free(journal);
}

static void
journal_accepts_without_an_entry(void **state)
{
	struct journal *journal = open_journal(*state, FILE_SIZE);
	struct record_id id = id_of("e1", 5);
	struct error err;

	assert_int_equal(journal_pass(journal, &id, &err), 0);
	commit(journal);
	assert_int_equal(journal_accepted(journal, "lon", "e1"), 5);
	assert_int_equal(journal_last(journal), 0);
	journal_free(journal);
}

static void
journal_never_lowers_what_was_accepted(void **state)
{
	struct journal *journal = open_journal(*state, FILE_SIZE);
	struct record_id id = id_of("e1", 3);
	struct error err;

	add(journal, "e1", 9);
	assert_int_equal(journal_pass(journal, &id, &err), 0);
	commit(journal);
	assert_int_equal(journal_accepted(journal, "lon", "e1"), 9);
	journal_free(journal);
}

static void
journal_keeps_epochs_of_one_commit_apart(void **state)
{
	struct journal *journal = open_journal(*state, FILE_SIZE);

	add(journal, "e1", 4);
	add(journal, "e2", 8);
	add(journal, "e1", 5);
	add(journal, "e2", 9);
	commit(journal);
	add(journal, "e3", 6);
	journal_roll_back(journal);
	add(journal, "e1", 6);
	commit(journal);
	journal_free(journal);

	journal = open_journal(*state, FILE_SIZE);
	assert_int_equal(journal_accepted(journal, "lon", "e1"), 6);
	assert_int_equal(journal_accepted(journal, "lon", "e2"), 9);
	assert_int_equal(journal_accepted(journal, "lon", "e3"), 0);
	assert_int_equal(journal_last(journal), 5);
	journal_free(journal);
}

static void
journal_rotates_and_reads_across_files(void **state)
{
	struct journal *journal = open_journal(*state, SMALL_FILE);
	struct journal_reader *reader = open_reader(*state, 0);

	fill(journal, 1, 5000);
	assert_true(count_files(*state) >= 2);
	assert_int_equal(journal_accepted(journal, "lon", "e1"), 5000);
	expect_entries(reader, 1, 5000);
	fill(journal, 5001, 5010);
	expect_entries(reader, 5001, 5010);
	journal_reader_free(reader);

	reader = open_reader(*state, 2500);
	expect_entries(reader, 2501, 5010);
	journal_reader_free(reader);
	journal_free(journal);

	journal = open_journal(*state, SMALL_FILE);
	assert_int_equal(journal_last(journal), 5010);
	journal_free(journal);
}

static void
journal_unlinks_only_what_was_released(void **state)
{
	struct journal *journal = open_journal(*state, SMALL_FILE);
	struct journal_reader *reader;
	struct error err;
	int files;

	fill(journal, 1, 5000);
	files = count_files(*state);
	journal_release(journal, 10);
	assert_int_equal(count_files(*state), files);
	journal_release(journal, 2500);
	assert_true(count_files(*state) < files);
	reader = open_reader(*state, 2500);
	expect_entries(reader, 2501, 5000);
	journal_reader_free(reader);

	assert_null(journal_reader_open(*state, 0, &err));
	assert_non_null(strstr(err.text, "released"));
	journal_release(journal, 5000);
	assert_int_equal(count_files(*state), 1);
	assert_int_equal(journal_last(journal), 5000);
	fill(journal, 5001, 5001);
	assert_int_equal(journal_last(journal), 5001);
	journal_free(journal);
}

static void
journal_size_shrinks_when_released(void **state)
{
	struct journal *journal = open_journal(*state, SMALL_FILE);
	int64_t before;

	fill(journal, 1, 5000);
	before = journal_size(journal);
	assert_true(before > 2 * SMALL_FILE);
	journal_release(journal, 5000);
	assert_true(journal_size(journal) < before);
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
	struct journal *journal = open_journal(*state, FILE_SIZE);
	int64_t size = size_of_log(*state);
	struct journal_reader *reader;

	assert_true(size > 4 * 1024 * 1024);
	fill(journal, 1, 10000);
	assert_int_equal(size_of_log(*state), size);
	reader = open_reader(*state, 0);
	expect_entries(reader, 1, 10000);
	journal_reader_free(reader);
	journal_free(journal);
}

/* As many lines "e1/N" as an agent sends them, some of which are empty. */
static void *
pack(uint64_t from, uint64_t to, size_t *length)
{
	char text[4096];
	int used = 0;

	for (uint64_t n = from; n <= to; n++)
		used += snprintf(text + used, sizeof(text) - (size_t)used,
		    "%se1/%" PRIu64 "\n", n % 3 == 0 ? "\n" : "", n);
	return (packing_pack(text, (size_t)used, length));
}

static void
add_of_one_time(struct journal *journal, uint64_t from, uint64_t to)
{
	for (uint64_t n = from; n <= to; n++) {
		struct record_id id = id_of("e1", n);
		struct error err;
		char line[64];
		int length = snprintf(line, sizeof(line), "e1/%" PRIu64, n);

		if (journal_add(
			journal, &id, line, (size_t)length, 1, 1, &err) == -1)
			fail_msg("%s", err.text);
	}
}

static void
expect_lines(const char *dir, uint64_t after, uint64_t to)
{
	struct journal_reader *reader = open_reader(dir, after);
	struct journal_entry entry;
	struct error err;
	char line[64];

	for (uint64_t n = after + 1; n <= to; n++) {
		assert_int_equal(journal_read(reader, &entry, &err), 1);
		snprintf(line, sizeof(line), "e1/%" PRIu64, n);
		assert_int_equal(entry.number, n);
		assert_int_equal(entry.length, strlen(line));
		assert_memory_equal(entry.line, line, entry.length);
	}
	assert_int_equal(journal_read(reader, &entry, &err), 0);
	journal_reader_free(reader);
}

static void
journal_reads_packed_lines_from_any_number_on(void **state)
{
	struct journal *journal = open_journal(*state, FILE_SIZE);
	struct error err;
	size_t length;
	void *packed = pack(1, 100, &length);

	add_of_one_time(journal, 1, 100);
	assert_int_equal(journal_seal(journal, packed, length, &err), 0);
	add_of_one_time(journal, 101, 150);
	assert_int_equal(journal_seal(journal, NULL, 0, &err), 0);
	add_of_one_time(journal, 151, 160);
	commit(journal);
	assert_int_equal(journal_last(journal), 160);
	for (uint64_t after = 0; after <= 160; after++)
		expect_lines(*state, after, 160);
	journal_free(journal);
	free(packed);
}

/* As a version kept it that is mended by now: the rest of a large batch in a row
 * of its own, with all the batch's lines. */
static void
journal_reads_the_rest_of_a_batch_kept_with_all_of_it(void **state)
{
	struct journal *journal = open_journal(*state, FILE_SIZE);
	struct error err;
	size_t length;
	void *packed = pack(1, 100, &length);

	add_of_one_time(journal, 1, 60);
	assert_int_equal(journal_seal(journal, NULL, 0, &err), 0);
	add_of_one_time(journal, 61, 100);
	assert_int_equal(journal_seal(journal, packed, length, &err), 0);
	add_of_one_time(journal, 101, 103);
	commit(journal);
	for (uint64_t after = 0; after <= 103; after++)
		expect_lines(*state, after, 103);
	journal_free(journal);
	free(packed);
}

/* A batch of more than a block holds: what is sealed is the rest of it alone. */
static void
journal_keeps_a_large_batch_in_several_blocks(void **state)
{
	enum { LINES = 300, LONG = 8000 };
	struct journal *journal = open_journal(*state, FILE_SIZE);
	struct journal_reader *reader;
	struct journal_entry entry;
	struct error err;
	size_t length;
	char *text = memory_new(LINES, LONG);
	void *packed;

	memset(text, 'x', LINES * LONG);
	for (uint64_t n = 1; n <= LINES; n++) {
		struct record_id id = id_of("e1", n);

		text[n * LONG - 1] = '\n';
		assert_int_equal(
		    journal_add(journal, &id, &text[(n - 1) * LONG], LONG - 1,
			1, 1, &err),
		    0);
	}
	packed = packing_pack(text, LINES * LONG, &length);
	assert_int_equal(journal_seal(journal, packed, length, &err), 0);
	commit(journal);
	reader = open_reader(*state, 0);
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
	struct journal *journal = open_journal(*state, FILE_SIZE);
	struct error err;
	size_t length;
	void *packed = pack(1, 9, &length);

	add_of_one_time(journal, 1, 9);
	assert_int_equal(journal_seal(journal, packed, length, &err), 0);
	add_of_one_time(journal, 10, 12);
	journal_roll_back(journal);
	add_of_one_time(journal, 1, 2);
	commit(journal);
	expect_lines(*state, 0, 2);
	journal_free(journal);
	free(packed);
}

static void
journal_refuses_a_block_that_does_not_hold_what_it_says(void **state)
{
	struct journal *journal = open_journal(*state, FILE_SIZE);
	struct journal_reader *reader;
	struct journal_entry entry;
	struct error err;
	size_t length;
	void *packed = pack(1, 9, &length);

	add_of_one_time(journal, 1, 10);
	assert_int_equal(journal_seal(journal, packed, length, &err), 0);
	commit(journal);
	reader = open_reader(*state, 0);
	assert_int_equal(journal_read(reader, &entry, &err), -1);
	assert_non_null(strstr(err.text, "a block of 10 lines"));
	journal_reader_free(reader);
	journal_free(journal);
	free(packed);
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
	journal = open_journal(*state, FILE_SIZE);
	assert_int_equal(journal_accepted(journal, "lon", "e1"), 3);
	add_of_one_time(journal, 4, 9);
	commit(journal);
	for (uint64_t after = 0; after <= 9; after++)
		expect_lines(*state, after, 9);
	journal_free(journal);
}

static void
journal_reader_waits_for_a_journal(void **state)
{
	char *dir = folder_path(state, "later");
	struct journal_reader *reader = open_reader(dir, 0);
	struct journal_entry entry;
	struct journal *journal;
	struct error err;

	assert_int_equal(journal_read(reader, &entry, &err), 0);
	journal = open_journal(dir, FILE_SIZE);
	assert_int_equal(journal_read(reader, &entry, &err), 0);
	fill(journal, 1, 3);
	expect_entries(reader, 1, 3);
	journal_reader_free(reader);
	journal_free(journal);
	free(dir);
}

static void
journal_reader_notices_a_lost_journal(void **state)
{
	struct journal *journal = open_journal(*state, FILE_SIZE);
	struct error err;

	fill(journal, 1, 3);
	journal_free(journal);
	assert_null(journal_reader_open(*state, 4, &err));
	assert_non_null(strstr(err.text, "ends at 3"));
}

static void
journal_reader_sees_another_process(void **state)
{
	int news[2], go[2], status;
	struct journal_reader *reader;
	char byte;
	pid_t writer;

	assert_int_equal(pipe(news), 0);
	assert_int_equal(pipe(go), 0);
	if ((writer = fork()) == 0) {
		struct journal *journal = open_journal(*state, FILE_SIZE);

		for (uint64_t n = 1; n <= 3; n++) {
			add(journal, "e1", n);
			commit(journal);
			if (write(news[1], "c", 1) != 1 ||
			    read(go[0], &byte, 1) != 1)
				_exit(1);
		}
		journal_free(journal);
		_exit(0);
	}
	assert_int_equal(read(news[0], &byte, 1), 1);
	reader = open_reader(*state, 0);
	for (uint64_t n = 1; n <= 3; n++) {
		expect_entries(reader, n, n);
		assert_int_equal(write(go[1], "g", 1), 1);
		if (n < 3)
			assert_int_equal(read(news[0], &byte, 1), 1);
	}
	assert_int_equal(waitpid(writer, &status, 0), writer);
	assert_int_equal(status, 0);
	journal_reader_free(reader);
	for (int i = 0; i < 2; i++) {
		close(news[i]);
		close(go[i]);
	}
}

/* Adds for ever and tells each sequence it could have acknowledged. */
static void
write_until_killed(const char *dir, uint64_t after, int out)
{
	struct journal *journal = open_journal(dir, SMALL_FILE);

	for (uint64_t n = after + 1;; n++) {
		add(journal, "e1", n);
		if (n % 3 != 0)
			continue;
		commit(journal);
		if (write(out, &n, sizeof(n)) != (ssize_t)sizeof(n))
			_exit(1);
	}
}

/* What the writer acknowledged until it was killed after `enough` answers. */
static uint64_t
run_and_kill(const char *dir, uint64_t after, int enough)
{
	uint64_t n, acknowledged = after;
	int out[2], status;
	pid_t writer;

	assert_int_equal(pipe(out), 0);
	if ((writer = fork()) == 0) {
		close(out[0]);
		write_until_killed(dir, after, out[1]);
	}
	close(out[1]);
	for (int i = 0; read(out[0], &n, sizeof(n)) == (ssize_t)sizeof(n);
	     i++) {
		acknowledged = n;
		if (i == enough)
			kill(writer, SIGKILL);
	}
	close(out[0]);
	assert_int_equal(waitpid(writer, &status, 0), writer);
	assert_true(WIFSIGNALED(status));
	return (acknowledged);
}

static void
journal_survives_kill(void **state)
{
	uint64_t accepted = 0;

	for (int round = 0; round < 6; round++) {
		uint64_t acknowledged =
		    run_and_kill(*state, accepted, 100 + 37 * round);
		struct journal_reader *reader = open_reader(*state, 0);
		struct journal *journal = open_journal(*state, SMALL_FILE);

		accepted = journal_accepted(journal, "lon", "e1");
		assert_true(accepted >= acknowledged);
		assert_int_equal(journal_last(journal), accepted);
		expect_entries(reader, 1, accepted);
		journal_reader_free(reader);
		journal_free(journal);
	}
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(journal_numbers_from_one_and_remembers),
	    TEST(journal_recognises_what_is_not_committed_yet),
	    TEST(journal_accepts_without_an_entry),
	    TEST(journal_never_lowers_what_was_accepted),
	    TEST(journal_keeps_epochs_of_one_commit_apart),
	    TEST(journal_rotates_and_reads_across_files),
	    TEST(journal_unlinks_only_what_was_released),
	    TEST(journal_size_shrinks_when_released),
	    TEST(journal_has_room_for_its_log_ahead),
	    TEST(journal_reads_packed_lines_from_any_number_on),
	    TEST(journal_reads_the_rest_of_a_batch_kept_with_all_of_it),
	    TEST(journal_keeps_a_large_batch_in_several_blocks),
	    TEST(journal_forgets_a_block_that_is_rolled_back),
	    TEST(journal_refuses_a_block_that_does_not_hold_what_it_says),
	    TEST(journal_of_format_1_is_read_and_goes_on),
	    TEST(journal_reader_waits_for_a_journal),
	    TEST(journal_reader_notices_a_lost_journal),
	    TEST(journal_reader_sees_another_process),
	    TEST(journal_survives_kill),
	};

	return (cmocka_run_group_tests_name("journal", tests, NULL, NULL));
}
