/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "collector/archive.h"
#include "collector/arrival.h"
#include "collector/bins_anew.h"
#include "collector/board.h"
#include "collector/fleet.h"
#include "collector/rebuild_target.h"
#include "common/bundle.h"
#include "common/memory.h"
#include "common/tree.h"

#define KEEP_DAYS 2 /* as the store does */

/* The lane's own. */
struct making {
	nanoseconds first, last; /* starts of bins; last -1: none */
	struct cell_news news;
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
note(struct cell_news *news, const struct arrival *a,
    const struct manifest *manifest)
{
	if (!arrival_is_finding(a->outcome) || a->end < news->finding)
		return;
	news->finding = a->end;
	news->outcome = a->outcome;
	bundle_free(news->last);
	news->last = arrival_bundle(a, manifest);
}

static void
take_record(struct lane *lane, const struct arrival *arrival,
    const struct bundle *bundle)
{
	struct making *making = lane->own;
	struct cell_news *news = &making->news;

	if (arrival->outcome != OUTCOME_STATED)
		note(news, arrival, lane->test->manifest);
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

/* The last record of a pair that has been silent for long: further and further
 * back. */
static int
look_back(struct lane *lane, struct cell_news *news, struct error *err)
{
	nanoseconds to = since(lane->rebuild), back = ROLLUP_DAY;
	int more = 0;

	for (; to > 0 && news->finding == 0 && more != -1; back *= 2) {
		struct archive_query query = {.test = lane->key.test,
		    .src = lane->key.src,
		    .dst = lane->key.dst,
		    .from = to > back ? to - back : 0,
		    .to = to};
		struct archive_cursor *cursor =
		    archive_find(lane->rebuild->archive, &query, err);
		struct archive_record record;

		more = cursor != NULL ? 1 : -1;
		while (more == 1 &&
		       (more = archive_next(cursor, &record, err)) == 1) {
			const struct tree_node *json =
			    tree_parse(lane->rebuild->tree, record.line,
				record.length, NULL);
			struct arrival a;

			if (json != NULL && arrival_read(&a, json, NULL) == 0 &&
			    a.outcome != OUTCOME_STATED &&
			    (a.family == 0 || a.family == lane->key.family))
				note(news, &a, lane->test->manifest);
		}
		archive_cursor_free(cursor);
		to = query.from;
	}
	return (more);
}

static void
show(struct lane *lane, const struct cell_news *news)
{
	struct cell *cell = board_cell(
	    lane->rebuild->board, lane->key.test, lane->key.src, lane->key.dst);
	struct latest *latest;

	if (cell == NULL || (cell->only != 0 && cell->only != lane->key.family))
		return;
	latest = cell->test->latest;
	latest_begin(latest);
	if (latest_finding(latest, cell->source, cell->destination,
		news->outcome, news->finding))
		latest_set(latest, LATEST_LAST, cell->source, cell->destination,
		    news->last);
	latest_end(latest);
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
	if (result == 0 && making->news.finding == 0)
		result = look_back(lane, &making->news, err);
	show(lane, &making->news);
	bundle_free(making->news.last);
	free(making);
	return (result);
}

struct silent {
	struct rebuild *rebuild;
	struct error *err;
	int result;
};

static void
show_silent(void *arg, int64_t pair, const struct bins_key *key)
{
	struct silent *s = arg;
	struct lane lane = {.rebuild = s->rebuild,
	    .test = fleet_test(s->rebuild->fleet, key->test),
	    .key = *key,
	    .pair = pair};
	struct cell_news news = {0};

	if (s->result == -1 || lane.test == NULL)
		return;
	s->result = bins_anew_has(s->rebuild->bins, pair, s->err);
	if (s->result == 0)
		s->result = look_back(&lane, &news, s->err);
	if (s->result == 0 && news.last != NULL)
		show(&lane, &news);
	bundle_free(news.last);
}

/* Pairs that no record of the kept days went by of. */
static int
show_all_silent(struct rebuild *rebuild, struct error *err)
{
	struct silent silent = {rebuild, err, 0};

	if (bins_each(rebuild->bins, show_silent, &silent, err) == -1)
		return (-1);
	return (silent.result == -1 ? -1 : 0);
}

static int
end(struct rebuild *rebuild, struct error *err)
{
	uint64_t checkpoint = archive_checkpoint(rebuild->archive);

	if (show_all_silent(rebuild, err) == -1 ||
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
