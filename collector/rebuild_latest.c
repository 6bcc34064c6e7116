/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "collector/archive.h"
#include "collector/arrival.h"
#include "collector/bins_anew.h"
#include "collector/board.h"
#include "collector/fleet.h"
#include "collector/rebuild_target.h"
#include "collector/silent.h"
#include "common/bundle.h"
#include "common/memory.h"

#define KEEP_DAYS 2 /* as the store does */

/* The lane's own. */
struct making {
	nanoseconds first, last; /* starts of bins; last -1: none */
	struct silent silent;
};

static nanoseconds
since(const struct rebuild *rebuild)
{
	return (bins_horizon(rebuild->bins));
}

static int
begin(struct rebuild *rebuild, struct error *err)
{
	nanoseconds today = clock_wall() / ROLLUP_DAY * ROLLUP_DAY;
	char *fleet = rebuild_path(rebuild, "fleet.json");
	char *path = rebuild_new_path(rebuild, "latest");
	struct fleet *again = fleet_load(fleet, err);
	int result = again != NULL ? rebuild_remove(path, err) : -1;

	bins_anew_horizon(rebuild->bins, today - KEEP_DAYS * ROLLUP_DAY);
	if (result == 0)
		rebuild->board = board_new(again, path, err);
	else
		fleet_free(again);
	free(path);
	free(fleet);
	if (rebuild->board == NULL)
		return (-1);
	return (bins_anew_begin(rebuild->bins, err));
}

static int
lane_begin(struct lane *lane, struct error *err)
{
	struct making *making = memory_new(1, sizeof(*making));

	making->last = -1;
	lane->own = making;
	return (0);
}

static void
take_record(struct lane *lane, const struct arrival *arrival,
    const struct bundle *bundle)
{
	struct making *making = lane->own;
	struct cell_news *news = &making->silent.news;

	silent_note(&making->silent, arrival, lane->test->manifest);
	if (!lane->met || lane->current.finding != news->finding)
		return;
	bundle_free(news->last);
	news->last = bundle_new(lane->test->manifest);
	bundle_merge(news->last, lane->current.bundle);
}

static int
take_bin(struct lane *lane, const struct bin *bin, struct error *err)
{
	struct making *making = lane->own;

	if (making->last == -1)
		making->first = bin->key.start;
	making->last = bin->key.start;
	return (bins_anew_bin(lane->rebuild->bins, bin, err));
}

void
rebuild_show(const struct rebuild *rebuild, const struct bins_key *key,
    const struct silent *silent)
{
	struct cell *cell =
	    board_cell(rebuild->board, key->test, key->src, key->dst);

	if (cell != NULL && (cell->only == 0 || cell->only == key->family))
		silent_show(silent, cell);
}

static int
lane_end(struct lane *lane, struct error *err)
{
	struct making *making = lane->own;
	struct bins *bins = lane->rebuild->bins;
	int result = bins_anew_pair(bins, lane->pair, err);

	if (result == 0 && making->last != -1)
		result = bins_anew_standing(bins, lane->pair, lane->step,
		    making->first, making->last, err);
	if (result == 0 && making->silent.news.finding == 0)
		result = silent_find(lane->rebuild->archive,
		    lane->rebuild->tree, &lane->key, lane->test->manifest,
		    since(lane->rebuild), &making->silent, err);
	rebuild_show(lane->rebuild, &lane->key, &making->silent);
	silent_clear(&making->silent);
	free(making);
	return (result);
}

static int
end(struct rebuild *rebuild, struct error *err)
{
	uint64_t checkpoint = archive_checkpoint(rebuild->archive);

	if (rebuild_silent(rebuild, err) == -1 ||
	    bins_anew_keep_bins(rebuild->bins,
		rebuild->reach < since(rebuild) ? since(rebuild)
						: rebuild->reach,
		err) == -1 ||
	    bins_anew_end_bins(rebuild->bins, checkpoint, err) == -1)
		return (-1);
	return (rebuild_replace(rebuild, "latest", err));
}

const struct rebuild_target rebuild_latest = {
    .name = "latest",
    .every_test = true,
    .begin = begin,
    .since = since,
    .lane_begin = lane_begin,
    .record = take_record,
    .bin = take_bin,
    .lane_end = lane_end,
    .end = end,
};
