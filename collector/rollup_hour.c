/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "collector/bins_file.h"
#include "collector/rollup_row.h"

void
rollup_leave_hour(struct bins_place *place)
{
	rollup_free(place->hour.rollup);
	place->hour = (struct bins_hour){0};
}

void
rollup_note(struct bins *bins, int64_t pair, const struct manifest *manifest,
    nanoseconds from, nanoseconds start, const struct bundle *bundle)
{
	struct bins_place *place = &bins->places[pair];
	struct bins_hour *hour = &place->hour;
	nanoseconds step = place->standing.step;
	nanoseconds at = bins_start_of(start, ROLLUP_HOUR);

	if (step > ROLLUP_HOUR)
		return;
	if (hour->rollup != NULL && hour->start == at && start < hour->upto)
		return; /* it was on its way before */
	if (hour->rollup == NULL || hour->start != at || from > hour->upto) {
		rollup_leave_hour(place);
		if (from > at)
			return;
		*hour = (struct bins_hour){rollup_new(manifest), at, at};
	}
	rollup_add(hour->rollup, start, bundle);
	hour->upto = start + step;
}

int
rollup_take_hour(struct bins *bins, int64_t pair, nanoseconds start,
    struct rollup **rollup, struct error *err)
{
	struct bins_place *place = &bins->places[pair];
	const struct bins_standing *s = &place->standing;
	int alone;

	*rollup = NULL;
	if (place->hour.rollup == NULL || place->hour.start != start ||
	    s->due < start + ROLLUP_HOUR || s->rebuild)
		return (0);
	alone = bins_has_one_step(bins, pair, err);
	if (alone == 1) {
		*rollup = place->hour.rollup;
		place->hour = (struct bins_hour){0};
	}
	return (alone);
}
