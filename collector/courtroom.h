/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * courtroom.h - the process in which the court of clocks sits.
 *
 * Every five seconds, or so seldom that it takes no more than a fiftieth of a
 * core, it takes the least delays of all tests with a metric between two clocks
 * (metric.h) out of the matrices, and what boxes say of their clocks out of the
 * registry. What is found goes to STATE/clocks.json; who is named, and who no
 * longer, into the log.
 */
#ifndef PHAROS_COLLECTOR_COURTROOM_H
#define PHAROS_COLLECTOR_COURTROOM_H

#include <stddef.h>

#include "collector/court.h"

struct channel;
struct collector_settings;
struct error;
struct event;
struct event_base;
struct fleet;
struct json_object;

struct courtroom {
	const struct collector_settings *settings;
	struct event_base *base;
	struct channel *parent;
	struct event *turn, *beat;
	struct fleet *fleet;        /* NULL: none yet */
	struct court *court;        /* by the fleet's ends */
	struct json_object *memory; /* by name, of those before; or NULL */
	nanoseconds took;           /* of the last sitting */
	size_t sittings;
};

/* What is before the court; both free()d by case_clear. */
struct courtroom_case {
	struct court_claim *claims; /* one of each end */
	struct court_pair *pairs;
	size_t count, room;
};
/* False: no test of the fleet has a metric between two clocks. */
bool courtroom_gather(const struct courtroom *courtroom, nanoseconds now,
    struct courtroom_case *found);
void courtroom_clear(struct courtroom_case *found);

#endif
