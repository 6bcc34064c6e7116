/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * archived.h - an archive in the test's folder, filled and looked into.
 *
 * Whatever fails fails the test. Record n is of one of six pairs of two tests,
 * "core" and "far", a second after the one before and received a second later;
 * every seventh is a gap of lon.
 */
#ifndef PHAROS_TESTS_UNIT_ARCHIVED_H
#define PHAROS_TESTS_UNIT_ARCHIVED_H

#include "collector/archive.h"

#define DAY (86400 * NS_PER_S)
#define MIDNIGHT (20778 * DAY) /* 2026-11-21 */
#define FIRST_FILE "2026-11-21.db"
#define SECOND_FILE "2026-11-22.db"
#define ARCHIVED_MOST 20000 /* records, of which n is the last */

struct archived_sample {
	char test[16], src[16], dst[16], line[1200];
	struct archive_record record;
};

/* What a search found; each record at most once, all in order. */
struct archived_seen {
	bool numbers[ARCHIVED_MOST];
	size_t count;
	char test[16], src[16], dst[16]; /* the last one's */
	nanoseconds start;
};

struct archive *archived_open(void **state, bool read_only);

void archived_make(struct archived_sample *sample, uint64_t n,
    nanoseconds start, nanoseconds received);
void archived_add_at(struct archive *archive, uint64_t n, nanoseconds start,
    nanoseconds received);
void archived_add(struct archive *archive, uint64_t n);
void archived_commit(struct archive *archive, uint64_t checkpoint);
/* Records from..to, committed in lots of so many. */
void archived_fill(
    struct archive *archive, uint64_t from, uint64_t to, uint64_t lot);
/* Three days of 100 records, 43 of each test; tidied. */
void archived_fill_days(struct archive *archive);
void archived_tidy(struct archive *archive); /* to the end */

extern const struct archive_query archived_all; /* finds every record */
struct archive_cursor *archived_find(
    struct archive *archive, const struct archive_query *query);
void archived_see(
    struct archived_seen *seen, const struct archive_record *record);
void archived_see_rest(
    struct archive_cursor *cursor, struct archived_seen *seen);
/* No damage is met. What is returned is good until the next search. */
struct archived_seen *archived_search(
    struct archive *archive, const struct archive_query *query);
/* It has all of 1..last, each once, and no more. */
void archived_expect(struct archive *archive, uint64_t last);
/* How many records there are of a day of archived_fill_days, from 0; NULL: of
 * whatever test. */
size_t archived_in_day(struct archive *archive, const char *test, int day);

/* A file of the archive's. What ask returns is the answer's first number; -1:
 * it has none. */
char *archived_path(void **state, const char *file); /* free() it */
bool archived_exists(void **state, const char *file);
int64_t archived_ask(void **state, const char *file, const char *sql);

#endif
