/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hearing.h - what a worker says, weighed before it is believed.
 *
 * A plug-in may be anybody's: what it says must not become a record that the
 * collector cannot take, nor more records than were asked for.
 */
#ifndef PHAROS_AGENT_HEARING_H
#define PHAROS_AGENT_HEARING_H

#include <stdbool.h>
#include <stdint.h>

#include "common/clock.h"

struct error;
struct json_object;
struct tree_node;

/* So many messages in a second that nobody asked for are a flood. */
#define HEARING_SURPLUS 1000

/* Zeros: nothing was heard yet. */
struct hearing {
	nanoseconds since; /* monotonic */
	unsigned surplus;
};
/* And of statements, which a path that breaks brings of all streams at once. */
#define HEARING_STATED 20000

/* One more that nobody asked for, at a monotonic instant; true: it floods, with
 * more than so many in a second. */
bool hearing_surplus(struct hearing *hearing, nanoseconds now, unsigned most);

/* What was asked for. */
struct hearing_order {
	nanoseconds report; /* of a stream: how long its intervals are; or 0 */
	nanoseconds since;  /* monotonic, when the worker was told */
	int64_t records;    /* that came before */
};

/* Is it such as a worker may send, and is it one's time? A run has one record; a
 * stream no more than intervals have gone by, and some. */
int hearing_record(struct hearing_order *order, struct json_object *record,
    bool last, struct error *err);
int hearing_record_tree(struct hearing_order *order,
    const struct tree_node *record, bool last, struct error *err);

#endif
