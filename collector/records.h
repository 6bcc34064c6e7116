/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * records.h - a search among all records: those in the archive and those that
 * only the journal has yet.
 *
 * First the journal's end is gone through, slice by slice; what is wanted of it
 * is kept in memory. Then records come as in archive.h, those of the journal in
 * their places, each once though the store archives them meanwhile.
 */
#ifndef PHAROS_COLLECTOR_RECORDS_H
#define PHAROS_COLLECTOR_RECORDS_H

#include "collector/archive.h"

struct error;
struct fleet;
struct records;

/* The archive is borrowed, the query's texts are copied. journal is its folder.
 */
struct records *records_new(struct archive *archive, const char *journal,
    const struct archive_query *query, struct error *err);
void records_free(struct records *records); /* NULL is fine */
/* Goes on through the journal until the deadline (monotonic): 1: there is more
 * of it, 0: records_next may be called, -1. fleet says what boxes are called now;
 * NULL: there is none. */
int records_gather(struct records *records, const struct fleet *fleet,
    nanoseconds deadline, struct error *err);
/* As archive_next. */
int records_next(
    struct records *records, struct archive_record *record, struct error *err);
/* As archive_cursor_damage. */
const char *records_damage(const struct records *records);

#endif
