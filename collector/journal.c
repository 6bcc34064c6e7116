/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/journal_block.h"
#include "collector/journal_files.h"
#include "common/daemon.h"
#include "common/database.h"
#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/packing.h"

#define ROW_OVERHEAD 24 /* bytes of a row besides its lines, roughly */
/* SQLite begins its log anew from 1000 pages on. */
#define LOG_ROOM (INT64_C(4608) * 1024)

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

static void
close_file(struct journal *journal)
{
	sqlite3_finalize(journal->opening);
	sqlite3_finalize(journal->closing);
	sqlite3_finalize(journal->insert);
	sqlite3_finalize(journal->accept);
	sqlite3_finalize(journal->accepted);
	database_close(journal->db);
	journal->opening = journal->closing = NULL;
	journal->insert = journal->accept = journal->accepted = NULL;
	journal->db = NULL;
}

static int
prepare(struct journal *journal, struct error *err)
{
	sqlite3 *db = journal->db;

	journal->opening = database_prepare(db, "BEGIN IMMEDIATE", err);
	if (journal->opening == NULL)
		return (-1);
	journal->closing = database_prepare(db, "COMMIT", err);
	if (journal->closing == NULL)
		return (-1);
	journal->insert = database_prepare(db,
	    "INSERT INTO entry (number, received, count, line)"
	    " VALUES (?, ?, ?, ?)",
	    err);
	if (journal->insert == NULL)
		return (-1);
	journal->accept = database_prepare(db,
	    "INSERT INTO accepted (box, epoch, sequence, ended)"
	    " VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
	    " sequence = max(sequence, excluded.sequence),"
	    " ended = max(ended, excluded.ended)",
	    err);
	if (journal->accept == NULL)
		return (-1);
	journal->accepted = database_prepare(db,
	    "SELECT sequence FROM accepted WHERE box = ? AND epoch = ?", err);
	return (journal->accepted == NULL ? -1 : 0);
}

static int
find_last(struct journal *journal, uint64_t first, struct error *err)
{
	sqlite3_stmt *stmt =
	    database_prepare(journal->db, "SELECT max(number) FROM entry", err);
	int result = stmt == NULL ? -1 : database_step(stmt, err);

	if (result == 1 && sqlite3_column_type(stmt, 0) != SQLITE_NULL)
		journal->last = (uint64_t)sqlite3_column_int64(stmt, 0);
	else
		journal->last = first - 1;
	sqlite3_finalize(stmt);
	return (result == -1 ? -1 : 0);
}

/* Bytes of what has been committed, wherever they lie. */
static int
find_size(struct journal *journal, struct error *err)
{
	sqlite3_stmt *stmt = database_prepare(journal->db,
	    "SELECT page_count * page_size FROM pragma_page_count,"
	    " pragma_page_size",
	    err);
	int result = stmt == NULL ? -1 : database_step(stmt, err);

	if (result == 1)
		journal->size = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return (result == -1 ? -1 : 0);
}

static void
make_log_room(struct journal *journal, const char *path)
{
	int64_t room = LOG_ROOM;

	if (room > journal->file_size)
		room = journal->file_size;
	journal_file_room(path, room);
}

/* Opens the newest file for writing. */
static int
open_file(struct journal *journal, struct error *err)
{
	uint64_t first = journal->firsts[journal->files - 1];
	char *path = journal_file(journal->dir, first);
	int result = -1;

	journal->db = database_open_steps(path, false, journal_steps, err);
	if (journal->db != NULL && prepare(journal, err) == 0 &&
	    find_last(journal, first, err) == 0 &&
	    journal_file_forgotten(journal->db, &journal->forgotten, err) == 0)
		result = find_size(journal, err);
	journal->next = journal->last + 1;
	if (result == 0)
		make_log_room(journal, path);
	else
		close_file(journal);
	free(path);
	return (result);
}

static void
note_file(struct journal *journal, uint64_t first)
{
	journal->firsts = memory_resize(journal->firsts,
	    (size_t)journal->files + 1, sizeof(*journal->firsts));
	journal->firsts[journal->files++] = first;
}

static int
start(struct journal *journal, struct error *err)
{
	if (daemon_make_dir(journal->dir, err) == -1)
		return (-1);
	journal->files = journal_files(journal->dir, &journal->firsts, err);
	if (journal->files == -1)
		return (-1);
	if (journal->files == 0) {
		if (journal_file_make(journal->dir, 1, NULL, 0, err) == -1)
			return (-1);
		note_file(journal, 1);
	}
	return (open_file(journal, err));
}

struct journal *
journal_open(const char *dir, int64_t file_size, struct error *err)
{
	struct journal *journal = memory_new(1, sizeof(*journal));

	journal->dir = memory_text(dir);
	journal->file_size = file_size;
	if (start(journal, err) == 0)
		return (journal);
	journal_free(journal);
	return (NULL);
}

void
journal_free(struct journal *journal)
{
	if (journal == NULL)
		return;
	if (journal->begun)
		database_run(journal->db, "ROLLBACK", NULL);
	close_file(journal);
	journal_block_clear(&journal->block);
	free(journal->firsts);
	free(journal->dir);
	free(journal);
}

/* The transaction is spoilt; the commit will undo it and say why. */
static int
spoil(struct journal *journal, struct error *err)
{
	if (!journal->broken) {
		journal->broken = true;
		journal->cause = *err;
	}
	*err = journal->cause;
	return (-1);
}

/* What is put off until another box or epoch, a question or the commit. */
static int
write_accepted(struct journal *journal, struct error *err)
{
	const struct record_id *id = &journal->accepting;

	if (id->sequence == 0)
		return (0);
	database_bind(journal->accept, "ttii", id->box, id->epoch,
	    (int64_t)id->sequence, journal->accepting_ended);
	if (database_do(journal->accept, err) == -1)
		return (-1);
	journal->accepting.sequence = 0;
	return (0);
}

static int
read_accepted(struct journal *journal, const char *box, const char *epoch,
    uint64_t *sequence, struct error *err)
{
	sqlite3_stmt *stmt;
	int result;

	if ((journal->db == NULL && open_file(journal, err) == -1) ||
	    write_accepted(journal, err) == -1)
		return (-1);
	stmt = journal->accepted;
	database_bind(stmt, "tt", box, epoch);
	result = database_step(stmt, err);
	*sequence = result == 1 ? (uint64_t)sqlite3_column_int64(stmt, 0) : 0;
	sqlite3_reset(stmt);
	return (result == -1 ? -1 : 0);
}

uint64_t
journal_accepted(struct journal *journal, const char *box, const char *epoch)
{
	struct error err;
	uint64_t sequence;

	if (journal->broken)
		return (0);
	if (read_accepted(journal, box, epoch, &sequence, &err) == 0)
		return (sequence);
	spoil(journal, &err); /* or things were taken twice */
	return (0);
}

nanoseconds
journal_forgotten(const struct journal *journal)
{
	return (journal->forgotten);
}

static int
rotate(struct journal *journal, nanoseconds since, struct error *err)
{
	char *before =
	    journal_file(journal->dir, journal->firsts[journal->files - 1]);
	uint64_t first = journal->next;
	int result = journal_file_make(journal->dir, first, before, since, err);

	free(before);
	if (result == -1)
		return (-1);
	close_file(journal);
	note_file(journal, first);
	return (open_file(journal, err));
}

/* What ended before `since` may be forgotten. */
static int
begin(struct journal *journal, nanoseconds since, struct error *err)
{
	if (journal->broken)
		return (-1);
	if (journal->begun)
		return (0);
	if (journal->db == NULL && open_file(journal, err) == -1)
		return (-1);
	if (journal->size >= journal->file_size &&
	    journal->next > journal->firsts[journal->files - 1] &&
	    rotate(journal, since, err) == -1)
		return (-1);
	if (database_do(journal->opening, err) == -1)
		return (-1);
	journal->begun = true;
	return (0);
}

/* A batch is of one box and epoch: its last id speaks for all. */
static int
accept_id(struct journal *journal, const struct record_id *id,
    nanoseconds ended, struct error *err)
{
	struct record_id *before = &journal->accepting;
	bool same = strcmp(before->epoch, id->epoch) == 0 &&
		    strcmp(before->box, id->box) == 0;

	if (!same && write_accepted(journal, err) == -1)
		return (-1);
	if (!same || before->sequence == 0)
		journal->accepting_ended = 0;
	if (!same || id->sequence > before->sequence)
		*before = *id;
	if (ended > journal->accepting_ended)
		journal->accepting_ended = ended;
	return (0);
}

static int
insert(struct journal *journal, const void *packed, size_t length,
    struct error *err)
{
	database_bind(journal->insert, "iiib", (int64_t)journal->next - 1,
	    journal->received, (int64_t)journal->block.count, packed, length);
	if (database_do(journal->insert, err) == -1)
		return (-1);
	journal->size += (int64_t)length + ROW_OVERHEAD;
	journal_block_empty(&journal->block);
	return (0);
}

/* The block becomes a row. What is packed badly is not kept like that: it would
 * fill the journal for a few records. */
static int
write_block(struct journal *journal, const void *packed, size_t length,
    struct error *err)
{
	const struct journal_block *block = &journal->block;
	void *own;
	int result;

	if (block->count == 0)
		return (0);
	if (packed != NULL && length <= block->length)
		return (insert(journal, packed, length, err));
	own = packing_pack(block->text, block->length, &length);
	result = insert(journal, own, length, err);
	free(own);
	return (result);
}

/* One that is full, or of another time, ends. */
static int
make_room(struct journal *journal, nanoseconds received, nanoseconds ended,
    struct error *err)
{
	const struct journal_block *block = &journal->block;
	nanoseconds now = ended < received ? ended : received;
	bool full = block->length >= JOURNAL_BLOCK_FULL;

	if (begin(journal, now - JOURNAL_REMEMBERS, err) == -1 ||
	    ((received != journal->received || full) &&
		write_block(journal, NULL, 0, err) == -1))
		return (-1);
	journal->parted |= full;
	journal->received = received;
	return (0);
}

int
journal_add(struct journal *journal, const struct record_id *id,
    const char *line, size_t length, nanoseconds received, nanoseconds ended,
    struct error *err)
{
	if (make_room(journal, received, ended, err) == -1 ||
	    accept_id(journal, id, ended, err) == -1)
		return (spoil(journal, err));
	journal_block_add(&journal->block, line, length);
	journal->next++;
	return (0);
}

int
journal_seal(struct journal *journal, const void *packed, size_t length,
    struct error *err)
{
	bool whole = !journal->parted;

	journal->parted = false;
	if (journal->broken ||
	    write_block(journal, whole ? packed : NULL, length, err) == -1)
		return (spoil(journal, err));
	return (0);
}

int
journal_pass(
    struct journal *journal, const struct record_id *id, struct error *err)
{
	if (begin(journal, 0, err) == -1 ||
	    accept_id(journal, id, 0, err) == -1)
		return (spoil(journal, err));
	return (0);
}

void
journal_roll_back(struct journal *journal)
{
	if (journal->db != NULL && journal->begun)
		database_run(journal->db, "ROLLBACK", NULL);
	journal_block_empty(&journal->block);
	journal->parted = false;
	journal->next = journal->last + 1;
	journal->accepting.sequence = 0;
	journal->begun = journal->broken = false;
}

int
journal_commit(struct journal *journal, struct error *err)
{
	if (!journal->broken && (write_block(journal, NULL, 0, err) == -1 ||
				    write_accepted(journal, err) == -1))
		spoil(journal, err);
	if (journal->broken)
		*err = journal->cause;
	if (journal->broken ||
	    (journal->begun && database_do(journal->closing, err) == -1)) {
		journal_roll_back(journal);
		return (-1);
	}
	journal->last = journal->next - 1;
	journal->begun = journal->parted = false;
	return (0);
}

uint64_t
journal_last(const struct journal *journal)
{
	return (journal->last);
}

int64_t
journal_size(const struct journal *journal)
{
	int64_t size = 0;

	for (int i = 0; i < journal->files; i++) {
		char *path = journal_file(journal->dir, journal->firsts[i]);

		size += journal_file_size(path);
		free(path);
	}
	return (size);
}

void
journal_release(struct journal *journal, uint64_t upto)
{
	int gone = 0;

	/* the next file's first number tells where a file ends */
	while (gone + 1 < journal->files &&
	       journal->firsts[gone + 1] <= upto + 1) {
		char *path = journal_file(journal->dir, journal->firsts[gone]);

		log_debug("%s: released", path);
		journal_file_unlink(path);
		free(path);
		gone++;
	}
	journal->files -= gone;
	for (int i = 0; i < journal->files; i++)
		journal->firsts[i] = journal->firsts[i + gone];
}
