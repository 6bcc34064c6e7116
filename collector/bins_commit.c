/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>

#include "collector/bins_file.h"
#include "collector/rollup_row.h"
#include "common/draft.h"

#define SLICE (60 * NS_PER_S) /* forgotten at once */

int
bins_begin(struct bins *bins, struct error *err)
{
	if (!bins->begun &&
	    database_run(bins->db, "BEGIN IMMEDIATE", err) == -1)
		return (-1);
	bins->begun = true;
	return (0);
}

static int
save_bins(struct bins *bins, struct error *err)
{
	sqlite3_stmt *stmt = bins->statements[BINS_SAVE];
	struct draft draft = {0};
	struct bin *bin;
	int result = 0;

	TAILQ_FOREACH (bin, &bins->cache.changed, link) {
		draft.length = 0;
		bundle_write(bin->bundle, &draft);
		database_bind(stmt, "iiiiiit", bin->key.start, bin->key.step,
		    bin->key.pair, bin->finding, bin->tried,
		    (int64_t)bin->outcome, draft.text);
		result = database_do(stmt, err);
		if (result == -1)
			break;
	}
	draft_clear(&draft);
	return (result);
}

static int
save_places(struct bins *bins, struct error *err)
{
	sqlite3_stmt *stmt = bins->statements[BINS_SAVE_PLACE];

	for (size_t i = 0; i < bins->place_count; i++) {
		const struct bins_standing *s = &bins->places[i].standing;

		if (!bins->places[i].changed)
			continue;
		database_bind(stmt, "iiiiiiii", (int64_t)i, s->step, s->newest,
		    s->due, s->flushed, (int64_t)s->rebuild, s->rolled,
		    s->gone);
		if (database_do(stmt, err) == -1)
			return (-1);
	}
	return (0);
}

void
bins_clear_late(struct bins *bins)
{
	for (size_t i = 0; i < bins->late_count; i++)
		bundle_free(bins->late[i].bundle);
	bins->late_count = 0;
}

static void
settle(struct bins *bins, uint64_t checkpoint)
{
	bins->begun = false;
	bins->checkpoint = checkpoint;
	for (size_t i = 0; i < bins->place_count; i++)
		bins->places[i].changed = false;
	bins_cache_settle(&bins->cache);
	bins_clear_late(bins);
}

int
bins_commit(struct bins *bins, uint64_t checkpoint, struct error *err)
{
	sqlite3_stmt *stmt = bins->statements[BINS_SAVE_CHECKPOINT];

	if (bins_begin(bins, err) == -1 || save_bins(bins, err) == -1 ||
	    rollup_take_late(bins, err) == -1 || save_places(bins, err) == -1)
		return (-1);
	database_bind(stmt, "ii", (int64_t)checkpoint, bins->horizon);
	if (database_do(stmt, err) == -1 ||
	    database_run(bins->db, "COMMIT", err) == -1)
		return (-1);
	settle(bins, checkpoint);
	return (0);
}

uint64_t
bins_arrived(const struct bins *bins)
{
	return (bins->cache.added);
}

void
bins_forget(struct bins *bins)
{
	assert(TAILQ_EMPTY(&bins->cache.changed));
	bins_cache_empty(&bins->cache);
	for (size_t i = 0; i < bins->place_count; i++)
		rollup_leave_hour(&bins->places[i]);
}

int
bins_set_flushed(
    struct bins *bins, int64_t pair, nanoseconds upto, struct error *err)
{
	struct bins_place *place = &bins->places[pair];
	struct bins_standing *s = &place->standing;
	nanoseconds due = BINS_NONE;

	if (bins_find_next(bins, pair, upto, &due, err) == -1)
		return (-1);
	place->changed = true;
	s->rebuild = false;
	s->due = due;
	if (upto > s->flushed)
		s->flushed = upto;
	return (0);
}

void
bins_set_rebuild(struct bins *bins, int64_t pair)
{
	bins->places[pair].standing.rebuild = true;
	bins->places[pair].changed = true;
}

/* After the last slice: what is still there, and what is not yet written. */
static int
find_oldest_left(struct bins *bins, struct error *err)
{
	const struct bin *bin;

	if (bins_find_oldest(bins, 0, &bins->oldest, err) == -1)
		return (-1);
	TAILQ_FOREACH (bin, &bins->cache.changed, link)
		if (bin->key.start < bins->oldest)
			bins->oldest = bin->key.start;
	return (0);
}

int
bins_expire(struct bins *bins, nanoseconds before, struct error *err)
{
	sqlite3_stmt *stmt = bins->statements[BINS_FORGET];
	sqlite3_stmt *steps = bins->statements[BINS_FORGET_STEPS];
	nanoseconds from, to;

	if (before > bins->horizon) {
		bins->horizon = before;
		bins->expired = 0;
		database_bind(steps, "ii", before, ROLLUP_DAY);
		if (bins_begin(bins, err) == -1 ||
		    database_do(steps, err) == -1)
			return (-1);
	}
	if (bins->expired >= bins->horizon)
		return (0);
	if (bins_find_oldest(bins, bins->expired, &from, err) == -1)
		return (-1);
	if (from >= bins->horizon) {
		bins->expired = bins->horizon;
		return (find_oldest_left(bins, err));
	}
	to = from + SLICE < bins->horizon ? from + SLICE : bins->horizon;
	database_bind(stmt, "iii", from, to, ROLLUP_DAY);
	if (bins_begin(bins, err) == -1 || database_do(stmt, err) == -1)
		return (-1);
	bins->expired = to;
	return (1);
}

bool
bins_expired(const struct bins *bins)
{
	return (bins->expired >= bins->horizon);
}

nanoseconds
bins_horizon(const struct bins *bins)
{
	return (bins->horizon);
}
