/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * journaled.h - a journal in a folder, filled with records of box "lon" and read.
 *
 * Whatever fails fails the test. The line of a record is "EPOCH/SEQUENCE".
 */
#ifndef PHAROS_TESTS_UNIT_JOURNALED_H
#define PHAROS_TESTS_UNIT_JOURNALED_H

#include "collector/journal.h"

#define LARGE_FILE (INT64_C(256) * 1024 * 1024) /* no test fills one */
#define SMALL_FILE (64 * 1024)

struct journal *journaled_open(const char *dir, int64_t file_size);
struct record_id journaled_id(const char *epoch, uint64_t sequence);
/* A record that ended then and was received then. */
void journaled_add_at(struct journal *journal, const char *epoch,
    uint64_t sequence, nanoseconds at);
/* One that was received at its sequence. */
void journaled_add(
    struct journal *journal, const char *epoch, uint64_t sequence);
void journaled_commit(struct journal *journal);
/* Records from..to of epoch "e1", committed in lots of ten. */
void journaled_fill(struct journal *journal, uint64_t from, uint64_t to);
int journaled_files(const char *dir); /* how many it has */

struct journal_reader *journaled_reader(const char *dir, uint64_t after);
/* The next entry is number n, of sequence n of "e1". When it was received. */
nanoseconds journaled_next(struct journal_reader *reader, uint64_t n);
void journaled_none(struct journal_reader *reader); /* no entry yet */
/* Entries from..to of journaled_fill, and no more. */
void journaled_expect(
    struct journal_reader *reader, uint64_t from, uint64_t to);

#endif
