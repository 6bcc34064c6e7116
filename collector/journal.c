/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/journal.h"

#include <stdlib.h>

#include "collector/journal_files.h"
#include "collector/journal_parts.h"
#include "common/database.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/packing.h"

#define ROW_OVERHEAD 24 /* bytes of a row besides its lines, roughly */

struct journal *
journal_open(const char *dir, int64_t file_size, struct error *err)
{
	struct journal *journal = memory_new(1, sizeof(*journal));

	journal->dir = memory_text(dir);
	journal->file_size = file_size;
	if (journal_current_find(journal, err) == 0)
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
	journal_current_close(journal);
	journal_block_clear(&journal->block);
	free(journal->firsts);
	free(journal->dir);
	free(journal);
}

int
journal_spoil(struct journal *journal, struct error *err)
{
	if (!journal->broken) {
		journal->broken = true;
		journal->cause = *err;
	}
	*err = journal->cause;
	return (-1);
}

static bool
is_full(const struct journal *journal)
{
	return (journal->size >= journal->file_size &&
		journal->next > journal->firsts[journal->files - 1]);
}

/* What ended before `since` may be forgotten. */
static int
begin(struct journal *journal, nanoseconds since, struct error *err)
{
	if (journal->broken)
		return (-1);
	if (journal->begun)
		return (0);
	if (journal->db == NULL && journal_current_open(journal, err) == -1)
		return (-1);
	if (is_full(journal) && journal_current_next(journal, since, err) == -1)
		return (-1);
	if (database_do(journal->opening, err) == -1)
		return (-1);
	journal->begun = true;
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
	    journal_accept(journal, id, ended, err) == -1)
		return (journal_spoil(journal, err));
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
		return (journal_spoil(journal, err));
	return (0);
}

int
journal_pass(
    struct journal *journal, const struct record_id *id, struct error *err)
{
	if (begin(journal, 0, err) == -1 ||
	    journal_accept(journal, id, 0, err) == -1)
		return (journal_spoil(journal, err));
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
				    journal_accepted_write(journal, err) == -1))
		journal_spoil(journal, err);
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
journal_resize(struct journal *journal, int64_t file_size)
{
	journal->file_size = file_size;
}

/* Who waits for room would wait for ever for a file that nobody adds to. */
static void
pass_last(struct journal *journal)
{
	struct error err;

	if (!journal->begun && !journal->broken && journal->db != NULL &&
	    is_full(journal) && journal_current_next(journal, 0, &err) == -1)
		log_warnx("no journal file was begun: %s", err.text);
}

void
journal_release(struct journal *journal, uint64_t upto)
{
	int gone = 0;

	if (upto >= journal->last)
		pass_last(journal);
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
