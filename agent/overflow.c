/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/overflow.h"

#include <inttypes.h>
#include <stdlib.h>

#include "agent/numbering.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/unit.h"

int
overflow_row(void *arg, const struct shelf_row *row)
{
	struct overflow *overflow = arg;

	if (row->lost > 0 && overflow->lost == 0) { /* the gap at the head */
		overflow->from = row->added;
		overflow->lost = row->lost;
		return (SHELF_MORE);
	}
	if (overflow->excess <= 0 &&
	    overflow->now - row->added <= overflow->limits->age)
		return (SHELF_STOP);
	if (overflow->lost == 0)
		overflow->from = row->added;
	overflow->lost += row->lost > 0 ? row->lost : 1;
	overflow->fresh++;
	overflow->excess -= (int64_t)row->length;
	overflow->until = row->added;
	overflow->upto = row->n;
	return (SHELF_MORE);
}

static char *
reason(const struct overflow *overflow)
{
	const struct spool_limits *limits = overflow->limits;
	char size[UNIT_TEXT], age[UNIT_TEXT];

	unit_format(UNIT_BYTES, (double)limits->bytes, size);
	unit_format(UNIT_SECONDS, clock_seconds(limits->age), age);
	return (memory_print("spool overflow: %" PRId64 " records dropped; it "
			     "keeps at most %s and %s",
	    overflow->lost, size, age));
}

void
overflow_gap(const struct overflow *overflow, const struct numbering *numbering,
    struct shelf_row *row)
{
	json_object *record = json_object_new_object();
	nanoseconds until = overflow->until;
	char *why = reason(overflow);

	if (until < overflow->from) /* the clock was set back */
		until = overflow->from;
	row->n = overflow->upto;
	row->added = overflow->from;
	row->lost = overflow->lost;
	member_add_whole(record, "v", 1);
	member_add_duration(record, "start", overflow->from);
	member_add_duration(record, "end", until);
	member_add_text(record, "outcome", outcome_names[OUTCOME_GAP]);
	member_add_text(record, "why", why);
	free(why);
	numbering_line(numbering, row, record);
	json_object_put(record);
}

int
overflow_apply(struct overflow *overflow, const struct numbering *numbering,
    struct shelf *shelf, struct shelf_tally *tally, struct error *err)
{
	struct shelf_row gap;
	int rc;

	overflow->excess =
	    tally->bytes - overflow->held - overflow->limits->bytes;
	if (shelf_visit(shelf, overflow->after, overflow_row, overflow, err) <
	    0)
		return (-1);
	if (overflow->fresh == 0)
		return (0);
	if (shelf_remove(shelf, overflow->after, overflow->upto, tally, err) <
	    0)
		return (-1);
	overflow_gap(overflow, numbering, &gap);
	rc = shelf_put(shelf, &gap, err);
	tally->records++;
	tally->bytes += (int64_t)gap.length;
	free((void *)(uintptr_t)gap.line);
	return (rc);
}
