/* SPDX-License-Identifier: BSD-2-Clause */
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/archive_file.h"
#include "common/memory.h"

#define PAIRS_MOST 100000 /* remembered from one commit to the next */

struct line {
	size_t place, length; /* in the text */
	nanoseconds start;
};

/* What came of one pair since the last commit. */
struct pending_pair {
	char test[NAME_TEXT], src[NAME_TEXT], dst[NAME_TEXT];
	int64_t id; /* in the file of the day; 0: not looked up yet */
	struct line *lines;
	size_t count, room;
};

struct archive_pending {
	int64_t day;
	void *pairs; /* a tree of search.h */
	size_t pair_count;
	char *text;
	size_t length, room;
	size_t records;
	nanoseconds since; /* monotonic: when the first record came */
	nanoseconds least; /* start */
	uint64_t last;     /* number that was added */
};

static int
compare_pairs(const void *a, const void *b)
{
	const struct pending_pair *x = a, *y = b;
	int order = strcmp(x->test, y->test);

	if (order == 0)
		order = strcmp(x->src, y->src);
	return (order != 0 ? order : strcmp(x->dst, y->dst));
}

static void
free_pair(void *arg)
{
	struct pending_pair *pair = arg;

	free(pair->lines);
	free(pair);
}

static void
drop_pairs(struct archive_pending *pending)
{
	tdestroy(pending->pairs, free_pair);
	pending->pairs = NULL;
	pending->pair_count = 0;
}

void
archive_pending_free(struct archive_pending *pending)
{
	if (pending == NULL)
		return;
	drop_pairs(pending);
	free(pending->text);
	free(pending);
}

void
archive_pending_forget(struct archive *archive)
{
	if (archive->pending != NULL)
		drop_pairs(archive->pending);
}

static struct pending_pair *
pair_of(struct archive_pending *pending, const struct archive_record *record)
{
	struct pending_pair key, *pair;
	void *node;

	snprintf(key.test, sizeof(key.test), "%s", record->test);
	snprintf(key.src, sizeof(key.src), "%s", record->src);
	snprintf(key.dst, sizeof(key.dst), "%s", record->dst);
	if ((node = tfind(&key, &pending->pairs, compare_pairs)) != NULL)
		return (*(struct pending_pair **)node);
	pair = memory_new(1, sizeof(*pair));
	memcpy(pair->test, key.test, sizeof(key.test));
	memcpy(pair->src, key.src, sizeof(key.src));
	memcpy(pair->dst, key.dst, sizeof(key.dst));
	tsearch(pair, &pending->pairs, compare_pairs);
	pending->pair_count++;
	return (pair);
}

static void
keep(struct archive_pending *pending, const struct archive_record *record)
{
	struct pending_pair *pair = pair_of(pending, record);

	if (pair->count == pair->room) {
		pair->room = 2 * pair->room + 1;
		pair->lines = memory_resize(
		    pair->lines, pair->room, sizeof(*pair->lines));
	}
	pair->lines[pair->count++] =
	    (struct line){pending->length, record->length, record->start};
	if (pending->length + record->length > pending->room) {
		pending->room = 2 * (pending->length + record->length);
		pending->text = memory_resize(pending->text, pending->room, 1);
	}
	memcpy(pending->text + pending->length, record->line, record->length);
	pending->length += record->length;
	if (pending->records++ == 0) {
		pending->since = clock_monotonic();
		pending->least = record->start;
	}
	if (record->start < pending->least)
		pending->least = record->start;
}

/* Only the newest file is added to: the clock may have been set back. */
static int64_t
day_of(const struct archive *archive, nanoseconds received)
{
	const struct archive_day *newest = archive_newest(archive);
	int64_t day = received / ARCHIVE_DAY;

	return (newest != NULL && newest->number > day ? newest->number : day);
}

int
archive_add(struct archive *archive, const struct archive_record *record,
    struct error *err)
{
	struct archive_pending *pending = archive->pending;
	int64_t day = day_of(archive, record->received);

	if (pending == NULL)
		archive->pending = pending = memory_new(1, sizeof(*pending));
	if (record->number <= archive->checkpoint ||
	    record->number <= pending->last)
		return (0);
	if (pending->day != day) {
		if (pending->records > 0 &&
		    archive_commit(archive, record->number - 1, err) == -1)
			return (-1);
		drop_pairs(pending);
		pending->day = day;
	}
	pending->last = record->number;
	keep(pending, record);
	return (0);
}

nanoseconds
archive_due(const struct archive *archive)
{
	const struct archive_pending *pending = archive->pending;

	if (pending == NULL || pending->records == 0)
		return (INT64_MAX);
	if (pending->length >= ARCHIVE_ROOM)
		return (0);
	return (pending->since + ARCHIVE_WAIT);
}

/*
 * Into the file.
 */

struct committing {
	struct archive *archive;
	struct archive_day *day;
	struct archive_out out;
	struct error *err;
	int result;
};

static int
find_pair(struct archive_day *day, struct pending_pair *pair, struct error *err)
{
	sqlite3_stmt *find = day->statements[ARCHIVE_FIND_PAIR];
	sqlite3_stmt *add = day->statements[ARCHIVE_ADD_PAIR];
	int row;

	if (pair->id != 0)
		return (0);
	database_bind(find, "ttt", pair->test, pair->src, pair->dst);
	row = database_step(find, err);
	if (row == 1) {
		pair->id = sqlite3_column_int64(find, 0);
		sqlite3_reset(find);
	}
	if (row != 0)
		return (row == 1 ? 0 : -1);
	database_bind(add, "ttt", pair->test, pair->src, pair->dst);
	if (database_do(add, err) == -1)
		return (-1);
	pair->id = sqlite3_last_insert_rowid(day->db);
	return (0);
}

static int
compare_lines(const void *a, const void *b, void *arg)
{
	const struct line *x = a, *y = b;
	const char *text = arg;

	return (archive_line_compare(x->start, text + x->place, x->length,
	    y->start, text + y->place, y->length));
}

static void
write_pair(struct committing *c, struct pending_pair *pair)
{
	const char *text = c->archive->pending->text;

	if (pair->count > 0)
		c->result = find_pair(c->day, pair, c->err);
	qsort_r(pair->lines, pair->count, sizeof(*pair->lines), compare_lines,
	    (void *)text);
	for (size_t i = 0; i < pair->count && c->result == 0; i++)
		c->result = archive_out_add(c->archive, &c->out, pair->test,
		    pair->id, pair->lines[i].start, text + pair->lines[i].place,
		    pair->lines[i].length, c->err);
}

static void
visit(const void *node, VISIT which, void *arg)
{
	struct committing *c = arg;

	if ((which == postorder || which == leaf) && c->result == 0)
		write_pair(c, *(struct pending_pair *const *)node);
}

static int
save_state(struct archive_day *day, uint64_t checkpoint, nanoseconds least,
    struct error *err)
{
	sqlite3_stmt *stmt = day->statements[ARCHIVE_SAVE_STATE];

	database_bind(stmt, "ii", (int64_t)checkpoint, least);
	return (database_do(stmt, err));
}

static int
write_all(struct committing *c, uint64_t checkpoint, struct error *err)
{
	struct archive_pending *pending = c->archive->pending;

	if (archive_day_begin(c->day, err) == -1)
		return (-1);
	c->out.run = archive_add_run(c->day, 0, ARCHIVE_WHOLE, err);
	if (c->out.run == -1)
		return (-1);
	twalk_r(pending->pairs, visit, c);
	if (c->result == -1 ||
	    archive_out_flush(c->archive, &c->out, err) == -1 ||
	    save_state(c->day, checkpoint, pending->least, err) == -1)
		return (-1);
	return (archive_day_end(c->day, err));
}

static void
empty_pair(const void *node, VISIT which, void *arg)
{
	if (which == postorder || which == leaf)
		(*(struct pending_pair *const *)node)->count = 0;
}

static void
settle(struct archive_pending *pending)
{
	if (pending->pair_count > PAIRS_MOST)
		drop_pairs(pending);
	twalk_r(pending->pairs, empty_pair, NULL);
	pending->length = 0;
	pending->records = 0;
}

static int
commit_to(struct archive *archive, struct archive_day *day, uint64_t checkpoint,
    struct error *err)
{
	struct committing c = {.archive = archive,
	    .day = day,
	    .out = {.day = day->number},
	    .err = err};
	int result = write_all(&c, checkpoint, err);

	archive_block_clear(&c.out.block);
	if (result == 0) {
		day->tidy = false;
		settle(archive->pending);
		return (0);
	}
	if (archive_day_damaged(day))
		archive_put_aside(archive, day);
	else
		archive_day_undo(day);
	return (-1);
}

int
archive_commit(struct archive *archive, uint64_t checkpoint, struct error *err)
{
	struct archive_pending *pending = archive->pending;
	struct archive_day *day;

	if (pending != NULL && pending->records > 0) {
		day = archive_day_make(archive, pending->day, err);
		if (day == NULL ||
		    commit_to(archive, day, checkpoint, err) == -1)
			return (-1);
	}
	if (checkpoint > archive->checkpoint)
		archive->checkpoint = checkpoint;
	return (0);
}
