/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/journaled.h"

#include <dirent.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"

struct journal *
journaled_open(const char *dir, int64_t file_size)
{
	struct error err;
	struct journal *journal = journal_open(dir, file_size, &err);

	if (journal == NULL)
		fail_msg("%s", err.text);
	return (journal);
}

struct record_id
journaled_id(const char *epoch, uint64_t sequence)
{
	struct record_id id = {"lon", "", sequence};

	snprintf(id.epoch, sizeof(id.epoch), "%s", epoch);
	return (id);
}

void
journaled_add_at(struct journal *journal, const char *epoch, uint64_t sequence,
    nanoseconds at)
{
	struct record_id id = journaled_id(epoch, sequence);
	struct error err;
	char line[64];
	int length =
	    snprintf(line, sizeof(line), "%s/%" PRIu64, epoch, sequence);

	if (journal_add(journal, &id, line, (size_t)length, at, at, &err) == -1)
		fail_msg("%s", err.text);
}

void
journaled_add(struct journal *journal, const char *epoch, uint64_t sequence)
{
	journaled_add_at(journal, epoch, sequence, (nanoseconds)sequence);
}

void
journaled_commit(struct journal *journal)
{
	struct error err;

	if (journal_commit(journal, &err) == -1)
		fail_msg("%s", err.text);
}

void
journaled_fill(struct journal *journal, uint64_t from, uint64_t to)
{
	for (uint64_t sequence = from; sequence <= to; sequence++) {
		journaled_add(journal, "e1", sequence);
		if (sequence % 10 == 0)
			journaled_commit(journal);
	}
	journaled_commit(journal);
}

int
journaled_files(const char *dir)
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

struct journal_reader *
journaled_reader(const char *dir, uint64_t after)
{
	struct error err;
	struct journal_reader *reader = journal_reader_open(dir, after, &err);

	if (reader == NULL)
		fail_msg("%s", err.text);
	return (reader);
}

nanoseconds
journaled_next(struct journal_reader *reader, uint64_t n)
{
	struct journal_entry entry;
	struct error err;
	char line[64];
	int result = journal_read(reader, &entry, &err);

	if (result == -1)
		fail_msg("%s", err.text);
	assert_int_equal(result, 1);
	snprintf(line, sizeof(line), "e1/%" PRIu64, n);
	assert_int_equal(entry.number, n);
	assert_int_equal(entry.length, strlen(line));
	assert_memory_equal(entry.line, line, entry.length);
	return (entry.received);
}

void
journaled_none(struct journal_reader *reader)
{
	struct journal_entry entry;
	struct error err;

	assert_int_equal(journal_read(reader, &entry, &err), 0);
}

void
journaled_expect(struct journal_reader *reader, uint64_t from, uint64_t to)
{
	for (uint64_t n = from; n <= to; n++)
		assert_int_equal(journaled_next(reader, n), n);
	journaled_none(reader);
}
