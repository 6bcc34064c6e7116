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
 *
 * Epochs of which nothing has been accepted for long are forgotten when a file is
 * begun, or there would be one more with every start of an agent for ever. No
 * record is taken twice for that: with each epoch the latest end of its records is
 * kept, whoever's clock said it, and the latest of all that are forgotten
 * (journal_forgotten). A record that was accepted from an epoch which is not known
 * any more has ended by then, and who adds records takes none that has. An honest
 * one is not refused: an epoch goes when its last record ended JOURNAL_REMEMBERS
 * before one that is just being added, by the earlier of its own end and our clock;
 * and no agent keeps what it has not delivered for so long (366 days at most). So
 * one clock that is far ahead, theirs or ours, makes nothing forgotten. What was
 * accepted by versions that did not note ends is kept. An agent that wakes up from
 * an image of its memory that old may give records ids which were there once.
 */
#ifndef PHAROS_COLLECTOR_JOURNAL_H
#define PHAROS_COLLECTOR_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

#include "common/clock.h"
#include "common/record.h"

#define JOURNAL_REMEMBERS (400 * 86400 * NS_PER_S)

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
/* No accepted record of an epoch that is not known any more ended after this;
 * wall-clock, 0: none is forgotten. */
nanoseconds journal_forgotten(const struct journal *journal);
/* One record, already checked; on disk with journal_commit. line has no
 * newline. ended as the record says. Also notes that the id is accepted. */
int journal_add(struct journal *journal, const struct record_id *id,
    const char *line, size_t length, nanoseconds received, nanoseconds ended,
    struct error *err);
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
/* All readers have what is up to this number: unlinks whole files. The last one
 * stays unless it has its size; with nothing uncommitted another takes its place. */
void journal_release(struct journal *journal, uint64_t upto);
/* Files hold so many bytes from here on, also the one that was begun before. */
void journal_resize(struct journal *journal, int64_t file_size);

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
