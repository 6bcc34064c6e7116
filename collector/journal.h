/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * journal.h - what has been accepted, and in which order.
 *
 * One writer, any number of readers in other processes. Numbers rise by one
 * from 1 and are never used twice. The highest accepted sequence of each box
 * and epoch is part of each commit, so a batch sent again is recognised. Files
 * hold file_size bytes and go when all readers have passed. The interface is small
 * enough for a replicated log to stand in for it.
 *
 * What was added together lies together on disk, packed.
 */
#ifndef PHAROS_COLLECTOR_JOURNAL_H
#define PHAROS_COLLECTOR_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

#include "common/clock.h"
#include "common/record.h"

struct error;
struct journal;
struct journal_reader;

/* Files of older versions become what this one reads; before anybody does. */
int journal_upgrade(const char *dir, struct error *err);
struct journal *journal_open(
    const char *dir, int64_t file_size, struct error *err);
void journal_free(struct journal *journal); /* NULL is fine */
/* The highest accepted sequence of this epoch; 0: none. */
uint64_t journal_accepted(
    struct journal *journal, const char *box, const char *epoch);
/* One record, already checked; on disk with journal_commit. line has no
 * newline. Also notes that the id is accepted. */
int journal_add(struct journal *journal, const struct record_id *id,
    const char *line, size_t length, nanoseconds received, struct error *err);
/* An id that is accepted without an entry: its record was kept aside. */
int journal_pass(
    struct journal *journal, const struct record_id *id, struct error *err);
/* What was added since the last time is one block. packed (zstd) holds exactly
 * these lines in this order, and is kept as it is unless they are too many for
 * one block; NULL: they are packed here.
 * Without this, blocks end with the commit or the time of receipt. */
int journal_seal(struct journal *journal, const void *packed, size_t length,
    struct error *err);
/* On disk now; or nothing since the last commit is, and it may be added
 * again. Fails also when an add failed before. */
int journal_commit(struct journal *journal, struct error *err);
void journal_roll_back(struct journal *journal);      /* to the last commit */
uint64_t journal_last(const struct journal *journal); /* committed; 0: none */
int64_t journal_size(const struct journal *journal);  /* bytes, all files */
/* All readers have what is up to this number: unlinks whole files. */
void journal_release(struct journal *journal, uint64_t upto);

/* The number that the oldest file begins with; 0: there is no journal yet. */
int journal_oldest(const char *dir, uint64_t *number, struct error *err);

struct journal_entry {
	uint64_t number;
	nanoseconds received;
	const char *line; /* valid until the next call */
	size_t length;
};

/* Reads from behind `after`. The journal need not be there yet. */
struct journal_reader *journal_reader_open(
    const char *dir, uint64_t after, struct error *err);
void journal_reader_free(struct journal_reader *reader); /* NULL is fine */
/* 1: an entry, 0: none yet, -1: error (also: entries that were not read have
 * been released, or the journal ends before `after`: files are lost). Read
 * until 0 now and then: meanwhile the writer cannot reuse its log. */
int journal_read(struct journal_reader *reader, struct journal_entry *entry,
    struct error *err);

#endif
