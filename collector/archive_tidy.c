/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs into larger ones. What is made is not whole until it is complete, so a
 * reader has either the old ones or the new one; what is gone is removed piece
 * by piece, and its pages are given back when the day is over.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/archive_file.h"
#include "common/log.h"
#include "common/memory.h"

#define FAN 16     /* runs of one level make one of the next */
#define MOST 64    /* runs merged at once */
#define REMOVED 32 /* blocks at once */
#define PAGES 512  /* given back at once */
#define PAUSE (60 * NS_PER_S)

/* A merge under way. */
struct archive_job {
	int64_t day;
	struct archive_out out;
	char test[NAME_TEXT], src[NAME_TEXT], dst[NAME_TEXT + 2];
	int64_t pair; /* that is merged; 0: the next is to be found */
	struct archive_sweep sweep;
};

void
archive_job_drop(struct archive *archive)
{
	if (archive->job == NULL)
		return;
	archive_sweep_clear(&archive->job->sweep);
	archive_block_clear(&archive->job->out.block);
	free(archive->job);
	archive->job = NULL;
}

void
archive_job_cancel(struct archive *archive)
{
	struct archive_day *day;

	if (archive->job == NULL)
		return;
	day = archive_find_day(archive, archive->job->day);
	if (day != NULL) {
		archive_day_close(day);
		day->recovered = false;
	}
	archive_job_drop(archive);
}

int
archive_ask_number(struct archive_day *day, const char *sql, int64_t number,
    int64_t *answer, struct error *err)
{
	sqlite3_stmt *stmt = database_ask(
	    day->db, err, sql, strchr(sql, '?') != NULL ? "i" : "", number);
	int row = stmt == NULL ? -1 : database_step(stmt, err);

	*answer = row == 1 ? sqlite3_column_int64(stmt, 0) : -1;
	sqlite3_finalize(stmt);
	return (row == -1 ? -1 : 0);
}

/* The level whose runs are to be merged, or -1. In a day that is over that is
 * all of them. */
static int
find_level(struct archive *archive, struct archive_day *day, int64_t *level,
    struct error *err)
{
	int64_t runs;

	if (day == archive_newest(archive))
		return (archive_ask_number(day,
		    "SELECT level FROM run WHERE state = 1 GROUP BY level"
		    " HAVING count(*) >= ? ORDER BY level",
		    FAN, level, err));
	if (archive_ask_number(day, "SELECT count(*) FROM run WHERE state = 1",
		0, &runs, err) == -1)
		return (-1);
	*level = -1;
	if (runs < 2)
		return (0);
	return (archive_ask_number(
	    day, "SELECT max(level) FROM run WHERE state = 1", 0, level, err));
}

static int
mark_runs(struct archive *archive, struct archive_day *day, int64_t run,
    int64_t level, struct error *err)
{
	if (day == archive_newest(archive))
		return (database_apply(day->db, err,
		    "UPDATE run SET target = ?1 WHERE id IN (SELECT id FROM run"
		    " WHERE state = 1 AND level = ?2 ORDER BY id LIMIT ?3)",
		    "iii", run, level, (int64_t)FAN));
	return (database_apply(day->db, err,
	    "UPDATE run SET target = ?1 WHERE id IN (SELECT id FROM run"
	    " WHERE state = 1 ORDER BY level, id LIMIT ?2)",
	    "ii", run, (int64_t)MOST));
}

static int
begin_job(struct archive *archive, struct archive_day *day, int64_t level,
    struct error *err)
{
	struct archive_job *job;
	int64_t run;

	if (archive_day_begin(day, err) == -1)
		return (-1);
	run = archive_add_run(day, (int)level + 1, ARCHIVE_MADE, err);
	if (run == -1 || mark_runs(archive, day, run, level, err) == -1 ||
	    archive_day_end(day, err) == -1)
		return (-1);
	archive->job = job = memory_new(1, sizeof(*job));
	job->day = day->number;
	job->out = (struct archive_out){.day = day->number, .run = run};
	return (1);
}

/* The parts of the pair in the runs that are merged. */
static int
list_parts(struct archive_job *job, struct archive_day *day, struct error *err)
{
	sqlite3_stmt *stmt = day->statements[ARCHIVE_PARTS];
	struct archive_place place = {.day = day->number};
	int row;

	archive_sweep_empty(&job->sweep);
	database_bind(stmt, "tttiii", job->test, job->src, job->dst, INT64_MIN,
	    INT64_MAX, job->out.run);
	while ((row = database_step(stmt, err)) == 1) {
		place.block = sqlite3_column_int64(stmt, 0);
		place.place = (size_t)sqlite3_column_int64(stmt, 1);
		place.length = (size_t)sqlite3_column_int64(stmt, 2);
		place.least = sqlite3_column_int64(stmt, 3);
		place.greatest = sqlite3_column_int64(stmt, 4);
		archive_sweep_add(&job->sweep, &place);
	}
	archive_sweep_sort(&job->sweep);
	return (row);
}

/* 1: there is one, 0: that was the last, -1 */
static int
next_pair(struct archive_job *job, struct archive_day *day, struct error *err)
{
	sqlite3_stmt *stmt = day->statements[ARCHIVE_NEXT_PAIR];
	char from[sizeof(job->dst)];
	int row;

	snprintf(from, sizeof(from), "%s", job->dst);
	database_bind(stmt, "ttt", job->test, job->src, from);
	row = database_step(stmt, err);
	if (row != 1)
		return (row);
	job->pair = sqlite3_column_int64(stmt, 3);
	snprintf(job->test, sizeof(job->test), "%s", database_text(stmt, 0));
	snprintf(job->src, sizeof(job->src), "%s", database_text(stmt, 1));
	snprintf(job->dst, sizeof(job->dst), "%s", database_text(stmt, 2));
	sqlite3_reset(stmt);
	return (list_parts(job, day, err) == -1 ? -1 : 1);
}

/* One record into the new run. 1: done, 0: the pair has no more, -1 */
static int
move_record(struct archive *archive, struct error *err)
{
	struct archive_job *job = archive->job;
	struct archive_record record;

	switch (archive_sweep_next(archive, &job->sweep, &record, err)) {
	case ARCHIVE_RECORD:
		return (
		    archive_out_add(archive, &job->out, job->test, job->pair,
			record.start, record.line, record.length, err) == -1
			? -1
			: 1);
	case ARCHIVE_END:
		job->pair = 0;
		strcat(job->dst, "\x01"); /* behind it, before all others */
		return (0);
	case ARCHIVE_CHANGED:
		error_set(err, "a block is missing");
		/* FALLTHROUGH */
	default:
		return (-1);
	}
}

/* The new run takes the place of the others at once. */
static int
finish_job(struct archive *archive, struct archive_day *day, struct error *err)
{
	int64_t run = archive->job->out.run;

	if (archive_out_flush(archive, &archive->job->out, err) == -1 ||
	    database_apply(day->db, err,
		"UPDATE run SET state = 1 WHERE id = ?", "i", run) == -1 ||
	    database_apply(day->db, err,
		"UPDATE run SET state = 2, target = 0 WHERE target = ?", "i",
		run) == -1)
		return (-1);
	archive_job_drop(archive);
	return (0);
}

static int
merge(struct archive *archive, struct archive_day *day, nanoseconds deadline,
    struct error *err)
{
	unsigned count = 0;

	while (++count % 64 != 0 || clock_monotonic() < deadline) {
		int more = archive->job->pair != 0
			       ? 1
			       : next_pair(archive->job, day, err);

		if (more == 1)
			more = move_record(archive, err) == -1 ? -1 : 1;
		if (more == 0)
			return (finish_job(archive, day, err));
		if (more == -1)
			return (-1);
	}
	return (0);
}

static int
go_on(struct archive *archive, nanoseconds deadline, struct error *err)
{
	struct archive_day *day;
	bool gone;

	day = archive_day_open(archive, archive->job->day, &gone, err);
	if (day == NULL || archive_day_begin(day, err) == -1)
		return (-1);
	if (merge(archive, day, deadline, err) == 0 &&
	    archive_day_end(day, err) == 0)
		return (1);
	archive_day_undo(day);
	return (-1);
}

int
archive_remove_block(struct archive_day *day, int64_t block, struct error *err)
{
	if (database_apply(day->db, err, "DELETE FROM lines WHERE block = ?",
		"i", block) == -1 ||
	    database_apply(day->db, err, "DELETE FROM part WHERE block = ?",
		"i", block) == -1)
		return (-1);
	return (database_apply(
	    day->db, err, "DELETE FROM block WHERE id = ?", "i", block));
}

static const char one_gone[] =
    "SELECT b.id FROM run r JOIN block b ON b.run = r.id WHERE r.state = ?";

/* What is gone, some of it. 1: there was some, 0: there is none, -1 */
static int
remove_gone(struct archive_day *day, struct error *err)
{
	int64_t block;

	if (archive_ask_number(day, one_gone, ARCHIVE_GONE, &block, err) == -1)
		return (-1);
	if (block == -1)
		return (database_run(
		    day->db, "DELETE FROM run WHERE state = 2", err));
	if (archive_day_begin(day, err) == -1)
		return (-1);
	for (int i = 0; i < REMOVED && block != -1; i++)
		if (archive_remove_block(day, block, err) == -1 ||
		    archive_ask_number(
			day, one_gone, ARCHIVE_GONE, &block, err) == -1)
			return (-1);
	return (archive_day_end(day, err) == -1 ? -1 : 1);
}

/* Free pages of a day that is over, likewise. */
static int
give_back(struct archive_day *day, struct error *err)
{
	char sql[64];
	int64_t pages;

	if (archive_ask_number(day, "PRAGMA freelist_count", 0, &pages, err) ==
	    -1)
		return (-1);
	if (pages <= 0)
		return (0);
	snprintf(sql, sizeof(sql), "PRAGMA incremental_vacuum(%d)", PAGES);
	if (database_run(day->db, sql, err) == -1)
		return (-1);
	if (pages <= PAGES &&
	    database_run(day->db, "PRAGMA wal_checkpoint(PASSIVE)", err) == -1)
		return (-1);
	return (1);
}

/* 1: there is more to do in this file, 0, -1 */
static int
tidy_day(struct archive *archive, struct archive_day *day, struct error *err)
{
	bool over = day != archive_newest(archive);
	int64_t level;
	int more;

	if ((more = remove_gone(day, err)) != 0)
		return (more);
	if (find_level(archive, day, &level, err) == -1)
		return (-1);
	if (level != -1)
		return (begin_job(archive, day, level, err));
	if (over && (more = give_back(day, err)) != 0)
		return (more);
	day->tidy = true;
	if (over)
		archive_day_close(day);
	return (0);
}

/* A file that something is wrong with. */
static void
leave(struct archive *archive, struct archive_day *day)
{
	if (day->db != NULL)
		archive_day_undo(day);
	else if (archive_path_damaged(day->path)) {
		archive_put_aside(archive, day);
		return;
	}
	day->tidy = day != archive_newest(archive);
}

static int
tidy_any(struct archive *archive, struct error *err)
{
	for (size_t i = archive->count; i > 0; i--) {
		struct archive_day *day = archive->days[i - 1];
		bool gone;
		int more = -1;

		if (day->tidy)
			continue;
		if (archive_day_open(archive, day->number, &gone, err) != NULL)
			more = tidy_day(archive, day, err);
		if (more != -1)
			return (1);
		leave(archive, day);
		return (-1);
	}
	return (0);
}

/* The file stays as it is; what was begun is removed. */
static void
give_up(struct archive *archive, const struct error *err)
{
	struct archive_day *day = NULL;

	log_warnx("archive: not merged: %s", err->text);
	if (archive->job != NULL)
		day = archive_find_day(archive, archive->job->day);
	if (day != NULL)
		day->tidy = day != archive_newest(archive);
	archive_job_cancel(archive);
	archive->tidy_pause = clock_monotonic() + PAUSE;
}

bool
archive_tidy(struct archive *archive, nanoseconds deadline)
{
	struct error err;
	int more = 1;

	if (clock_monotonic() < archive->tidy_pause)
		return (false);
	while (more == 1 && clock_monotonic() < deadline)
		more = archive->job != NULL ? go_on(archive, deadline, &err)
					    : tidy_any(archive, &err);
	if (more == -1)
		give_up(archive, &err);
	return (more == 1);
}
