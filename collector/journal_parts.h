/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * journal_parts.h - what the files of the journal's writer share; not for others.
 */
#ifndef PHAROS_COLLECTOR_JOURNAL_PARTS_H
#define PHAROS_COLLECTOR_JOURNAL_PARTS_H

#include <sqlite3.h>
#include <stdbool.h>

#include "collector/journal.h"
#include "collector/journal_block.h"
#include "common/error.h"

struct journal {
	char *dir;
	int64_t file_size;
	uint64_t *firsts; /* of the files, the last one is written */
	int files;
	sqlite3 *db;
	sqlite3_stmt *opening, *closing; /* of a transaction */
	sqlite3_stmt *insert, *accept, *accepted;
	uint64_t last;               /* committed */
	uint64_t next;               /* number of the next entry */
	int64_t size;                /* of the file that is written, roughly */
	struct journal_block block;  /* what is in no row yet */
	bool parted;                 /* since journal_seal some are in a row */
	nanoseconds received;        /* it was */
	bool begun;                  /* a transaction is open */
	struct record_id accepting;  /* for its table; sequence 0: none */
	nanoseconds accepting_ended; /* the latest of its records */
	nanoseconds forgotten;
	bool broken;        /* something of it failed: */
	struct error cause; /* this */
};

/* The transaction is spoilt; the commit will undo it and say why. Always -1. */
int journal_spoil(struct journal *journal, struct error *err);

/* journal_current.c: the newest file, the one that is written. Finds it, or
 * makes the first, and opens it. */
int journal_current_find(struct journal *journal, struct error *err);
/* Opens it again, when that has failed and db is NULL. */
int journal_current_open(struct journal *journal, struct error *err);
void journal_current_close(struct journal *journal);
/* Another one, from the next entry on; what ended before `since` may be
 * forgotten. */
int journal_current_next(
    struct journal *journal, nanoseconds since, struct error *err);

/* journal_accepted.c: the highest sequence of each box and epoch. In memory until
 * one of another box or epoch comes, a question, or the commit, which write. */
int journal_accept(struct journal *journal, const struct record_id *id,
    nanoseconds ended, struct error *err);
int journal_accepted_write(struct journal *journal, struct error *err);

#endif
