/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/discredit.h"

#include <inttypes.h>
#include <stdlib.h>

#include "common/member.h"
#include "common/memory.h"
#include "common/unit.h"

static void
add_range(struct discredit *found, int64_t n)
{
	struct shelf_range *last =
	    found->count > 0 ? &found->ranges[found->count - 1] : NULL;

	if (last != NULL && last->upto == found->before) {
		last->upto = n;
		return;
	}
	found->ranges = memory_resize(
	    found->ranges, found->count + 1, sizeof(*found->ranges));
	found->ranges[found->count++] = (struct shelf_range){n - 1, n};
}

static void
count_row(struct discredit *found, const struct shelf_row *row, double start,
    double end)
{
	if (found->records == 0)
		found->first = found->last = clock_of_seconds(start);
	if (clock_of_seconds(end) > found->last)
		found->last = clock_of_seconds(end);
	found->records += row->lost > 0 ? (uint64_t)row->lost : 1;
	add_range(found, row->n);
}

static int
look_at_row(void *arg, const struct shelf_row *row)
{
	struct discredit *found = arg;
	json_object *record = member_parse(row->line, row->length, NULL);
	double start = member_number_or(record, "start", 0);
	double end = member_number_or(record, "end", 0);

	json_object_put(record);
	if (end > clock_seconds(found->latest))
		count_row(found, row, start, end);
	found->before = row->n;
	return (SHELF_MORE);
}

int
discredit_find(struct discredit *found, struct shelf *shelf, struct error *err)
{
	found->records = 0;
	found->ranges = NULL;
	found->count = 0;
	found->before = 0;
	return (shelf_visit(shelf, 0, look_at_row, found, err));
}

struct json_object *
discredit_gap(const struct discredit *found)
{
	json_object *record = json_object_new_object();
	char by[UNIT_TEXT], *why;

	unit_format(UNIT_SECONDS, clock_seconds(found->ahead), by);
	why = memory_print("%" PRIu64 " records dropped: the clock that they "
			   "are dated by was %s ahead of the collector's",
	    found->records, by);
	member_add_whole(record, "v", 1);
	member_add_duration(record, "start", found->first - found->ahead);
	member_add_duration(record, "end", found->last - found->ahead);
	member_add_text(record, "outcome", outcome_names[OUTCOME_GAP]);
	member_add_text(record, "why", why);
	free(why);
	return (record);
}
