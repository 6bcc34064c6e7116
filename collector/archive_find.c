/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/archive_file.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"

/* Behind a name, before all others; names have nothing that is less. */
#define BEHIND "\x01"

/* Where among the pairs a search is. */
struct position {
	char test[NAME_TEXT], src[NAME_TEXT];
	char dst[NAME_TEXT + sizeof(BEHIND)];
	bool found; /* there is such a pair */
};

struct archive_cursor {
	struct archive *archive;
	char *test, *src, *dst, *agent; /* NULL: any */
	nanoseconds from, to;
	struct position at; /* the pair that is read */
	struct archive_sweep sweep;
	nanoseconds start; /* of the pair's last record that was found */
	size_t same;       /* so many of that start were found */
	size_t skip;       /* so many of it come again, after a change */
	bool reading;
	struct error damage; /* "": none */
};

static char *
text_or_null(const char *text)
{
	return (text != NULL ? memory_text(text) : NULL);
}

struct archive_cursor *
archive_find(struct archive *archive, const struct archive_query *query,
    struct error *err)
{
	struct archive_cursor *cursor;

	if (archive->read_only && archive_look(archive, err) == -1)
		return (NULL);
	cursor = memory_new(1, sizeof(*cursor));
	cursor->archive = archive;
	cursor->test = text_or_null(query->test);
	cursor->src = text_or_null(query->src);
	cursor->dst = text_or_null(query->dst);
	cursor->agent = text_or_null(query->agent);
	cursor->from = query->from;
	cursor->to = query->to;
	return (cursor);
}

void
archive_cursor_free(struct archive_cursor *cursor)
{
	if (cursor == NULL)
		return;
	archive_sweep_clear(&cursor->sweep);
	free(cursor->test);
	free(cursor->src);
	free(cursor->dst);
	free(cursor->agent);
	free(cursor);
}

const char *
archive_cursor_damage(const struct archive_cursor *cursor)
{
	return (cursor->damage.text[0] != '\0' ? cursor->damage.text : NULL);
}

/* The first is kept for who asked; each file is logged once. */
static void
note_damage(struct archive_cursor *cursor, struct archive_day *day,
    const struct error *err)
{
	if (cursor->damage.text[0] == '\0')
		cursor->damage = *err;
	if (day != NULL && day->bad)
		return;
	if (day != NULL)
		day->bad = true;
	log_warnx("%s; what is in it is left out", err->text);
}

static bool
is_or_any(const char *wanted, const char *name)
{
	return (wanted == NULL || strcmp(wanted, name) == 0);
}

static bool
is_wanted(const struct archive_cursor *cursor, const struct position *pair)
{
	if (!is_or_any(cursor->test, pair->test) ||
	    !is_or_any(cursor->src, pair->src) ||
	    !is_or_any(cursor->dst, pair->dst))
		return (false);
	return (cursor->agent == NULL ||
		strcmp(cursor->agent, pair->src) == 0 ||
		strcmp(cursor->agent, pair->dst) == 0);
}

static int
compare_positions(const struct position *a, const struct position *b)
{
	int order = strcmp(a->test, b->test);

	if (order == 0)
		order = strcmp(a->src, b->src);
	return (order != 0 ? order : strcmp(a->dst, b->dst));
}

/* Can records that start in the span be in this file? None is accepted more
 * than a day before it starts. */
static bool
may_hold(const struct archive_day *day, const struct archive_cursor *cursor)
{
	if ((day->number + 2) * ARCHIVE_DAY <= cursor->from)
		return (false);
	return (!day->over || day->least < cursor->to);
}

/* Open and readable, or NULL. */
static struct archive_day *
open_day(struct archive_cursor *cursor, struct archive_day *day)
{
	struct archive *archive = cursor->archive;
	struct archive_day *open;
	struct error err;
	bool gone;

	if (!may_hold(day, cursor))
		return (NULL);
	open = archive_day_open(archive, day->number, &gone, &err);
	if (open == NULL && !gone)
		note_damage(cursor, day, &err);
	return (open != NULL && may_hold(open, cursor) ? open : NULL);
}

static void
read_position(sqlite3_stmt *stmt, struct position *pair)
{
	snprintf(pair->test, sizeof(pair->test), "%s", database_text(stmt, 0));
	snprintf(pair->src, sizeof(pair->src), "%s", database_text(stmt, 1));
	snprintf(pair->dst, sizeof(pair->dst), "%s", database_text(stmt, 2));
	pair->found = true;
}

/* The first pair of the file that is wanted, if it is before the best yet. */
static void
look_for_pair(struct archive_cursor *cursor, struct archive_day *day,
    const struct position *from, struct position *best)
{
	sqlite3_stmt *stmt = day->statements[ARCHIVE_NEXT_PAIR];
	struct position pair;
	struct error err;
	int row;

	database_bind(stmt, "ttt", from->test, from->src, from->dst);
	while ((row = database_step(stmt, &err)) == 1) {
		read_position(stmt, &pair);
		if (best->found && compare_positions(&pair, best) >= 0)
			break;
		if (cursor->test != NULL && strcmp(pair.test, cursor->test) > 0)
			break;
		if (is_wanted(cursor, &pair)) {
			*best = pair;
			break;
		}
	}
	sqlite3_reset(stmt);
	if (row == -1)
		note_damage(cursor, day, &err);
}

/* Where the pairs that are wanted begin. */
static struct position
first_position(const struct archive_cursor *cursor)
{
	struct position from = {0};

	if (cursor->test == NULL)
		return (from);
	snprintf(from.test, sizeof(from.test), "%s", cursor->test);
	if (cursor->src == NULL)
		return (from);
	snprintf(from.src, sizeof(from.src), "%s", cursor->src);
	if (cursor->dst != NULL)
		snprintf(from.dst, sizeof(from.dst), "%s", cursor->dst);
	return (from);
}

static bool
next_pair(struct archive_cursor *cursor)
{
	struct archive *archive = cursor->archive;
	struct position from = cursor->at, best = {0};

	if (from.found)
		strcat(from.dst, BEHIND);
	else
		from = first_position(cursor);
	for (size_t i = 0; i < archive->count; i++) {
		struct archive_day *day = open_day(cursor, archive->days[i]);

		if (day != NULL)
			look_for_pair(cursor, day, &from, &best);
	}
	cursor->at = best;
	return (best.found);
}

static void
list_parts(
    struct archive_cursor *cursor, struct archive_day *day, nanoseconds from)
{
	sqlite3_stmt *stmt = day->statements[ARCHIVE_PARTS];
	struct archive_place place = {.day = day->number};
	struct error err;
	int row;

	database_bind(stmt, "tttiii", cursor->at.test, cursor->at.src,
	    cursor->at.dst, from, cursor->to, INT64_C(0));
	while ((row = database_step(stmt, &err)) == 1) {
		place.block = sqlite3_column_int64(stmt, 0);
		place.place = (size_t)sqlite3_column_int64(stmt, 1);
		place.length = (size_t)sqlite3_column_int64(stmt, 2);
		place.least = sqlite3_column_int64(stmt, 3);
		place.greatest = sqlite3_column_int64(stmt, 4);
		archive_sweep_add(&cursor->sweep, &place);
	}
	if (row == -1)
		note_damage(cursor, day, &err);
}

/* All parts of the pair that hold what starts at `from` or later. */
static void
read_pair(struct archive_cursor *cursor, nanoseconds from)
{
	struct archive *archive = cursor->archive;

	archive_sweep_empty(&cursor->sweep);
	for (size_t i = 0; i < archive->count; i++) {
		struct archive_day *day = open_day(cursor, archive->days[i]);

		if (day != NULL)
			list_parts(cursor, day, from);
	}
	archive_sweep_sort(&cursor->sweep);
	cursor->reading = true;
}

/* A pair may have been measured by both of its ends. */
static bool
is_of_agent(
    const struct archive_cursor *cursor, const struct archive_record *record)
{
	const struct position *pair = &cursor->at;
	const char *agent, *end;
	json_object *json;
	bool result;

	if (cursor->agent == NULL || pair->test[0] == '\0')
		return (true);
	json = member_parse(record->line, record->length, NULL);
	agent = member_text_or(json, "agent", "");
	/* the line has the names of its time */
	end = strcmp(agent, member_text_or(json, "src", "")) == 0 ? pair->src
								  : pair->dst;
	result = strcmp(end, cursor->agent) == 0;
	json_object_put(json);
	return (result);
}

/* Whether the record is one that has not been found before. */
static bool
take(struct archive_cursor *cursor, const struct archive_record *record)
{
	if (record->start < cursor->from)
		return (false);
	if (cursor->skip > 0) {
		if (record->start == cursor->start) {
			cursor->skip--;
			return (false);
		}
		if (record->start < cursor->start)
			return (false);
		cursor->skip = 0;
	}
	cursor->same = record->start == cursor->start ? cursor->same + 1 : 1;
	cursor->start = record->start;
	return (is_of_agent(cursor, record));
}

static void
begin_pair(struct archive_cursor *cursor)
{
	cursor->start = INT64_MIN;
	cursor->same = cursor->skip = 0;
	read_pair(cursor, cursor->from);
}

/* Blocks were merged, or forgotten: what has been found is found again first.
 */
static void
begin_again(struct archive_cursor *cursor)
{
	cursor->skip = cursor->same;
	read_pair(cursor,
	    cursor->start > cursor->from ? cursor->start : cursor->from);
}

/* 1: a record of the pair, 0: it has no more */
static int
next_of_pair(struct archive_cursor *cursor, struct archive_record *record)
{
	enum archive_found found;
	struct error err;

	while ((found = archive_sweep_next(cursor->archive, &cursor->sweep,
		    record, &err)) != ARCHIVE_END) {
		if (found == ARCHIVE_CHANGED)
			begin_again(cursor);
		else if (found == ARCHIVE_DAMAGED)
			note_damage(cursor, NULL, &err);
		else if (record->start >= cursor->to)
			break; /* so do all that follow */
		else if (take(cursor, record))
			return (1);
	}
	cursor->reading = false;
	return (0);
}

int
archive_next(struct archive_cursor *cursor, struct archive_record *record,
    struct error *err)
{
	*record = (struct archive_record){.test = cursor->at.test,
	    .src = cursor->at.src,
	    .dst = cursor->at.dst};
	for (;;) {
		if (cursor->reading && next_of_pair(cursor, record) == 1)
			return (1);
		if (!next_pair(cursor))
			return (0);
		begin_pair(cursor);
	}
}

int
archive_pairs(struct archive *archive,
    int (*pair)(void *arg, const char *test, const char *src, const char *dst,
	struct error *err),
    void *arg, struct error *err)
{
	const struct archive_query all = {.from = INT64_MIN, .to = INT64_MAX};
	struct archive_cursor *cursor = archive_find(archive, &all, err);
	int result = cursor == NULL ? -1 : 0;

	while (result == 0 && next_pair(cursor))
		if (cursor->at.test[0] != '\0')
			result = pair(arg, cursor->at.test, cursor->at.src,
			    cursor->at.dst, err);
	archive_cursor_free(cursor);
	return (result);
}
