/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * archive_file.h - what is behind struct archive; for archive*.c alone.
 */
#ifndef PHAROS_COLLECTOR_ARCHIVE_FILE_H
#define PHAROS_COLLECTOR_ARCHIVE_FILE_H

#include "collector/archive.h"
#include "collector/archive_block.h"
#include "common/database.h"
#include "common/error.h"
#include "common/name.h"

#define ARCHIVE_DAY (86400 * NS_PER_S)
#define ARCHIVE_BLOCK ((size_t)256 * 1024) /* bytes, before packing */

/* A run is being made until it is whole; it is gone when its records are in
 * another, and then its blocks are removed one by one. */
enum archive_run { ARCHIVE_MADE, ARCHIVE_WHOLE, ARCHIVE_GONE };

enum archive_statement {
	ARCHIVE_NEXT_PAIR, /* from these names on */
	ARCHIVE_PARTS,     /* of a pair, in whole runs */
	ARCHIVE_LINES,     /* of a block */
	ARCHIVE_STATE,
	ARCHIVE_READS, /* a reader has those before */
	ARCHIVE_FIND_PAIR = ARCHIVE_READS,
	ARCHIVE_ADD_PAIR,
	ARCHIVE_ADD_RUN,
	ARCHIVE_ADD_BLOCK,
	ARCHIVE_ADD_LINES,
	ARCHIVE_ADD_PART,
	ARCHIVE_SAVE_STATE,
	ARCHIVE_STATEMENTS
};

/* One file. */
struct archive_day {
	int64_t number; /* days since 1970 */
	char *path;
	sqlite3 *db; /* NULL: closed */
	sqlite3_stmt *statements[ARCHIVE_STATEMENTS];
	uint64_t used; /* when it was needed last, for closing others */
	uint64_t checkpoint;
	int64_t followed;  /* its pairs have the names of this revision */
	bool over;         /* nothing is added to it any more, and */
	nanoseconds least; /* no record in it starts before this */
	bool recovered;    /* of what a killed writer left */
	bool tidy;         /* nothing is to be merged here */
	bool bad;          /* has been complained of */
};

/* What lies unpacked in memory. */
struct archive_cached {
	int64_t day, block; /* block 0: nothing */
	char *text;
	size_t length;
	uint64_t used;
};
#define ARCHIVE_CACHED 128

struct archive_job;
struct archive_pending;
struct archive_sizes;

struct archive {
	char *dir;
	bool read_only;
	struct archive_day **days; /* by number */
	size_t count;
	uint64_t checkpoint;
	int64_t followed; /* what is added has the names of this revision */
	uint64_t uses;    /* a clock for what was used last */
	struct archive_cached cached[ARCHIVE_CACHED];
	struct archive_pending *pending;
	struct archive_job *job;
	nanoseconds tidy_pause; /* monotonic: not before, after a failure */
	struct archive_sizes *sizes;
};

/* archive_day.c: day open, its statements ready; NULL with err. *gone: it is no
 * longer there, which is no error of it. */
struct archive_day *archive_day_open(
    struct archive *archive, int64_t number, bool *gone, struct error *err);
/* The same for the writer, made when there is none. */
struct archive_day *archive_day_make(
    struct archive *archive, int64_t number, struct error *err);
void archive_day_close(struct archive_day *day);
void archive_day_free(struct archive_day *day);
/* Reads what it says of itself. */
int archive_day_state(
    struct archive *archive, struct archive_day *day, struct error *err);
/* Is what SQLite said last of this file that it is damaged? */
bool archive_day_damaged(const struct archive_day *day);
bool archive_path_damaged(const char *path);
int archive_day_begin(struct archive_day *day, struct error *err);
int archive_day_end(struct archive_day *day, struct error *err);
void archive_day_undo(struct archive_day *day);

/* archive.c: the days; a new one is put into its place. */
struct archive_day *archive_find_day(
    const struct archive *archive, int64_t number);
struct archive_day *archive_newest(const struct archive *archive);
struct archive_day *archive_add_day(struct archive *archive, int64_t number);
void archive_drop_day(struct archive *archive, struct archive_day *day);
void archive_unlink_day(struct archive *archive, struct archive_day *day);
void archive_put_aside(struct archive *archive, struct archive_day *day);

/* archive_out.c: blocks on their way into one run of a day. */
struct archive_out {
	int64_t day, run;
	char test[NAME_TEXT];
	struct archive_block block;
};
int archive_out_add(struct archive *archive, struct archive_out *out,
    const char *test, int64_t pair, nanoseconds start, const char *line,
    size_t length, struct error *err);
int archive_out_flush(
    struct archive *archive, struct archive_out *out, struct error *err);
int64_t archive_add_run(struct archive_day *day, int level,
    enum archive_run state, struct error *err); /* its number, or -1 */

/* archive_write.c: what is not committed yet */
void archive_pending_free(struct archive_pending *pending);
void archive_pending_forget(struct archive *archive); /* numbers of pairs */

/* archive_sweep.c: the records of one pair out of many parts, in order. */
struct archive_place {
	int64_t day, block;
	size_t place, length;
	nanoseconds least, greatest;
	char *text; /* NULL: not opened yet */
	size_t at;
	nanoseconds start; /* of the record that is next */
	const char *line;
	size_t line_length;
};
struct archive_sweep {
	struct archive_place *places; /* by least */
	size_t count, room;
	size_t opened; /* of them; those without text are over */
	size_t from;   /* all before are over */
	struct archive_place *current; /* gave the last record */
};
enum archive_found {
	ARCHIVE_END,
	ARCHIVE_RECORD,
	ARCHIVE_CHANGED, /* a block is no longer there */
	ARCHIVE_DAMAGED  /* and err says which */
};
void archive_sweep_add(
    struct archive_sweep *sweep, const struct archive_place *place);
void archive_sweep_sort(struct archive_sweep *sweep);
/* The record's start, line and length; borrowed until the next call. */
enum archive_found archive_sweep_next(struct archive *archive,
    struct archive_sweep *sweep, struct archive_record *record,
    struct error *err);
void archive_sweep_empty(struct archive_sweep *sweep);
void archive_sweep_clear(struct archive_sweep *sweep); /* frees, too */
void archive_forget_cached(struct archive *archive, int64_t day);

/* archive_tidy.c: a merge is forgotten, so that another may be begun; or, when
 * its file goes on to be used, given up. */
void archive_job_drop(struct archive *archive);
void archive_job_cancel(struct archive *archive);
/* The first column of the first row, -1 when there is none; sql may have one
 * parameter. */
int archive_ask_number(struct archive_day *day, const char *sql, int64_t number,
    int64_t *answer, struct error *err);
int archive_remove_block(
    struct archive_day *day, int64_t block, struct error *err);

/* archive_expire.c */
void archive_sizes_free(struct archive_sizes *sizes);

#endif
