/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/batch.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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
	struct tree *tree;
};

static int
pass(struct taking *taking, uint64_t sequence, struct error *err)
{
	taking->id.sequence = sequence;
	return (journal_pass(taking->journal, &taking->id, err));
}

static int
add(struct taking *taking, uint64_t sequence, const char *line, size_t length,
    struct error *err)
{
	taking->id.sequence = sequence;
	return (journal_add(
	    taking->journal, &taking->id, line, length, taking->now, err));
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

static int
check_record(struct taking *taking, const struct tree_node *record,
    const struct record_id *id, size_t length, struct error *err)
{
	if (!is_its_own(taking, id->box))
		return (error_set(err,
		    "record for another agent: it is of %s, sent by %s",
		    id->box, taking->sender->box));
	if (length > RECORD_MOST)
		return (
		    error_set(err, "record of %zu bytes, expected at most %d",
			length, RECORD_MOST));
	return (record_check_tree(record, clock_seconds(taking->now), err));
}

static bool
is_late(const struct taking *taking, const struct tree_node *record)
{
	double end = 0;

	tree_number(record, "end", &end, NULL);
	return (clock_seconds(taking->now) - end > clock_seconds(BATCH_LATE));
}

static int
take_record(struct taking *taking, const struct tree_node *record,
    const char *line, size_t length, struct error *err)
{
	struct record_id id;
	struct error why;
	const char *text;

	if (tree_text(record, "id", &text, &why) == -1 ||
	    record_id_parse(text, &id, &why) == -1 ||
	    check_order(taking, &id, &why) == -1)
		return (refuse(taking, line, &why, err));
	if (id.sequence <= taking->accepted) {
		taking->batch->again++;
		return (0);
	}
	if (check_record(taking, record, &id, length, &why) == -1) {
		if (refuse(taking, line, &why, err) == -1)
			return (-1);
		return (pass(taking, id.sequence, err));
	}
	taking->batch->taken++;
	taking->batch->late += is_late(taking, record);
	return (add(taking, id.sequence, line, length, err));
}

static int
take_line(
    struct taking *taking, const char *line, size_t length, struct error *err)
{
	struct error why;
	const struct tree_node *record;

	if (length == 0)
		return (0);
	record = tree_parse(taking->tree, line, length, &why);
	if (record == NULL)
		return (refuse(taking, line, &why, err));
	return (take_record(taking, record, line, length, err));
}

/* All lines, one by one. -1: journal or registry are broken. */
static int
take_lines(
    struct taking *taking, char *text, const char *end, struct error *err)
{
	while (text < end) {
		char *line = text;
		char *newline = memchr(line, '\n', (size_t)(end - line));

		text = newline != NULL ? newline : line + (end - line);
		*text = '\0';
		if (take_line(taking, line, (size_t)(text - line), err) == -1)
			return (-1);
		text++;
	}
	return (0);
}

static bool
has_too_many(const char *text, const char *end)
{
	size_t lines = 0;

	while (text < end && lines <= BATCH_LINES) {
		text = memchr(text, '\n', (size_t)(end - text));
		text = text != NULL ? text + 1 : end;
		lines++;
	}
	return (lines > BATCH_LINES);
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
    const struct batch_sender *sender, char *text, size_t length,
    nanoseconds now, struct batch *batch, struct error *err)
{
	struct taking taking = {.journal = journal,
	    .registry = registry,
	    .sender = sender,
	    .now = now,
	    .batch = batch};
	int result;

	memset(batch, 0, sizeof(*batch));
	snprintf(taking.id.box, sizeof(taking.id.box), "%s", sender->mark);
	if (has_too_many(text, text + length)) {
		error_set(err, "more than %d lines, expected fewer records",
		    BATCH_LINES);
		return (BATCH_LARGE);
	}
	taking.tree = tree_new();
	result = take_lines(&taking, text, text + length, err);
	tree_free(taking.tree);
	if (result == -1 || count_rest(&taking, err) == -1)
		return (BATCH_BROKEN);
	if (batch->last > 0)
		return (BATCH_TAKEN);
	error_set(err, "no line of the batch is a record with an id, expected "
		       "one JSON record a line");
	return (BATCH_BAD);
}
