/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/hearing.h"

#include "common/error.h"
#include "common/record.h"

#define SPARE 3 /* the first interval and the last are cut */

bool
hearing_surplus(struct hearing *hearing, nanoseconds now, unsigned most)
{
	if (hearing->surplus == 0 || now - hearing->since >= NS_PER_S) {
		hearing->since = now;
		hearing->surplus = 0;
	}
	return (++hearing->surplus > most);
}

/* Not by when they come: a pharosd that slept finds many. */
static bool
is_early(const struct hearing_order *order)
{
	nanoseconds passed = clock_monotonic() - order->since;

	return (order->records > passed / order->report + SPARE);
}

static int
check_order(struct hearing_order *order, bool last, struct error *err)
{
	order->records++;
	if (order->report == 0 && !last)
		return (error_set(err,
		    "its worker's record says that others follow, expected one "
		    "of a run"));
	if (order->report != 0 && is_early(order))
		return (error_set(err,
		    "its worker sent %lld records, expected one an interval",
		    (long long)order->records));
	return (0);
}

int
hearing_record(struct hearing_order *order, struct json_object *record,
    bool last, struct error *err)
{
	if (check_order(order, last, err) == -1)
		return (-1);
	if (record_check_finding(record, clock_seconds(clock_wall()), err) < 0)
		return (error_place(err, "its worker's record is no good"));
	return (0);
}

int
hearing_record_tree(struct hearing_order *order, const struct tree_node *record,
    bool last, struct error *err)
{
	double now = clock_seconds(clock_wall());

	if (check_order(order, last, err) == -1)
		return (-1);
	if (record_check_finding_tree(record, now, err) < 0)
		return (error_place(err, "its worker's record is no good"));
	return (0);
}
