/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/archive.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/hash.h"
#include "common/memory.h"
#include "common/packing.h"
#include "tests/unit/archived.h"
#include "tests/unit/folder.h"

static void
spoil(void **state, const char *file, long offset)
{
	char *path = archived_path(state, file);
	char garbage[64];
	int fd = open(path, O_WRONLY);

	memset(garbage, 0x5a, sizeof(garbage));
	assert_int_equal(
	    pwrite(fd, garbage, sizeof(garbage), offset), sizeof(garbage));
	close(fd);
	free(path);
}

/* So many are found, and the damage is said to be in this file. */
static void
expect_damage(
    struct archive *archive, const char *file, size_t least, size_t most)
{
	struct archive_cursor *cursor = archived_find(archive, &archived_all);
	struct archived_seen seen = {0};

	archived_see_rest(cursor, &seen);
	assert_in_range(seen.count, least, most);
	assert_non_null(strstr(archive_cursor_damage(cursor), file));
	archive_cursor_free(cursor);
}

/* A file that is no database any more. */
static void
a_damaged_file_hides_no_other(void **state)
{
	struct archive *archive = archived_open(state, false), *reader;

	archived_fill_days(archive);
	archive_free(archive);
	spoil(state, SECOND_FILE, 0);
	reader = archived_open(state, true);
	expect_damage(reader, SECOND_FILE, 200, 200);
	archive_free(reader);

	archive = archived_open(state, false); /* merges, and goes on */
	archived_tidy(archive);
	archived_add_at(archive, 301, MIDNIGHT + 2 * DAY, MIDNIGHT + 2 * DAY);
	archived_commit(archive, 301);
	assert_int_equal(archived_in_day(archive, NULL, 2), 101);
	archive_free(archive);
}

static void
a_damaged_newest_file_is_put_aside(void **state)
{
	struct archive *archive = archived_open(state, false);

	archived_fill_days(archive);
	archive_free(archive);
	spoil(state, "2026-11-23.db", 0);
	archive = archived_open(state, false);
	assert_true(archived_exists(state, "2026-11-23.db.damaged"));
	assert_int_equal(archive_checkpoint(archive), 200);
	archive_begin_at(archive, 251); /* the journal has those only */
	for (uint64_t n = 251; n <= 300; n++)
		archived_add_at(
		    archive, n, MIDNIGHT + 2 * DAY, MIDNIGHT + 2 * DAY);
	archived_commit(archive, 300);
	assert_int_equal(archived_search(archive, &archived_all)->count, 250);
	archive_free(archive);
}

static void
a_damaged_block_is_named(void **state)
{
	struct archive *archive = archived_open(state, false);

	archived_fill_days(archive);
	archived_ask(state, FIRST_FILE,
	    "UPDATE lines SET packed = zeroblob(length(packed))"
	    " WHERE block = (SELECT id FROM block WHERE test = 'far')");
	expect_damage(archive, FIRST_FILE, 300 - 43, 300 - 43);
	archive_free(archive);
}

/* Lines that are no records: they are neither found nor merged away. */
static void
a_block_of_nonsense_is_left_as_it_is(void **state)
{
	struct archive *archive = archived_open(state, false);
	char *nonsense = memory_new(1 << 20, 1), *hex, *sql;
	size_t length;
	void *packed;

	memset(nonsense, 'x', (1 << 20) - 1);
	packed = packing_pack(nonsense, 1 << 20, &length);
	hex = memory_new(2 * length + 1, 1);
	hash_hex(packed, length, hex);
	archived_fill(archive, 1, 210, 10);
	sql = memory_print("UPDATE lines SET packed = X'%s' WHERE block ="
			   " (SELECT id FROM block WHERE test = 'far')",
	    hex);
	archived_ask(state, FIRST_FILE, sql);
	for (int i = 0; i < 3; i++)
		archive_tidy(archive, clock_monotonic() + NS_PER_S);
	assert_int_equal(
	    archived_ask(state, FIRST_FILE, "SELECT count(*) FROM lines"),
	    3 * 21);
	expect_damage(archive, FIRST_FILE, 200, 209);
	archive_free(archive);
	free(nonsense);
	free(packed);
	free(hex);
	free(sql);
}

static void
a_newer_format_is_refused_by_name(void **state)
{
	struct archive *archive = archived_open(state, false);
	char *dir = folder_path(state, "archive");
	struct error err;

	archived_fill(archive, 1, 10, 10);
	archive_free(archive);
	archived_ask(state, FIRST_FILE, "PRAGMA user_version = 99");
	assert_null(archive_open(dir, false, &err));
	assert_non_null(strstr(err.text, FIRST_FILE));
	assert_non_null(strstr(err.text, "format 99 is newer"));
	assert_true(archived_exists(state, FIRST_FILE));
	free(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(a_damaged_file_hides_no_other),
	    IN_FOLDER(a_damaged_newest_file_is_put_aside),
	    IN_FOLDER(a_damaged_block_is_named),
	    IN_FOLDER(a_block_of_nonsense_is_left_as_it_is),
	    IN_FOLDER(a_newer_format_is_refused_by_name),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
