/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "collector/archive_file.h"
#include "common/memory.h"
#include "common/packing.h"

#define BLOCK_MOST (4 * 1024 * 1024) /* what no block of ours unpacks to */

/*
 * Blocks, unpacked: pair by pair the same ones are wanted again.
 */

void
archive_forget_cached(struct archive *archive, int64_t day)
{
	for (size_t i = 0; i < ARCHIVE_CACHED; i++)
		if (archive->cached[i].day == day)
			archive->cached[i].block = 0;
}

static struct archive_cached *
find_cached(struct archive *archive, int64_t day, int64_t block)
{
	for (size_t i = 0; i < ARCHIVE_CACHED; i++)
		if (archive->cached[i].block == block &&
		    archive->cached[i].day == day)
			return (&archive->cached[i]);
	return (NULL);
}

static struct archive_cached *
oldest_cached(struct archive *archive)
{
	struct archive_cached *oldest = &archive->cached[0];

	for (size_t i = 1; i < ARCHIVE_CACHED; i++)
		if (archive->cached[i].used < oldest->used)
			oldest = &archive->cached[i];
	return (oldest);
}

static enum archive_found
unpack(sqlite3_stmt *stmt, const char *path, int64_t block, char **text,
    size_t *length, struct error *err)
{
	int too_large;

	*text = packing_unpack(sqlite3_column_blob(stmt, 0),
	    (size_t)sqlite3_column_bytes(stmt, 0), BLOCK_MOST, length,
	    &too_large, err);
	if (*text != NULL)
		return (ARCHIVE_RECORD);
	error_place(err, "%s: block %lld", path, (long long)block);
	return (ARCHIVE_DAMAGED);
}

static enum archive_found
read_block(struct archive *archive, int64_t number, int64_t block, char **text,
    size_t *length, struct error *err)
{
	enum archive_found found;
	struct archive_day *day;
	bool gone;
	int row;

	day = archive_day_open(archive, number, &gone, err);
	if (day == NULL)
		return (gone ? ARCHIVE_CHANGED : ARCHIVE_DAMAGED);
	database_bind(day->statements[ARCHIVE_LINES], "i", block);
	row = database_step(day->statements[ARCHIVE_LINES], err);
	if (row != 1)
		return (row == 0 ? ARCHIVE_CHANGED : ARCHIVE_DAMAGED);
	found = unpack(day->statements[ARCHIVE_LINES], day->path, block, text,
	    length, err);
	sqlite3_reset(day->statements[ARCHIVE_LINES]);
	return (found);
}

/* ARCHIVE_RECORD: here it is. */
static enum archive_found
get_block(struct archive *archive, int64_t day, int64_t block,
    struct archive_cached **cached, struct error *err)
{
	enum archive_found found;
	size_t length;
	char *text;

	*cached = find_cached(archive, day, block);
	if (*cached == NULL) {
		found = read_block(archive, day, block, &text, &length, err);
		if (found != ARCHIVE_RECORD)
			return (found);
		*cached = oldest_cached(archive);
		free((*cached)->text);
		**cached = (struct archive_cached){
		    .day = day, .block = block, .text = text, .length = length};
	}
	(*cached)->used = ++archive->uses;
	return (ARCHIVE_RECORD);
}

/*
 * Parts, each in order, into one.
 */

void
archive_sweep_add(
    struct archive_sweep *sweep, const struct archive_place *place)
{
	if (sweep->count == sweep->room) {
		sweep->room = 2 * sweep->room + 16;
		sweep->places = memory_resize(
		    sweep->places, sweep->room, sizeof(*sweep->places));
	}
	sweep->places[sweep->count++] = *place;
}

static int
compare_places(const void *a, const void *b)
{
	const struct archive_place *x = a, *y = b;

	return ((x->least > y->least) - (x->least < y->least));
}

void
archive_sweep_sort(struct archive_sweep *sweep)
{
	if (sweep->count > 0)
		qsort(sweep->places, sweep->count, sizeof(*sweep->places),
		    compare_places);
}

void
archive_sweep_empty(struct archive_sweep *sweep)
{
	for (size_t i = sweep->from; i < sweep->opened; i++)
		free(sweep->places[i].text);
	sweep->count = sweep->opened = sweep->from = 0;
	sweep->current = NULL;
}

void
archive_sweep_clear(struct archive_sweep *sweep)
{
	archive_sweep_empty(sweep);
	free(sweep->places);
	*sweep = (struct archive_sweep){0};
}

static enum archive_found
complain(const struct archive *archive, const struct archive_place *place,
    const char *what, struct error *err)
{
	const struct archive_day *day = archive_find_day(archive, place->day);

	error_set(err, "%s: block %lld %s", day != NULL ? day->path : "archive",
	    (long long)place->block, what);
	return (ARCHIVE_DAMAGED);
}

/* To its next record; at its end it is over. */
static enum archive_found
advance(const struct archive *archive, struct archive_place *place,
    struct error *err)
{
	if (archive_line_next(place->text, place->length, &place->at,
		&place->start, &place->line, &place->line_length))
		return (ARCHIVE_RECORD);
	free(place->text);
	place->text = NULL;
	if (place->at == place->length)
		return (ARCHIVE_RECORD);
	return (complain(archive, place, "holds what is no record", err));
}

static enum archive_found
open_place(
    struct archive *archive, struct archive_place *place, struct error *err)
{
	struct archive_cached *cached;
	enum archive_found found =
	    get_block(archive, place->day, place->block, &cached, err);

	if (found != ARCHIVE_RECORD)
		return (found);
	if (place->place > cached->length ||
	    place->length > cached->length - place->place)
		return (complain(archive, place, "is too short", err));
	place->text = memory_new(place->length + 1, 1);
	memcpy(place->text, cached->text + place->place, place->length);
	place->at = 0;
	return (advance(archive, place, err));
}

static struct archive_place *
first_place(struct archive_sweep *sweep)
{
	struct archive_place *first = NULL;

	while (sweep->from < sweep->opened &&
	       sweep->places[sweep->from].text == NULL)
		sweep->from++;
	for (size_t i = sweep->from; i < sweep->opened; i++) {
		struct archive_place *place = &sweep->places[i];

		if (place->text != NULL &&
		    (first == NULL ||
			archive_line_compare(place->start, place->line,
			    place->line_length, first->start, first->line,
			    first->line_length) < 0))
			first = place;
	}
	return (first);
}

/* A part is opened when the records have come to its first one. */
static enum archive_found
open_next(
    struct archive *archive, struct archive_sweep *sweep, struct error *err)
{
	struct archive_place *place = &sweep->places[sweep->opened];
	enum archive_found found;

	place->text = NULL;
	found = open_place(archive, place, err);
	if (found != ARCHIVE_CHANGED)
		sweep->opened++;
	return (found);
}

enum archive_found
archive_sweep_next(struct archive *archive, struct archive_sweep *sweep,
    struct archive_record *record, struct error *err)
{
	enum archive_found found = ARCHIVE_RECORD;
	struct archive_place *first;

	if (sweep->current != NULL)
		found = advance(archive, sweep->current, err);
	sweep->current = NULL;
	if (found != ARCHIVE_RECORD)
		return (found);
	first = first_place(sweep);
	while (sweep->opened < sweep->count &&
	       (first == NULL ||
		   sweep->places[sweep->opened].least <= first->start)) {
		found = open_next(archive, sweep, err);
		if (found != ARCHIVE_RECORD)
			return (found);
		first = first_place(sweep);
	}
	if (first == NULL)
		return (ARCHIVE_END);
	sweep->current = first;
	record->start = first->start;
	record->line = first->line;
	record->length = first->line_length;
	return (ARCHIVE_RECORD);
}
