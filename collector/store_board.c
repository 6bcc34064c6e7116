/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A new fleet: its board takes the place of the one before.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "collector/archive.h"
#include "collector/fleet.h"
#include "collector/settings.h"
#include "collector/store.h"
#include "common/error.h"
#include "common/log.h"

static struct board *
read_board(const struct store *store, struct error *err)
{
	char *path = collector_settings_path(store->settings, "fleet.json");
	char *dir = collector_settings_path(store->settings, "latest");
	struct fleet *fleet = fleet_load(path, err);
	struct board *board = NULL;

	if (fleet != NULL)
		board = board_new(fleet, dir, err);
	if (board != NULL)
		latest_forget(dir, board->fleet);
	free(dir);
	free(path);
	return (board);
}

/* What was called so in the fleet of that revision. */
static const char *
name_in(const struct board *board, const char *name, int64_t revision)
{
	return (renames_now(&board->fleet->renames, name, revision));
}

/* A matrix that is new has what the one before knew last: bins do not go back to
 * the last run of a test of once a week. */
static void
take_over(const struct cell *cell, const struct cell *same)
{
	const struct latest_cell from = {
	    cell->test->latest, cell->source, cell->destination};
	const struct latest_cell into = {
	    same->test->latest, same->source, same->destination};

	if (!same->test->made)
		return;
	latest_begin(into.latest);
	latest_take_over(&into, &from);
	latest_end(into.latest);
}

/* What is no longer measured goes into its history as it is. */
static void
leave_board(struct store *store, struct board *next)
{
	const struct fleet *fleet = store->board->fleet;
	int64_t was = fleet->revision;

	for (size_t i = 0; i < store->board->cell_count; i++) {
		struct cell *cell = store->board->cells[i];
		struct bins_key key;
		const struct cell *same;

		store_key(store, cell, &key);
		same = board_cell(next, key.test, name_in(next, key.src, was),
		    name_in(next, key.dst, was));
		if (same == NULL ||
		    (same->only != 0 && same->only != cell->family))
			store_flush_cell(store, cell);
		else
			take_over(cell, same);
	}
	for (size_t i = 0; i < fleet->end_count; i++) {
		size_t end =
		    board_end(next, name_in(next, fleet->ends[i].name, was));

		if (end != FLEET_NOWHERE)
			next->heard[end] = store->board->heard[i];
	}
}

int
store_load_board(struct store *store, struct error *err)
{
	struct board *next;

	if (store_commit(store, err) == -1 ||
	    store_archive_commit(store, err) == -1)
		return (-1);
	next = read_board(store, err);
	if (next == NULL) {
		log_warnx("%s", err->text);
		return (0);
	}
	if (archive_rename(store->archive, &next->fleet->renames, err) == -1) {
		board_free(next);
		return (-1);
	}
	if (store->board != NULL)
		leave_board(store, next);
	if (store_commit(store, err) == -1 ||
	    store_follow(store, next->fleet, err) == -1) {
		board_free(next);
		return (-1);
	}
	board_free(store->board);
	store->board = next;
	store->swept = 0;
	store->expire = 0; /* other bounds, perhaps */
	bins_forget(store->bins);
	log_info("fleet of revision %" PRId64, store->board->fleet->revision);
	return (store_restore(store, err));
}
