/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pairs that have left the fleet: what they have is kept for a while, so that it
 * can be looked at and goes on when they come back. Then it goes, a little at a
 * time: bins (as all do), hours and days, the history's file, and the pair itself
 * with the commit. Whatever a crash interrupts is taken up there.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/fleet.h"
#include "collector/history.h"
#include "collector/rollup.h"
#include "collector/settings.h"
#include "collector/store.h"
#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"

static void
add(struct store_departed *departed, int64_t pair)
{
	if (departed->count == departed->room) {
		departed->room = 2 * departed->room + 16;
		departed->pairs = memory_resize(
		    departed->pairs, departed->room, sizeof(*departed->pairs));
	}
	departed->pairs[departed->count++] = pair;
}

static bool
is_measured(struct store *store, int64_t pair, const struct bins_key *key)
{
	const struct cell *cell =
	    board_cell(store->board, key->test, key->src, key->dst);

	return (cell != NULL && cell->pair == pair);
}

/* The time of leaving is not before what was measured, whatever the clock says. */
static void
look_at_pair(void *arg, int64_t pair, const struct bins_key *key)
{
	struct store *store = arg;
	nanoseconds now = store_steady(store);
	struct bins_standing standing;

	bins_standing(store->bins, pair, &standing);
	if (is_measured(store, pair, key)) {
		bins_set_gone(store->bins, pair, 0);
		return;
	}
	if (standing.gone == 0)
		bins_set_gone(store->bins, pair,
		    now > standing.newest ? now : standing.newest);
	add(&store->departed, pair);
}

static int
note_tests(struct store *store, struct error *err)
{
	const struct fleet *fleet = store->board->fleet;

	if (bins_forget_tests(store->bins, err) == -1)
		return (-1);
	for (size_t i = 0; i < fleet->test_count; i++)
		if (bins_note_test(store->bins, fleet->tests[i].name,
			fleet->tests[i].manifest->name, err) == -1)
			return (-1);
	return (0);
}

int
store_look_who_left(struct store *store, struct error *err)
{
	store->departed.count = store->departed.at = 0;
	store->departed.looked = 0;
	store->changed = true;
	if (note_tests(store, err) == -1)
		return (-1);
	return (bins_each(store->bins, look_at_pair, store, err));
}

/* What is not in its history by now will not go there, so that it can be
 * forgotten; its hours and days are made if their test is still there. */
static int
give_up(struct store *store, int64_t pair, const struct fleet_test *test,
    const struct bins_standing *standing, struct error *err)
{
	nanoseconds end = standing->newest + ROLLUP_DAY;

	if (standing->step == 0 ||
	    standing->newest >= bins_horizon(store->bins))
		return (0);
	if (test != NULL && test->history &&
	    rollup_make(store->bins, pair, test->manifest, end, err) == -1)
		return (-1);
	rollup_skip(store->bins, pair, end);
	if (standing->due == BINS_NONE)
		return (0);
	return (bins_set_flushed(
	    store->bins, pair, standing->newest + standing->step, err));
}

int
store_expire_rows(struct store *store, int64_t pair,
    const struct fleet_keep *keep, struct error *err)
{
	nanoseconds now = store_steady(store);

	if (keep->hours > 0 && rollup_expire(store->bins, pair, ROLLUP_HOUR,
				   now - keep->hours, err) == -1)
		return (-1);
	if (keep->days > 0 && rollup_expire(store->bins, pair, ROLLUP_DAY,
				  now - keep->days, err) == -1)
		return (-1);
	return (0);
}

static int
remove_file(const char *path, struct error *err)
{
	if (unlink(path) == -1 && errno != ENOENT && errno != ENOTDIR)
		return (error_set(err, "%s: %m", path));
	return (0);
}

/* With the folders that it leaves empty: of its source, family and test. */
static int
remove_history(
    const struct store *store, const struct bins_key *key, struct error *err)
{
	char *path = history_path(store->rrd, key);
	char *damaged = memory_print("%s.damaged", path);
	int result = remove_file(damaged, err);

	if (result == 0)
		result = remove_file(path, err);
	for (int up = 0; up < 3 && result == 0; up++) {
		*strrchr(path, '/') = '\0';
		if (rmdir(path) == -1)
			break;
	}
	free(damaged);
	free(path);
	return (result);
}

/* 1: there is more of it, 0, -1 */
static int
forget(struct store *store, int64_t pair, const struct bins_key *key,
    struct error *err)
{
	int more = bins_forget_rows(store->bins, pair, err);

	if (more != 0)
		return (more);
	if (remove_history(store, key, err) == -1 ||
	    bins_forget_pair(store->bins, pair, err) == -1)
		return (-1);
	log_info("%s from %s to %s, IPv%d: it has left the fleet for long "
		 "enough; its history is forgotten",
	    key->test, key->src, key->dst, key->family);
	return (0);
}

static bool
is_over(struct store *store, int64_t pair, const struct bins_standing *standing)
{
	nanoseconds kept = store->settings->departed;

	return (kept > 0 && store_steady(store) - standing->gone >= kept &&
		bins_are_gone(store->bins, pair));
}

/* 1: there is more to do of this one, 0, -1 */
static int
see_to(struct store *store, int64_t pair, struct error *err)
{
	struct bins_standing standing;
	const struct fleet_test *test;
	struct bins_key key;
	int found;

	bins_standing(store->bins, pair, &standing);
	if (standing.gone == 0)
		return (0); /* it is back, or has been forgotten */
	found = bins_find_key(store->bins, pair, &key, err);
	if (found != 1)
		return (found);
	store->changed = true;
	test = fleet_test(store->board->fleet, key.test);
	if (give_up(store, pair, test, &standing, err) == -1 ||
	    store_expire_rows(store, pair,
		test != NULL ? &test->keep : fleet_keep_usual(), err) == -1)
		return (-1);
	return (is_over(store, pair, &standing) ? forget(store, pair, &key, err)
						: 0);
}

/* Each day has another horizon; bins of before it go first. */
static bool
begin(struct store *store)
{
	struct store_departed *departed = &store->departed;
	nanoseconds horizon = bins_horizon(store->bins);

	if (departed->at < departed->count)
		return (true);
	if (departed->looked == horizon || !bins_expired(store->bins))
		return (false);
	departed->looked = horizon;
	departed->at = 0;
	return (departed->count > 0);
}

int
store_see_to_departed(
    struct store *store, nanoseconds deadline, struct error *err)
{
	struct store_departed *departed = &store->departed;
	int more = 0;

	if (!begin(store))
		return (0);
	while (departed->at < departed->count && clock_monotonic() < deadline) {
		more = see_to(store, departed->pairs[departed->at], err);
		if (more == -1)
			return (-1);
		departed->at += more == 0;
	}
	return (departed->at < departed->count);
}
