/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/spool.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>

#include "agent/aftermath.h"
#include "agent/batching.h"
#include "agent/discredit.h"
#include "agent/gap.h"
#include "agent/numbering.h"
#include "agent/overflow.h"
#include "agent/setback.h"
#include "agent/shelf.h"
#include "agent/waiting.h"
#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"

/* How long after its time it is known that something has happened. */
#define ONCE_AGE (366 * 86400 * NS_PER_S)
/* What may wait in memory while the disk takes nothing. */
#define WAITING_MOST (32 * 1024 * 1024)

struct spool {
	struct shelf *shelf;
	struct spool_limits limits;
	struct numbering numbering;
	int64_t committed;        /* the last n on disk */
	int64_t acknowledged;     /* up to this n, not yet removed */
	int64_t batched;          /* up to this n, the collector may have it */
	int64_t held;             /* bytes that stay for that, at most */
	struct shelf_range *gone; /* others that the next commit removes */
	size_t gone_count;
	struct shelf_tally tally; /* on disk */
	struct waiting waiting;   /* not yet on disk */
	nanoseconds oldest;
	uint64_t dropped;
	nanoseconds lived; /* something was scheduled; on disk at a commit */
	nanoseconds leap;  /* of the clock, by which nothing becomes old */
	bool resting, first;
};

const char *
spool_epoch(const struct spool *spool)
{
	return (numbering_epoch(&spool->numbering));
}

int
spool_add_anew(struct spool *spool, struct json_object *record,
    const struct shelf_row *was, struct error *err)
{
	struct shelf_row row = {.n = numbering_next(&spool->numbering),
	    .added = was->added,
	    .lost = was->lost};

	numbering_line(&spool->numbering, &row, record);
	if (row.length > RECORD_MOST) {
		error_set(err, "a record of %zu bytes; at most %d are kept",
		    row.length, RECORD_MOST);
		free((void *)(uintptr_t)row.line);
		return (-1);
	}
	spool->numbering.sequence++;
	waiting_append(&spool->waiting, &row);
	return (0);
}

int
spool_add(struct spool *spool, struct json_object *record, struct error *err)
{
	const struct shelf_row none = {0};

	return (spool_add_anew(spool, record, &none, err));
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
 * Commit.
 */

static struct overflow
overflow_at(const struct spool *spool, nanoseconds now)
{
	return ((struct overflow){
	    .limits = &spool->limits,
	    .now = now - spool->leap,
	    .after = spool->batched,
	    .held = spool->held,
	});
}

/* In memory, while the disk takes nothing. */
static void
limit_waiting(struct spool *spool, nanoseconds now)
{
	struct overflow over = overflow_at(spool, now);
	struct shelf_row gap;

	over.excess = spool->waiting.tally.bytes - WAITING_MOST;
	if (over.excess <= 0)
		return;
	waiting_cut(&spool->waiting, &over);
	overflow_gap(&over, &spool->numbering, &gap);
	waiting_prepend(&spool->waiting, &gap);
	spool->dropped += (uint64_t)over.fresh;
}

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
remove_gone(struct spool *spool, struct shelf_tally *tally, struct error *err)
{
	for (size_t i = 0; i < spool->gone_count; i++)
		if (shelf_remove(spool->shelf, spool->gone[i].from,
			spool->gone[i].upto, tally, err) < 0)
			return (-1);
	return (0);
}

/* Takes the array over. */
static void
set_gone(struct spool *spool, struct shelf_range *gone, size_t count)
{
	free(spool->gone);
	spool->gone = gone;
	spool->gone_count = count;
}

static int
write_all(struct spool *spool, nanoseconds now, struct shelf_tally *tally,
    uint64_t *dropped, nanoseconds *oldest, struct error *err)
{
	struct overflow over = overflow_at(spool, now);
	struct shelf *shelf = spool->shelf;

	if (shelf_begin(shelf, err) < 0 ||
	    shelf_remove(shelf, 0, spool->acknowledged, tally, err) < 0 ||
	    remove_gone(spool, tally, err) < 0 ||
	    waiting_write(&spool->waiting, shelf, tally, err) < 0 ||
	    overflow_apply(&over, &spool->numbering, shelf, tally, err) < 0 ||
	    shelf_visit(shelf, 0, first_added, oldest, err) < 0 ||
	    (spool->lived != 0 && shelf_live(shelf, spool->lived, err) < 0))
		return (-1);
	*dropped += (uint64_t)over.fresh;
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
	spool->acknowledged = 0;
	set_gone(spool, NULL, 0);
	return (0);
}

static int
begin_epoch(struct spool *spool, const char *box, struct error *err)
{
	if (numbering_begin(&spool->numbering, box, spool->shelf, err) < 0)
		return (-1);
	spool->committed = numbering_next(&spool->numbering) - 1;
	return (0);
}

static int
forget_onces(struct spool *spool, nanoseconds now, struct error *err)
{
	return (now == 0 ? 0 : shelf_forget(spool->shelf, now - ONCE_AGE, err));
}

static int
set_back(struct spool *spool, struct error *err)
{
	struct shelf_range *old = memory_new(1, sizeof(*old));

	set_gone(spool, old, 1);
	return (setback(spool, spool->shelf, spool->numbering.epochs,
	    spool->numbering.epoch_count, &old->from, &old->upto, err));
}

/* Nobody has seen the time pass since, and the clock may have leapt. */
static int
begin_life(struct spool *spool, nanoseconds now, struct error *err)
{
	int rc;

	spool->first = spool->lived == 0;
	if (!spool->first && now > spool->lived)
		spool->leap = now - spool->lived;
	rc = spool_commit(spool, now, err);
	spool->leap = 0;
	return (rc);
}

struct spool *
spool_new(const char *path, const char *box, const struct spool_limits *limits,
    nanoseconds now, struct error *err)
{
	struct spool *spool;

	spool = memory_new(1, sizeof(*spool));
	waiting_init(&spool->waiting);
	spool->limits = *limits;
	spool->resting = true;
	spool->shelf = shelf_new(path, err);
	if (spool->shelf == NULL || begin_epoch(spool, box, err) < 0 ||
	    shelf_count(spool->shelf, &spool->tally, err) < 0 ||
	    forget_onces(spool, now, err) < 0 || set_back(spool, err) < 0 ||
	    aftermath(spool, spool->shelf, &spool->lived, err) < 0 ||
	    begin_life(spool, now, err) < 0) {
		waiting_clear(&spool->waiting);
		shelf_free(spool->shelf);
		numbering_clear(&spool->numbering);
		free(spool->gone);
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

int
spool_discredit(struct spool *spool, nanoseconds latest, nanoseconds ahead,
    nanoseconds now, struct error *err)
{
	struct discredit found = {.latest = latest, .ahead = ahead};
	json_object *gap;

	if (spool_commit(spool, 0, err) < 0)
		return (-1);
	if (discredit_find(&found, spool->shelf, err) < 0) {
		free(found.ranges);
		return (-1);
	}
	if (spool->lived > latest)
		spool->lived = now;
	if (found.records == 0)
		return (0);
	set_gone(spool, found.ranges, found.count);
	gap = discredit_gap(&found);
	spool_add(spool, gap, NULL);
	json_object_put(gap);
	return (spool_commit(spool, 0, err));
}

void
spool_set_limits(struct spool *spool, const struct spool_limits *limits)
{
	spool->limits = *limits;
}

/* The last words: what is not on disk by now is in nothing that is to come. */
static void
commit_last(struct spool *spool)
{
	struct error err;

	if (spool_commit(spool, 0, &err) < 0)
		log_warnx("%" PRId64 " records are lost: %s",
		    spool->waiting.tally.records, err.text);
}

void
spool_set_leap(struct spool *spool, nanoseconds leap)
{
	spool->leap = leap;
}

void
spool_free(struct spool *spool)
{
	if (spool == NULL)
		return;
	commit_last(spool);
	waiting_clear(&spool->waiting);
	shelf_free(spool->shelf);
	numbering_clear(&spool->numbering);
	free(spool->gone);
	free(spool);
}

/*
 * The way out.
 */

int
spool_batch(struct spool *spool, size_t records, size_t bytes, char **lines,
    size_t *length, struct record_id *last, struct error *err)
{
	struct batching batching = {
	    .numbering = &spool->numbering, .records = records, .bytes = bytes};
	int count =
	    batching_read(&batching, spool->shelf, spool->acknowledged, err);

	if (count <= 0)
		return (count);
	*lines = batching.lines;
	*length = batching.length;
	if (batching.last >= spool->batched) {
		spool->batched = batching.last;
		spool->held = (int64_t)batching.length;
	}
	numbering_id(&spool->numbering, batching.last, last);
	return (count);
}

int
spool_acknowledge(
    struct spool *spool, const struct record_id *upto, struct error *err)
{
	int64_t n =
	    numbering_find(&spool->numbering, upto, spool->committed, err);

	if (n < 0)
		return (-1);
	if (n > spool->acknowledged)
		spool->acknowledged = n;
	if (n >= spool->batched)
		spool->held = 0;
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
