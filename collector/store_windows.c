/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/fleet.h"
#include "collector/rollup.h"
#include "collector/silent.h"
#include "collector/store.h"
#include "common/error.h"
#include "common/log.h"

/* A window is not made again before as much time has passed for each bin in it:
 * an hour of minutes each nine seconds at most. */
#define PACE (150 * NS_PER_MS)

/* The windows that are made of bins. */
static const enum latest_window moving[] = {LATEST_5M, LATEST_1H};
#define MOVING (sizeof(moving) / sizeof(*moving))

struct gathering {
	struct bundle *bundle;
	nanoseconds oldest; /* start of the first bin; 0: none */
};

static int
gather(void *arg, nanoseconds start, const struct bundle *bundle,
    struct error *err)
{
	struct gathering *gathering = arg;

	if (gathering->oldest == 0)
		gathering->oldest = start;
	bundle_merge(gathering->bundle, bundle);
	return (0);
}

static nanoseconds
soonest(const struct cell_window *window, nanoseconds now)
{
	nanoseconds span = latest_window_spans[window->window];
	nanoseconds bins = span / window->cell->test->step + 1;
	nanoseconds next = window->made + bins * PACE;

	/* the clock may have been set back */
	return (window->made > now || next < now ? now : next);
}

void
store_wake_windows(struct store *store, struct cell *cell, nanoseconds now)
{
	for (size_t i = 0; i < MOVING; i++) {
		struct cell_window *window = &cell->windows[moving[i]];

		board_wake(store->board, window, soonest(window, now));
	}
}

/* Sets a window to all bins that reach into it; when the oldest of them leaves,
 * it is time again. */
static void
make(struct store *store, struct cell_window *window, nanoseconds now)
{
	const struct cell *cell = window->cell;
	const struct board_test *test = cell->test;
	const struct manifest *manifest = test->fleet->manifest;
	nanoseconds span = latest_window_spans[window->window];
	struct gathering gathering = {bundle_new(manifest), 0};
	struct error err;

	if (span < test->step)
		span = test->step;
	window->made = now;
	if (bins_read(store->bins, cell->pair, test->step, manifest,
		now - span - test->step + 1, BINS_NONE, gather, &gathering,
		&err) == -1) {
		log_warnx("%s", err.text);
		gathering.oldest = now;
	}
	latest_begin(test->latest);
	latest_set(test->latest, window->window, cell->source,
	    cell->destination, gathering.bundle);
	latest_end(test->latest);
	bundle_free(gathering.bundle);
	if (gathering.oldest != 0) {
		nanoseconds leaves = gathering.oldest + test->step + span;
		nanoseconds least = soonest(window, now);

		board_wake(
		    store->board, window, leaves > least ? leaves : least);
	}
}

/* The clock was set back: what had left the windows is in them again. */
static void
look_again(struct store *store, nanoseconds now)
{
	for (size_t i = 0; i < store->board->cell_count; i++)
		if (store->board->cells[i]->pair != 0)
			store_wake_windows(store, store->board->cells[i], now);
}

bool
store_make_windows(struct store *store, nanoseconds deadline)
{
	struct heap *heap = &store->board->windows;
	nanoseconds now = clock_wall();

	if (now < store->seen - NS_PER_S)
		look_again(store, now);
	store->seen = now;
	while (heap_first(heap) != NULL && heap_first(heap)->when <= now) {
		/* the node is a window's first member */
		struct cell_window *window =
		    (struct cell_window *)heap_first(heap);

		if (clock_monotonic() >= deadline)
			return (true);
		heap_remove(heap, &window->node);
		window->waiting = false;
		make(store, window, now);
	}
	return (false);
}

/* The last finding of a cell whose matrix is new. */
static int
restore_last(struct store *store, const struct cell *cell, struct error *err)
{
	struct latest *latest = cell->test->latest;
	struct bins_last last;
	int found = bins_last(store->bins, cell->pair, cell->test->step,
	    cell->test->fleet->manifest, 0, &last, err);

	if (found != 1)
		return (found);
	latest_begin(latest);
	if (latest_finding(latest, cell->source, cell->destination,
		last.outcome, last.finding))
		latest_set(latest, LATEST_LAST, cell->source, cell->destination,
		    last.bundle);
	latest_end(latest);
	bundle_free(last.bundle);
	return (0);
}

static void
look_back(struct store *store, struct cell *cell)
{
	struct silent silent = {0};
	struct bins_key key;
	struct error err;

	store_key(store, cell, &key);
	if (silent_find(store->archive, store->tree, &key,
		cell->test->fleet->manifest, bins_horizon(store->bins), &silent,
		&err) == -1)
		log_warnx("%s from %s to %s: its last value: %s", key.test,
		    key.src, key.dst, err.text);
	if (silent.news.finding != 0)
		silent_show(&silent, cell);
	silent_clear(&silent);
}

bool
store_look_back(struct store *store, nanoseconds deadline)
{
	while (store->unsought > 0) {
		struct cell *cell = store->board->cells[--store->unsought];

		if (!cell->test->made || cell->pair == 0 ||
		    latest_found(cell->test->latest, cell->source,
			cell->destination) != 0)
			continue;
		look_back(store, cell);
		if (clock_monotonic() >= deadline)
			return (store->unsought > 0);
	}
	return (false);
}

static void
restore_pair(void *arg, int64_t pair, const struct bins_key *key)
{
	struct store *store = arg;
	struct cell *cell =
	    board_cell(store->board, key->test, key->src, key->dst);
	struct bins_standing mine, other = {0};

	if (cell == NULL || (cell->only != 0 && cell->only != key->family))
		return;
	bins_standing(store->bins, pair, &mine);
	if (cell->pair != 0)
		bins_standing(store->bins, cell->pair, &other);
	if (cell->pair != 0 && other.newest >= mine.newest)
		return;
	cell->pair = pair;
	cell->family = key->family;
	store_wake_windows(store, cell, clock_wall());
}

static int
restore_cell(struct store *store, struct cell *cell, struct error *err)
{
	struct bins_standing standing;

	if (cell->pair == 0)
		return (0);
	bins_standing(store->bins, cell->pair, &standing);
	/* before the first record of the new step comes */
	if (standing.step != cell->test->step)
		store_flush_cell(store, cell);
	return (cell->test->made ? restore_last(store, cell, err) : 0);
}

int
store_restore(struct store *store, struct error *err)
{
	struct board *board = store->board;
	int result = bins_each(store->bins, restore_pair, store, err);

	for (size_t i = 0; i < board->cell_count && result == 0; i++)
		result = restore_cell(store, board->cells[i], err);
	store->unsought = board->cell_count; /* those to come are new */
	return (result == 0 ? store_look_who_left(store, err) : -1);
}
