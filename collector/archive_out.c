/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records that come in the order of a run become blocks of the day's file: those
 * that are new, and those that are merged.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/archive_file.h"
#include "common/packing.h"

int64_t
archive_add_run(struct archive_day *day, int level, enum archive_run state,
    struct error *err)
{
	sqlite3_stmt *stmt = day->statements[ARCHIVE_ADD_RUN];

	database_bind(stmt, "ii", (int64_t)level, (int64_t)state);
	if (database_do(stmt, err) == -1)
		return (-1);
	return (sqlite3_last_insert_rowid(day->db));
}

static int
add_parts(struct archive_day *day, int64_t block,
    const struct archive_block *text, struct error *err)
{
	sqlite3_stmt *stmt = day->statements[ARCHIVE_ADD_PART];

	for (size_t i = 0; i < text->count; i++) {
		const struct archive_part *part = &text->parts[i];

		database_bind(stmt, "iiiiiii", block, (int64_t)part->place,
		    (int64_t)part->length, part->pair, part->records,
		    part->least, part->greatest);
		if (database_do(stmt, err) == -1)
			return (-1);
	}
	return (0);
}

static int
add_block(
    struct archive_day *day, const struct archive_out *out, struct error *err)
{
	sqlite3_stmt *head = day->statements[ARCHIVE_ADD_BLOCK];
	sqlite3_stmt *lines = day->statements[ARCHIVE_ADD_LINES];
	size_t length;
	void *packed =
	    packing_pack(out->block.text, out->block.length, &length);
	int64_t block;
	int result;

	database_bind(head, "iti", out->run, out->test, (int64_t)length);
	result = database_do(head, err);
	block = sqlite3_last_insert_rowid(day->db);
	if (result == 0) {
		database_bind(lines, "ib", block, packed, length);
		result = database_do(lines, err);
	}
	if (result == 0)
		result = add_parts(day, block, &out->block, err);
	free(packed);
	return (result);
}

int
archive_out_flush(
    struct archive *archive, struct archive_out *out, struct error *err)
{
	bool gone;
	struct archive_day *day;

	if (out->block.length == 0)
		return (0);
	day = archive_day_open(archive, out->day, &gone, err);
	if (day == NULL || add_block(day, out, err) == -1)
		return (-1);
	archive_block_empty(&out->block);
	return (0);
}

int
archive_out_add(struct archive *archive, struct archive_out *out,
    const char *test, int64_t pair, nanoseconds start, const char *line,
    size_t length, struct error *err)
{
	if ((out->block.length + length > ARCHIVE_BLOCK ||
		strcmp(out->test, test) != 0) &&
	    archive_out_flush(archive, out, err) == -1)
		return (-1);
	if (out->block.length == 0)
		snprintf(out->test, sizeof(out->test), "%s", test);
	archive_block_add(&out->block, pair, start, line, length);
	return (0);
}
