/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "collector/bins_anew.h"
#include "collector/fleet.h"
#include "collector/rebuild_target.h"
#include "common/memory.h"

/* The hour and the day that are being merged; the lane's own. */
struct making {
	struct {
		struct rollup_key key;
		struct rollup *rollup; /* NULL: none */
	} hour, day;
	nanoseconds newest; /* bin that is to be in rows alone; -1: none */
};

static int
begin(struct rebuild *rebuild, struct error *err)
{
	return (bins_anew_begin(rebuild->bins, err));
}

static nanoseconds
since(const struct rebuild *rebuild)
{
	return (0);
}

/* Of a pair without bins all goes into rows that would be in none any more. */
static int
lane_begin(struct lane *lane, struct error *err)
{
	struct making *m = memory_new(1, sizeof(*m));

	m->newest = -1;
	lane->own = m;
	if (lane->standing.step == 0)
		lane->standing.rolled = bins_horizon(lane->rebuild->bins);
	return (0);
}

static int
end_row(struct lane *lane, const struct rollup_key *key, struct rollup **rollup,
    struct error *err)
{
	int result = 0;

	if (*rollup != NULL && key->start + key->row <= lane->standing.rolled)
		result = bins_anew_row(lane->rebuild->bins, key, *rollup, err);
	rollup_free(*rollup);
	*rollup = NULL;
	return (result);
}

static int
end_hour(struct lane *lane, struct error *err)
{
	struct making *m = lane->own;

	return (end_row(lane, &m->hour.key, &m->hour.rollup, err));
}

static int
end_day(struct lane *lane, struct error *err)
{
	struct making *m = lane->own;

	return (end_row(lane, &m->day.key, &m->day.rollup, err));
}

static int
take_bin(struct lane *lane, const struct bin *bin, struct error *err)
{
	struct making *m = lane->own;
	nanoseconds start = bin->key.start;
	struct rollup_key hour = {
	    lane->pair, ROLLUP_HOUR, start - start % ROLLUP_HOUR};
	struct rollup_key day = {
	    lane->pair, ROLLUP_DAY, start - start % ROLLUP_DAY};

	if ((hour.start != m->hour.key.start && end_hour(lane, err) == -1) ||
	    (day.start != m->day.key.start &&
		(end_day(lane, err) == -1 ||
		    rebuild_breathe(lane->rebuild, err) == -1)))
		return (-1);
	if (start < lane->standing.rolled)
		m->newest = start;
	m->hour.key = hour;
	m->day.key = day;
	if (m->hour.rollup == NULL && lane->step <= ROLLUP_HOUR)
		m->hour.rollup = rollup_new(lane->test->manifest);
	if (m->day.rollup == NULL)
		m->day.rollup = rollup_new(lane->test->manifest);
	if (m->hour.rollup != NULL)
		rollup_add(m->hour.rollup, start, bin->bundle);
	rollup_add(m->day.rollup, start, bin->bundle);
	return (0);
}

static int
lane_end(struct lane *lane, struct error *err)
{
	struct making *m = lane->own;
	struct bins *bins = lane->rebuild->bins;
	int result = end_hour(lane, err);

	if (result == 0)
		result = end_day(lane, err);
	if (result == 0)
		result =
		    bins_anew_keep_rows(bins, lane->pair, lane->reach, err);
	if (result == 0)
		result = bins_anew_pair(bins, lane->pair, err);
	if (result == 0 && lane->standing.step == 0 && m->newest != -1)
		result = bins_anew_standing(
		    bins, lane->pair, lane->step, BINS_NONE, m->newest, err);
	rollup_free(m->hour.rollup);
	rollup_free(m->day.rollup);
	free(m);
	return (result);
}

static int
end(struct rebuild *rebuild, struct error *err)
{
	return (bins_anew_end_rows(rebuild->bins, err));
}

const struct rebuild_target rebuild_rollup = {
    .name = "rollup",
    .begin = begin,
    .since = since,
    .lane_begin = lane_begin,
    .bin = take_bin,
    .lane_end = lane_end,
    .end = end,
};
