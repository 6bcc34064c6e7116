/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * shelf.h - sessions whose packets were received, to be fetched by their names.
 *
 * A session is there from its acceptance on, and for a while when it is over. When
 * all together take too much memory, the oldest of those go that are over and that
 * nobody reads; where there is none left, the one that grows keeps no more.
 */
#ifndef PHAROS_PROBES_OWD_SHELF_H
#define PHAROS_PROBES_OWD_SHELF_H

#include <event2/event.h>

#include "common/clock.h"
#include "probes/owd/trace.h"

enum shelf_end { SHELF_RUNS, SHELF_NORMAL, SHELF_INCOMPLETE }; /* as fetched */

struct shelf_item {
	struct message_request request; /* its slots are the item's own */
	bool keyed;                     /* only for those who have a key, too */
	struct trace *trace;
	enum shelf_end end;
	uint64_t when; /* it ended, NTP */
	/* the shelf's own */
	struct shelf_item *chained, *older, *newer;
	size_t size;
	unsigned readers;
	nanoseconds until; /* monotonic */
};

struct shelf_limits {
	size_t bytes;     /* of all */
	size_t item;      /* of one */
	nanoseconds keep; /* how long, when it is over */
};

struct shelf;
struct shelf *shelf_new(
    struct event_base *base, const struct shelf_limits *limits);
/* Nothing is read any more. NULL is fine. */
void shelf_free(struct shelf *shelf);

/* The request is copied; its SID is the name. */
struct shelf_item *shelf_add(
    struct shelf *shelf, const struct message_request *request, bool keyed);
/* A packet came: into the trace, if there is room. Of a session without end nothing
 * is kept that is longer than it may be: it will never be whole, and would take the
 * room of others for good. */
void shelf_record(struct shelf *shelf, struct shelf_item *item,
    const struct message_record *record);
/* The item is the shelf's from here on, and may be gone soon. */
void shelf_over(struct shelf *shelf, struct shelf_item *item,
    enum shelf_end end, uint64_t when);

/* NULL: there is none of that name. */
struct shelf_item *shelf_find(
    const struct shelf *shelf, const uint8_t sid[static KEYS_SID]);
/* While it is held, it stays, and counts. */
void shelf_hold(struct shelf_item *item);
void shelf_release(struct shelf_item *item);

#endif
