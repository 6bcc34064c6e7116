/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "collector/bins_file.h"
#include "collector/rollup_row.h"

/* Late bins of one row, on their way into it. */
struct pending {
	struct bins *bins;
	struct rollup_key key;
	struct rollup *rollup; /* NULL: none */
	const struct manifest *manifest;
	nanoseconds step; /* of the bins */
};

static int
by_bin(const void *a, const void *b)
{
	const struct bins_late *x = a, *y = b;

	if (x->key.pair != y->key.pair)
		return (x->key.pair < y->key.pair ? -1 : 1);
	if (x->key.step != y->key.step)
		return (x->key.step < y->key.step ? -1 : 1);
	if (x->key.start != y->key.start)
		return (x->key.start < y->key.start ? -1 : 1);
	return ((x->order > y->order) - (x->order < y->order));
}

static bool
same_bin(const struct bin_key *a, const struct bin_key *b)
{
	return (
	    a->pair == b->pair && a->step == b->step && a->start == b->start);
}

/* What has been gathered goes into the row. */
static int
apply(struct pending *p, struct error *err)
{
	struct rollup *row;
	int found;

	if (p->rollup == NULL)
		return (0);
	found = rollup_load(p->bins, &p->key, p->manifest, &row, err);
	if (found == 1) {
		rollup_merge(row, p->rollup);
		rollup_limit(row, (uint64_t)(p->key.row / p->step));
	}
	if (found != -1)
		found = rollup_save(
		    p->bins, &p->key, row != NULL ? row : p->rollup, err);
	rollup_free(row);
	rollup_free(p->rollup);
	p->rollup = NULL;
	return (found);
}

static int
put(struct pending *p, const struct bins_late *late, const struct rollup *bin,
    struct error *err)
{
	nanoseconds start = bins_start_of(late->key.start, p->key.row);

	if (late->key.step > p->key.row)
		return (0);
	if ((p->key.pair != late->key.pair || p->key.start != start ||
		p->step != late->key.step) &&
	    apply(p, err) == -1)
		return (-1);
	p->key.pair = late->key.pair;
	p->key.start = start;
	p->step = late->key.step;
	p->manifest = late->manifest;
	if (p->rollup == NULL)
		p->rollup = rollup_new(p->manifest);
	rollup_merge(p->rollup, bin);
	return (0);
}

/* Merges the records of one bin, which come in a row; how many. */
static size_t
merge_bin(const struct bins_late *late, size_t count, struct rollup *bin)
{
	struct bundle *bundle = bundle_new(late->manifest);
	size_t n = 0;

	while (n < count && same_bin(&late[n].key, &late->key))
		bundle_merge(bundle, late[n++].bundle);
	rollup_add(bin, late->key.start, bundle);
	bundle_free(bundle);
	return (n);
}

int
rollup_take_late(struct bins *bins, struct error *err)
{
	struct pending hour = {.bins = bins, .key = {.row = ROLLUP_HOUR}};
	struct pending day = {.bins = bins, .key = {.row = ROLLUP_DAY}};
	int result = 0;

	if (bins->late_count == 0)
		return (0);
	qsort(bins->late, bins->late_count, sizeof(*bins->late), by_bin);
	for (size_t i = 0; i < bins->late_count && result == 0;) {
		const struct bins_late *late = &bins->late[i];
		struct rollup *bin = rollup_new(late->manifest);

		i += merge_bin(late, bins->late_count - i, bin);
		result = put(&hour, late, bin, err);
		if (result == 0)
			result = put(&day, late, bin, err);
		rollup_free(bin);
	}
	if (result == 0)
		result = apply(&hour, err);
	if (result == 0)
		result = apply(&day, err);
	rollup_free(hour.rollup);
	rollup_free(day.rollup);
	return (result);
}
