/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "collector/fleet.h"
#include "collector/history.h"
#include "collector/rollup.h"
#include "collector/store.h"
#include "common/error.h"
#include "common/log.h"

#define WORTH 8                     /* bins, to open a file for in a hurry */
#define CROWD (BINS_ROOM / 4 * 3)   /* bins, since the last sweep began */
#define SWEEP NS_PER_S              /* between looks at all cells */
#define PATIENCE (86400 * NS_PER_S) /* with a box that is not heard of */
#define PAUSE (10 * NS_PER_S)       /* after a rebuild or a failure */

/* One cell's bins on their way into its file. */
struct flush {
	struct store *store;
	struct cell *cell;
	nanoseconds step;  /* of the bins */
	nanoseconds known; /* from here on none is left out */
	char *path;
	struct history_update *update;
	nanoseconds first, end; /* of what was added; end 0: nothing */
};

static nanoseconds
least(nanoseconds a, nanoseconds b)
{
	return (a < b ? a : b);
}

static nanoseconds
most(nanoseconds a, nanoseconds b)
{
	return (a > b ? a : b);
}

static char *
path_of(const struct store *store, const struct cell *cell)
{
	struct bins_key key;

	store_key(store, cell, &key);
	return (history_path(store->rrd, &key));
}

static int
add_bin(void *arg, nanoseconds start, const struct bundle *bundle,
    struct error *err)
{
	struct flush *flush = arg;

	if (flush->end == 0)
		flush->first = start;
	flush->end = start + flush->step;
	history_update_add(flush->update, start, bundle);
	rollup_note(flush->store->bins, flush->cell->pair,
	    flush->cell->test->fleet->manifest, flush->known, start, bundle);
	return (0);
}

static int
add_bins(
    struct flush *flush, nanoseconds from, nanoseconds to, struct error *err)
{
	const struct cell *cell = flush->cell;

	return (bins_read(flush->store->bins, cell->pair, flush->step,
	    cell->test->fleet->manifest, from, to, add_bin, flush, err));
}

static int
write_bins(struct flush *flush, bool rebuild, struct error *err)
{
	struct history_update *update = flush->update;

	flush->update = NULL;
	if (flush->end == 0) {
		history_update_free(update);
		return (0);
	}
	/* no bin is missing between the horizon, which no row lies across, and
	 * the first one; before it the file knows better */
	if (rebuild)
		return (history_update_rebuild(update, flush->first, err));
	return (history_update_append(update, err));
}

/* Bins that start in [from, to) go into the history, which ends there then. */
static int
flush_bins(struct store *store, struct cell *cell, nanoseconds step,
    nanoseconds from, nanoseconds to, bool rebuild, struct error *err)
{
	struct flush flush = {
	    .store = store, .cell = cell, .step = step, .known = from};
	struct bins_standing standing;
	int result;

	bins_standing(store->bins, cell->pair, &standing);
	if (!rebuild) /* nothing lies between this and the oldest that is due */
		flush.known = least(from, standing.flushed);
	flush.path = path_of(store, cell);
	flush.update =
	    history_update_new(flush.path, cell->test->fleet->manifest, step);
	result = add_bins(&flush, from, to, err);
	if (result == 0)
		result = write_bins(&flush, rebuild, err);
	if (result == 0) {
		store->changed = true;
		result = bins_set_flushed(store->bins, cell->pair,
		    flush.end > 0 ? flush.end : to, err);
	}
	history_update_free(flush.update);
	free(flush.path);
	return (result);
}

/* Is the file what the bins think it is? It is not after a crash, when it can
 * be ahead of them or behind, and when the manifest or the step has changed. */
static bool
fits(const struct store *store, const struct cell *cell,
    const struct bins_standing *s)
{
	char *path = path_of(store, cell);
	nanoseconds last;
	bool good =
	    history_fits(path, cell->test->fleet->manifest, s->step, &last);

	free(path);
	return (good && last >= s->flushed && last <= s->due);
}

/* Up to when a cell's bins are complete: its box has reported what it started
 * before, or has been silent for so long that nobody should wait. */
static nanoseconds
complete_until(struct store *store, const struct cell *cell)
{
	nanoseconds until = store_steady(store) - PATIENCE, heard;

	if (cell->box == FLEET_NOWHERE)
		return (until);
	heard = store->board->heard[cell->box] - cell->test->lasts;
	return (heard > until ? heard : until);
}

/* Hours and days that end by then get their rows. */
static int
roll_until(struct store *store, const struct cell *cell, nanoseconds until,
    struct error *err)
{
	struct bins_standing before, after;
	int result = 0;

	bins_standing(store->bins, cell->pair, &before);
	if (cell->test->fleet->history)
		result = rollup_make(store->bins, cell->pair,
		    cell->test->fleet->manifest, until, err);
	else
		rollup_skip(store->bins, cell->pair, until);
	bins_standing(store->bins, cell->pair, &after);
	if (after.rolled != before.rolled)
		store->changed = true;
	return (result);
}

/* until: bins that end by then are complete. Those of a step that the test no
 * longer has are complete in any case. */
static int
flush_until(struct store *store, struct cell *cell, nanoseconds until,
    struct error *err)
{
	struct bins_standing s;
	nanoseconds to;
	bool old;

	bins_standing(store->bins, cell->pair, &s);
	if (s.step == 0)
		return (0);
	old = s.step != cell->test->step;
	to = old ? s.newest + s.step : until - until % s.step;
	if (!s.rebuild && (s.due == BINS_NONE || s.due >= to))
		return (0);
	if (!cell->test->fleet->history)
		return (bins_set_flushed(
		    store->bins, cell->pair, most(to, s.flushed), err));
	if (!cell->fits && !fits(store, cell, &s)) {
		bins_set_rebuild(store->bins, cell->pair);
		s.rebuild = true;
	}
	cell->fits = !old;
	if (!s.rebuild)
		return (flush_bins(store, cell, s.step, s.due, to, false, err));
	cell->not_before = clock_monotonic() + PAUSE;
	return (flush_bins(store, cell, s.step,
	    least(bins_horizon(store->bins), s.due), most(to, s.flushed), true,
	    err));
}

/* The end of the hour that is due, and of the last bin that begins in it. */
static nanoseconds
piece_end(const struct store *store, const struct cell *cell, nanoseconds until)
{
	struct bins_standing s;
	nanoseconds end;

	bins_standing(store->bins, cell->pair, &s);
	if (s.rebuild || s.due >= until || !cell->test->fleet->history)
		return (until);
	end = s.due - s.due % ROLLUP_HOUR + ROLLUP_HOUR;
	return (least(end + s.step - 1, until));
}

/* An hour after the other, so that each has its row before the next one is
 * gathered. */
static void
flush_cell(struct store *store, struct cell *cell, nanoseconds until)
{
	struct error err;
	nanoseconds end;
	int result;

	do {
		end = piece_end(store, cell, until);
		result = flush_until(store, cell, end, &err);
		if (result == 0)
			result = roll_until(store, cell, end, &err);
	} while (result == 0 && end < until);
	if (result == 0)
		return;
	log_warnx("history of %s: %s", cell->test->fleet->name, err.text);
	cell->fits = false;
	cell->not_before = clock_monotonic() + PAUSE;
}

/* Once a day, and at the start: rows that are older than their test wants them
 * go. */
static void
expire_rows(struct store *store, struct cell *cell)
{
	nanoseconds today = bins_horizon(store->bins);
	struct error err;

	if (cell->expired == today)
		return;
	cell->expired = today;
	store->changed = true;
	if (store_expire_rows(
		store, cell->pair, &cell->test->fleet->keep, &err) == -1)
		log_warnx("%s", err.text);
}

bool
store_is_crowded(const struct store *store)
{
	bool sweeps = store->swept < store->board->cell_count;

	return ((store->hurries && sweeps) ||
		bins_arrived(store->bins) - store->arrived >= CROWD);
}

static bool
begin_sweep(struct store *store, nanoseconds now)
{
	store->hurries = store_is_crowded(store);
	if (now < store->sweep && !store->hurries)
		return (false);
	store->swept = 0;
	store->sweep = now + SWEEP;
	store->arrived = bins_arrived(store->bins);
	return (true);
}

/* While records wait a file is opened for many bins only: most of what a call of
 * librrd costs it costs for one. */
static bool
is_worth_it(const struct store *store, const struct cell *cell, nanoseconds now)
{
	struct bins_standing s;

	if (cell->pair == 0 || now < cell->not_before)
		return (false);
	bins_standing(store->bins, cell->pair, &s);
	return (store->behind == 0 || (s.rebuild && !store->hurries) ||
		s.newest - s.due >= WORTH * s.step);
}

bool
store_flush(struct store *store, nanoseconds deadline)
{
	struct board *board = store->board;
	nanoseconds now = clock_monotonic();

	if (store->swept >= board->cell_count && !begin_sweep(store, now))
		return (false);
	while (store->swept < board->cell_count) {
		struct cell *cell = board->cells[store->swept++];

		if (is_worth_it(store, cell, now)) {
			flush_cell(store, cell, complete_until(store, cell));
			expire_rows(store, cell);
		}
		if (clock_monotonic() >= deadline)
			return (store->swept < board->cell_count);
	}
	return (false);
}

/* A day that goes on after all is made again. */
void
store_flush_cell(struct store *store, struct cell *cell)
{
	struct bins_standing s;
	struct error err;

	if (cell->pair == 0)
		return;
	bins_standing(store->bins, cell->pair, &s);
	flush_cell(store, cell, s.newest + s.step);
	if (roll_until(store, cell, s.newest + ROLLUP_DAY, &err) == -1)
		log_warnx("%s", err.text);
}
