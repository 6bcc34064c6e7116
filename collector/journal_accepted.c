/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "collector/journal_parts.h"
#include "common/database.h"

/* A batch is of one box and epoch: its last id speaks for all. */
int
journal_accept(struct journal *journal, const struct record_id *id,
    nanoseconds ended, struct error *err)
{
	struct record_id *before = &journal->accepting;
	bool same = strcmp(before->epoch, id->epoch) == 0 &&
		    strcmp(before->box, id->box) == 0;

	if (!same && journal_accepted_write(journal, err) == -1)
		return (-1);
	if (!same || before->sequence == 0)
		journal->accepting_ended = 0;
	if (!same || id->sequence > before->sequence)
		*before = *id;
	if (ended > journal->accepting_ended)
		journal->accepting_ended = ended;
	return (0);
}

int
journal_accepted_write(struct journal *journal, struct error *err)
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

	if ((journal->db == NULL && journal_current_open(journal, err) == -1) ||
	    journal_accepted_write(journal, err) == -1)
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
	journal_spoil(journal, &err); /* or things were taken twice */
	return (0);
}

nanoseconds
journal_forgotten(const struct journal *journal)
{
	return (journal->forgotten);
}
