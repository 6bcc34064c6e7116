/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * archive.h - every record, for as long as it is to be kept.
 *
 * A folder with one SQLite file for each UTC day on which records were accepted,
 * DIR/YYYY-MM-DD.db; only the newest is added to, so a record that came late
 * lies in the file of the day it came. The store is the only writer; any number
 * of processes read meanwhile. Records are added in the order of the journal
 * and committed together with its number, so each is in the archive exactly
 * once: what is added again is passed over.
 *
 * Records lie in blocks, which are lines of JSON as they came, packed with
 * zstd, of one test, sorted by pair and start. What is committed together is a
 * run of blocks. archive_tidy merges runs into larger ones, and those of a day
 * that is over into one; a reader does not notice.
 *
 * A file that is damaged keeps nobody from reading the others. The writer puts
 * it aside as NAME.damaged, when it cannot be opened or written.
 */
#ifndef PHAROS_COLLECTOR_ARCHIVE_H
#define PHAROS_COLLECTOR_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/clock.h"

struct archive;
struct archive_cursor;
struct error;
struct renames;

/* The folder is made when it is missing, by the writer; a reader sees an empty
 * archive then. A file of a newer format is refused by name. */
struct archive *archive_open(
    const char *dir, bool read_only, struct error *err);
void archive_free(struct archive *archive); /* NULL is fine */
/* Up to which number of the journal records are on disk; 0: none yet. A reader
 * knows what was there when it was opened, last searched or looked. */
uint64_t archive_checkpoint(const struct archive *archive);
int archive_look(struct archive *archive, struct error *err);

/*
 * For the writer.
 */

/* A gap is of no pair: its test and dst are "" and its src is the box. */
struct archive_record {
	const char *test, *src, *dst;
	nanoseconds start; /* as the line says */
	const char *line;  /* no newline in it */
	size_t length;
	/* of the journal; a cursor leaves both 0: */
	uint64_t number;
	nanoseconds received;
};
/* Takes a copy. It is in memory only until archive_commit, which the first
 * record of another day brings about by itself. */
int archive_add(struct archive *archive, const struct archive_record *record,
    struct error *err);
/* The checkpoint may be higher than the last number that was added: there was
 * nothing in between to keep. After an error the archive is of no more use:
 * opened again it is as it was at the last commit. */
int archive_commit(
    struct archive *archive, uint64_t checkpoint, struct error *err);
/* When what is in memory is to be committed, monotonic; INT64_MAX: never. That
 * is when its oldest record has waited ARCHIVE_WAIT, or at once when there are
 * ARCHIVE_ROOM bytes of them. */
nanoseconds archive_due(const struct archive *archive);
#define ARCHIVE_WAIT (30 * NS_PER_S)
#define ARCHIVE_ROOM (8 * 1024 * 1024)
/* Records before this number will not come (again): the journal has lost them. */
void archive_begin_at(struct archive *archive, uint64_t number);

/* Merges runs until the deadline (monotonic); true when there is more to do.
 * What cannot be merged stays as it is, with a warning. */
bool archive_tidy(struct archive *archive, nanoseconds deadline);

/* How long records are kept, and how much of them; 0: no bound. Bounds are kept
 * by whole days of acceptance, the oldest first; the newest file stays. */
struct archive_keep {
	const char *test;
	nanoseconds age; /* since the end of their day */
	int64_t size;    /* bytes, packed */
};
struct archive_bounds {
	int64_t size;              /* bytes, all files */
	struct archive_keep usual; /* of tests that are not named */
	const struct archive_keep *tests;
	size_t count;
};
/* Forgets what is beyond the bounds, a little at each call: 1: there is more,
 * 0: done, -1. */
int archive_expire(struct archive *archive, const struct archive_bounds *bounds,
    nanoseconds now, struct error *err);

/* Finds records under what their ends are called now; the lines stay as they
 * are. What is added has those names as well, so this comes before the first
 * record, and whenever there are new renames. Nothing may be uncommitted. Done
 * twice it changes nothing. */
int archive_rename(
    struct archive *archive, const struct renames *renames, struct error *err);

/*
 * For everybody. The writer finds what is committed.
 */

struct archive_query {
	const char *test, *src, *dst; /* NULL: any; test "": gaps */
	const char *agent;            /* NULL: any */
	nanoseconds from, to;         /* of start: [from, to) */
};
/* The query's texts are copied. */
struct archive_cursor *archive_find(struct archive *archive,
    const struct archive_query *query, struct error *err);
void archive_cursor_free(struct archive_cursor *cursor); /* NULL is fine */
/* 1: a record, its texts valid until the next call; 0: there are no more; -1.
 * They come pair by pair, gaps first, sorted by test, src and dst as strcmp
 * does, each pair in the order of start and of line. What is committed or
 * forgotten meanwhile may be found or not. */
int archive_next(struct archive_cursor *cursor, struct archive_record *record,
    struct error *err);
/* Why the answer lacks something, with the file's name, so far; NULL: it lacks
 * nothing. */
const char *archive_cursor_damage(const struct archive_cursor *cursor);

/* Calls back with each pair that there are records of, in the same order,
 * without gaps. Ends when the callback returns -1, with err set. */
int archive_pairs(struct archive *archive,
    int (*pair)(void *arg, const char *test, const char *src, const char *dst,
	struct error *err),
    void *arg, struct error *err);

#endif
