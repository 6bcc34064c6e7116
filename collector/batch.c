/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/batch.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "collector/checker.h"
#include "collector/journal.h"
#include "collector/registry.h"
#include "collector/renames.h"
#include "common/error.h"
#include "common/tree.h"

struct taking {
	struct journal *journal;
	struct registry *registry;
	const struct batch_sender *sender;
	nanoseconds now;
	struct batch *batch;
	uint64_t accepted; /* of this box and epoch, before this batch */
	/* who sent it, whatever the record says: a box speaks only for itself */
	struct record_id id;
	struct checker *checker;
};

static int
pass(struct taking *taking, uint64_t sequence, struct error *err)
{
	taking->id.sequence = sequence;
	return (journal_pass(taking->journal, &taking->id, err));
}

static int
add(struct taking *taking, const struct checker_line *line, struct error *err)
{
	taking->id.sequence = line->id.sequence;
	return (journal_add(taking->journal, &taking->id, line->text,
	    line->length, taking->now, clock_of_seconds(line->end), err));
}

/* Under the name it has, or had when the record was made. */
static bool
is_its_own(const struct taking *taking, const char *name)
{
	const struct batch_sender *sender = taking->sender;

	return (strcmp(name, sender->box) == 0 ||
		renames_had(sender->renames, sender->box, name));
}

static int
refuse(struct taking *taking, const char *line, const struct error *why,
    struct error *err)
{
	if (++taking->batch->refused > BATCH_ASIDE)
		return (0);
	return (registry_refuse(taking->registry, taking->sender->box, line,
	    why->text, taking->now, err));
}

/* The first readable id tells the epoch. */
static int
check_order(
    struct taking *taking, const struct record_id *id, struct error *err)
{
	struct batch *batch = taking->batch;

	if (batch->epoch[0] == '\0') {
		memcpy(batch->epoch, id->epoch, sizeof(batch->epoch));
		memcpy(taking->id.epoch, id->epoch, sizeof(id->epoch));
		taking->accepted = journal_accepted(
		    taking->journal, taking->sender->mark, batch->epoch);
		batch->before = taking->accepted;
	}
	if (strcmp(batch->epoch, id->epoch) != 0)
		return (error_set(err,
		    "epoch %s in a batch of epoch %s, expected one epoch",
		    id->epoch, batch->epoch));
	if (id->sequence <= batch->last)
		return (error_set(err,
		    "sequence %" PRIu64 " after %" PRIu64
		    ", expected a rising order",
		    id->sequence, batch->last));
	batch->last = id->sequence;
	return (0);
}

/* Is it known whether it was here before? */
static int
check_age(const struct taking *taking, double end, struct error *err)
{
	nanoseconds forgotten = journal_forgotten(taking->journal);

	if (forgotten == 0 || clock_of_seconds(end) > forgotten)
		return (0);
	return (error_set(err,
	    "member \"end\": %.3f, expected after %.3f: which records of before "
	    "have been here is forgotten",
	    end, clock_seconds(forgotten)));
}

/* record: what the line says; NULL: it has been found good. */
static int
check_record(struct taking *taking, const struct tree_node *record,
    const struct checker_line *line, struct error *err)
{
	struct record_id id;
	double end;

	if (!is_its_own(taking, line->id.box))
		return (error_set(err,
		    "record for another agent: it is of %s, sent by %s",
		    line->id.box, taking->sender->box));
	if (record == NULL)
		return (check_age(taking, line->end, err));
	if (line->length > RECORD_MOST)
		return (
		    error_set(err, "record of %zu bytes, expected at most %d",
			line->length, RECORD_MOST));
	if (record_check_tree(
		record, clock_seconds(taking->now), &id, &end, err) == -1)
		return (-1);
	return (check_age(taking, line->end, err));
}

static bool
is_late(const struct taking *taking, double end)
{
	return (clock_seconds(taking->now) - end > clock_seconds(BATCH_LATE));
}

/* A line with an id. */
static int
take_record(struct taking *taking, const struct tree_node *record,
    const struct checker_line *line, struct error *err)
{
	uint64_t sequence = line->id.sequence;
	struct error why;

	if (check_order(taking, &line->id, &why) == -1)
		return (refuse(taking, line->text, &why, err));
	if (sequence <= taking->accepted) {
		taking->batch->again++;
		return (0);
	}
	if (check_record(taking, record, line, &why) == -1) {
		if (refuse(taking, line->text, &why, err) == -1)
			return (-1);
		return (pass(taking, sequence, err));
	}
	taking->batch->taken++;
	taking->batch->late += is_late(taking, line->end);
	return (add(taking, line, err));
}

/* One that is not known to be good: it may be, or why not. */
static int
look_closely(
    struct taking *taking, const struct checker_line *line, struct error *err)
{
	struct checker_line read = *line;
	const struct tree_node *record;
	struct error why;
	const char *id;

	record = checker_read(taking->checker, line, &why);
	if (record == NULL || tree_text(record, "id", &id, &why) == -1 ||
	    record_id_parse(id, &read.id, &why) == -1)
		return (refuse(taking, line->text, &why, err));
	read.end = 0;
	tree_number(record, "end", &read.end, NULL);
	return (take_record(taking, record, &read, err));
}

static int
take_line(
    struct taking *taking, const struct checker_line *line, struct error *err)
{
	if (line->length == 0)
		return (0);
	if (line->good)
		return (take_record(taking, NULL, line, err));
	return (look_closely(taking, line, err));
}

/* In their order. What the first one needs of the journal is done while the others
 * are looked at. -1: journal or registry are broken. */
static int
take_lines(struct taking *taking, size_t lines, struct error *err)
{
	int result = take_line(taking, checker_line(taking->checker, 0), err);

	checker_finish(taking->checker);
	for (size_t i = 1; i < lines && result == 0; i++)
		result =
		    take_line(taking, checker_line(taking->checker, i), err);
	return (result);
}

/* Those that were not kept aside one by one. */
static int
count_rest(struct taking *taking, struct error *err)
{
	unsigned refused = taking->batch->refused;

	if (refused <= BATCH_ASIDE)
		return (0);
	return (registry_count_refused(
	    taking->registry, taking->sender->box, refused - BATCH_ASIDE, err));
}

enum batch_verdict
batch_take(struct journal *journal, struct registry *registry,
    struct checker *checker, const struct batch_sender *sender, char *text,
    size_t length, nanoseconds now, struct batch *batch, struct error *err)
{
	struct taking taking = {.journal = journal,
	    .registry = registry,
	    .sender = sender,
	    .now = now,
	    .batch = batch,
	    .checker = checker};
	size_t lines = checker_begin(
	    checker, text, length, BATCH_LINES, clock_seconds(now));
	int result = 0;

	memset(batch, 0, sizeof(*batch));
	snprintf(taking.id.box, sizeof(taking.id.box), "%s", sender->mark);
	if (lines > BATCH_LINES) {
		error_set(err, "more than %d lines, expected fewer records",
		    BATCH_LINES);
		return (BATCH_LARGE);
	}
	if (lines > 0)
		result = take_lines(&taking, lines, err);
	if (result == -1 || count_rest(&taking, err) == -1)
		return (BATCH_BROKEN);
	if (batch->last > 0)
		return (BATCH_TAKEN);
	error_set(err, "no line of the batch is a record with an id, expected "
		       "one JSON record a line");
	return (BATCH_BAD);
}
