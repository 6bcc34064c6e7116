/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/spool.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/aftermath.h"
#include "agent/gap.h"
#include "agent/overflow.h"
#include "agent/setback.h"
#include "agent/shelf.h"
#include "agent/waiting.h"
#include "common/error.h"
#include "common/hash.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"

/* How long after its time it is known that something has happened. */
#define ONCE_AGE (366 * 86400 * NS_PER_S)
/* What may wait in memory while the disk takes nothing. */
#define WAITING_MOST (32 * 1024 * 1024)

struct spool {
	struct shelf *shelf;
	char box[NAME_TEXT];
	struct spool_limits limits;
	struct shelf_epoch *epochs; /* the last is ours */
	size_t epoch_count;
	uint64_t sequence;        /* the last given */
	int64_t committed;        /* the last n on disk */
	int64_t acknowledged;     /* up to this n, not yet removed */
	int64_t anew, anew_upto;  /* added anew, the old not yet removed */
	struct shelf_tally tally; /* on disk */
	struct waiting waiting;   /* not yet on disk */
	nanoseconds oldest;
	uint64_t dropped;
	nanoseconds lived; /* something was scheduled; on disk at a commit */
	bool resting, first;
};

const char *
spool_epoch(const struct spool *spool)
{
	return (spool->epochs[spool->epoch_count - 1].name);
}

/* The epoch of record n. */
static const struct shelf_epoch *
epoch_of(const struct spool *spool, int64_t n)
{
	size_t i = spool->epoch_count - 1;

	while (i > 0 && spool->epochs[i].base >= n)
		i--;
	return (&spool->epochs[i]);
}

static void
id_of(const struct spool *spool, int64_t n, struct record_id *id)
{
	const struct shelf_epoch *epoch = epoch_of(spool, n);

	memset(id, 0, sizeof(*id));
	memcpy(id->box, spool->box, sizeof(id->box));
	memcpy(id->epoch, epoch->name, sizeof(id->epoch));
	id->sequence = (uint64_t)(n - epoch->base);
}

/* What the record is as a line; free() it. A run that a former name of the box
 * began is still of that one. */
static void
set_line(const struct spool *spool, struct shelf_row *row, json_object *record)
{
	struct record_id id;
	const char *text;
	char *name;

	id_of(spool, row->n, &id);
	snprintf(id.box, sizeof(id.box), "%s",
	    member_text_or(record, "agent", spool->box));
	name = record_id_write(&id);
	member_add_text(record, "id", name);
	member_add_text(record, "agent", id.box);
	free(name);
	text = json_object_to_json_string_length(record,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE,
	    &row->length);
	row->line = memory_text(text);
}

int
spool_add(struct spool *spool, struct json_object *record, struct error *err)
{
	struct shelf_row row = {
	    .n = spool->epochs[spool->epoch_count - 1].base +
		 (int64_t)spool->sequence + 1};

	set_line(spool, &row, record);
	if (row.length > RECORD_MOST) {
		error_set(err, "a record of %zu bytes; at most %d are kept",
		    row.length, RECORD_MOST);
		free((void *)(uintptr_t)row.line);
		return (-1);
	}
	spool->sequence++;
	waiting_append(&spool->waiting, &row);
	return (0);
}

void
spool_note(struct spool *spool, uint64_t run, struct json_object *note)
{
	waiting_note(&spool->waiting, (int64_t)run,
	    memory_text(
		json_object_to_json_string_ext(note, JSON_C_TO_STRING_PLAIN)));
}

void
spool_ended(struct spool *spool, uint64_t run)
{
	waiting_ended(&spool->waiting, (int64_t)run);
}

void
spool_set_back(struct spool *spool, nanoseconds since)
{
	char *mark = setback_mark(spool_epoch(spool));

	waiting_once(&spool->waiting, mark, since);
	free(mark);
}

void
spool_mark_once(struct spool *spool, const char *what, nanoseconds at)
{
	waiting_once(&spool->waiting, what, at);
}

/* What cannot be read is rather not done twice. */
bool
spool_was(struct spool *spool, const char *what)
{
	struct error err;
	bool was;

	if (waiting_was(&spool->waiting, what))
		return (true);
	if (shelf_was(spool->shelf, what, &was, &err) == 0)
		return (was);
	log_warnx("%s", err.text);
	return (true);
}

/*
 * Limits.
 */

static void
make_gap(
    struct spool *spool, const struct overflow *over, struct shelf_row *gap)
{
	json_object *record = overflow_gap(over, gap);

	set_line(spool, gap, record);
	json_object_put(record);
}

/* On disk; part of the transaction. */
static int
apply_limits(struct spool *spool, nanoseconds now, struct shelf_tally *tally,
    uint64_t *dropped, struct error *err)
{
	struct overflow over = {.limits = &spool->limits,
	    .now = now,
	    .excess = tally->bytes - spool->limits.bytes};
	struct shelf_row gap;
	int rc;

	if (shelf_visit(spool->shelf, 0, overflow_row, &over, err) < 0)
		return (-1);
	if (over.fresh == 0)
		return (0);
	if (shelf_remove(spool->shelf, 0, over.upto, tally, err) < 0)
		return (-1);
	make_gap(spool, &over, &gap);
	rc = shelf_put(spool->shelf, &gap, err);
	tally->records++;
	tally->bytes += (int64_t)gap.length;
	free((void *)(uintptr_t)gap.line);
	*dropped += (uint64_t)over.fresh;
	return (rc);
}

/* In memory, while the disk takes nothing. */
static void
limit_waiting(struct spool *spool, nanoseconds now)
{
	struct overflow over = {.limits = &spool->limits,
	    .now = now,
	    .excess = spool->waiting.tally.bytes - WAITING_MOST};
	struct shelf_row gap;

	if (over.excess <= 0)
		return;
	waiting_cut(&spool->waiting, &over);
	make_gap(spool, &over, &gap);
	waiting_prepend(&spool->waiting, &gap);
	spool->dropped += (uint64_t)over.fresh;
}

/*
 * Commit.
 */

static int
first_added(void *arg, const struct shelf_row *row)
{
	*(nanoseconds *)arg = row->added;
	return (SHELF_STOP);
}

/* Does this commit say until when runs were scheduled? The very first one says
 * from when on they might have been. */
static bool
lives(const struct spool *spool, nanoseconds now)
{
	return (now != 0 && (!spool->resting || spool->lived == 0));
}

static int
write_all(struct spool *spool, nanoseconds now, struct shelf_tally *tally,
    uint64_t *dropped, nanoseconds *oldest, struct error *err)
{
	struct shelf *shelf = spool->shelf;

	if (shelf_begin(shelf, err) < 0 ||
	    shelf_remove(shelf, 0, spool->acknowledged, tally, err) < 0 ||
	    shelf_remove(shelf, spool->anew, spool->anew_upto, tally, err) <
		0 ||
	    waiting_write(&spool->waiting, shelf, tally, err) < 0 ||
	    apply_limits(spool, now, tally, dropped, err) < 0 ||
	    shelf_visit(shelf, 0, first_added, oldest, err) < 0 ||
	    (spool->lived != 0 && shelf_live(shelf, spool->lived, err) < 0))
		return (-1);
	return (shelf_commit(shelf, err));
}

int
spool_commit(struct spool *spool, nanoseconds now, struct error *err)
{
	struct shelf_tally tally = spool->tally;
	uint64_t dropped = spool->dropped;
	nanoseconds oldest = 0;

	waiting_date(&spool->waiting, now != 0 ? now : spool->lived);
	if (lives(spool, now))
		spool_live(spool, now);
	if (write_all(spool, now, &tally, &dropped, &oldest, err) < 0) {
		shelf_rollback(spool->shelf);
		limit_waiting(spool, now);
		return (-1);
	}
	if (waiting_last(&spool->waiting) != 0)
		spool->committed = waiting_last(&spool->waiting);
	waiting_clear(&spool->waiting);
	spool->tally = tally;
	spool->dropped = dropped;
	spool->oldest = oldest;
	spool->acknowledged = spool->anew = spool->anew_upto = 0;
	return (0);
}

static int
begin_epoch(struct spool *spool, struct error *err)
{
	struct shelf_epoch epoch;
	uint8_t random[8];

	hash_random(random, sizeof(random));
	hash_hex(random, sizeof(random), epoch.name);
	if (shelf_begin(spool->shelf, err) < 0 ||
	    shelf_epochs(
		spool->shelf, &spool->epochs, &spool->epoch_count, err) < 0 ||
	    shelf_add_epoch(spool->shelf, &epoch, err) < 0 ||
	    shelf_commit(spool->shelf, err) < 0)
		return (-1);
	spool->epochs =
	    memory_resize(spool->epochs, spool->epoch_count + 1, sizeof(epoch));
	spool->epochs[spool->epoch_count++] = epoch;
	spool->committed = epoch.base;
	return (0);
}

static int
forget_onces(struct spool *spool, nanoseconds now, struct error *err)
{
	return (now == 0 ? 0 : shelf_forget(spool->shelf, now - ONCE_AGE, err));
}

static int
begin_life(struct spool *spool, nanoseconds now, struct error *err)
{
	spool->first = spool->lived == 0;
	return (spool_commit(spool, now, err));
}

struct spool *
spool_new(const char *path, const char *box, const struct spool_limits *limits,
    nanoseconds now, struct error *err)
{
	struct spool *spool;

	spool = memory_new(1, sizeof(*spool));
	waiting_init(&spool->waiting);
	strncpy(spool->box, box, sizeof(spool->box) - 1);
	spool->limits = *limits;
	spool->resting = true;
	spool->shelf = shelf_new(path, err);
	if (spool->shelf == NULL || begin_epoch(spool, err) < 0 ||
	    shelf_count(spool->shelf, &spool->tally, err) < 0 ||
	    forget_onces(spool, now, err) < 0 ||
	    setback(spool, spool->shelf, spool->epochs, spool->epoch_count,
		&spool->anew, &spool->anew_upto, err) < 0 ||
	    aftermath(spool, spool->shelf, &spool->lived, err) < 0 ||
	    begin_life(spool, now, err) < 0) {
		waiting_clear(&spool->waiting);
		shelf_free(spool->shelf);
		free(spool->epochs);
		free(spool);
		return (NULL);
	}
	return (spool);
}

/*
 * Time that nothing was scheduled in.
 */

nanoseconds
spool_lived(const struct spool *spool)
{
	return (spool->lived);
}

void
spool_live(struct spool *spool, nanoseconds now)
{
	spool->lived = gap_reached(spool->lived, now);
}

void
spool_rest(struct spool *spool)
{
	spool->resting = true;
}

nanoseconds
spool_resume(struct spool *spool, nanoseconds resume, const char *why)
{
	if (!spool->first)
		resume = gap_since(spool, spool->lived, resume, why);
	spool->resting = spool->first = false;
	return (resume);
}

void
spool_set_limits(struct spool *spool, const struct spool_limits *limits)
{
	spool->limits = *limits;
}

void
spool_free(struct spool *spool)
{
	if (spool == NULL)
		return;
	spool_commit(spool, spool->resting ? 0 : clock_wall(), NULL);
	waiting_clear(&spool->waiting);
	shelf_free(spool->shelf);
	free(spool->epochs);
	free(spool);
}

/*
 * The way out.
 */

struct batch {
	const struct spool *spool;
	size_t records, bytes;
	char *lines;
	size_t length, room;
	int64_t last;
};

static int
batch_row(void *arg, const struct shelf_row *row)
{
	struct batch *batch = arg;

	if (batch->records == 0 ||
	    (batch->last > 0 &&
		(batch->length + row->length + 1 > batch->bytes ||
		    epoch_of(batch->spool, row->n) !=
			epoch_of(batch->spool, batch->last))))
		return (SHELF_STOP);
	if (batch->length + row->length + 2 > batch->room) {
		batch->room = 2 * batch->room + row->length + 2;
		batch->lines = memory_resize(batch->lines, batch->room, 1);
	}
	memcpy(batch->lines + batch->length, row->line, row->length);
	batch->length += row->length;
	batch->lines[batch->length++] = '\n';
	batch->lines[batch->length] = '\0';
	batch->records--;
	batch->last = row->n;
	return (SHELF_MORE);
}

int
spool_batch(struct spool *spool, size_t records, size_t bytes, char **lines,
    size_t *length, struct record_id *last, struct error *err)
{
	struct batch batch = {
	    .spool = spool, .records = records, .bytes = bytes};
	size_t count;

	if (shelf_visit(spool->shelf, spool->acknowledged, batch_row, &batch,
		err) < 0) {
		free(batch.lines);
		return (-1);
	}
	count = records - batch.records;
	if (count == 0)
		return (0);
	*lines = batch.lines;
	*length = batch.length;
	id_of(spool, batch.last, last);
	return ((int)count);
}

int
spool_acknowledge(
    struct spool *spool, const struct record_id *upto, struct error *err)
{
	size_t i;
	int64_t n, most;

	for (i = 0; i < spool->epoch_count; i++)
		if (strcmp(spool->epochs[i].name, upto->epoch) == 0)
			break;
	if (i == spool->epoch_count)
		return (error_set(err,
		    "acknowledged epoch %s, which is none of ours",
		    upto->epoch));
	n = spool->epochs[i].base + (int64_t)upto->sequence;
	most = i + 1 < spool->epoch_count ? spool->epochs[i + 1].base
					  : spool->committed;
	if (n < 0 || n > most)
		return (error_set(err,
		    "acknowledged record %" PRIu64 " of epoch %s, which was "
		    "never sent",
		    upto->sequence, upto->epoch));
	if (n > spool->acknowledged)
		spool->acknowledged = n;
	return (0);
}

void
spool_depth(const struct spool *spool, struct spool_depth *depth)
{
	depth->records =
	    (uint64_t)(spool->tally.records + spool->waiting.tally.records);
	depth->bytes =
	    (uint64_t)(spool->tally.bytes + spool->waiting.tally.bytes);
	depth->oldest = spool->oldest;
	depth->dropped = spool->dropped;
}
