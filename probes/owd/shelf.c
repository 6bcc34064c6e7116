/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owd/shelf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"

#define CHAINS 1024           /* a power of two */
#define PACKET (48 * 2)       /* bytes that a packet takes at most: trace.h */
#define LOOK (10 * NS_PER_MS) /* for what is to go, and is read still */
#define TIMETABLE 1024        /* bytes, some */
#define LEAST 16              /* packets that each session may have */

struct shelf {
	struct shelf_limits limits;
	struct event_base *base;
	struct event *timer; /* when the oldest goes */
	struct shelf_item *chains[CHAINS];
	struct shelf_item *oldest, *newest; /* of those that are over */
	size_t size;
};

static void expire(evutil_socket_t fd, short what, void *arg);

struct shelf *
shelf_new(struct event_base *base, const struct shelf_limits *limits)
{
	struct shelf *shelf = memory_new(1, sizeof(*shelf));

	shelf->limits = *limits;
	shelf->base = base;
	shelf->timer = evtimer_new(base, expire, shelf);
	return (shelf);
}

static size_t
chain_of(const uint8_t sid[static KEYS_SID])
{
	/* its last bytes are random */
	return ((size_t)(sid[KEYS_SID - 2] << 8 | sid[KEYS_SID - 1]) % CHAINS);
}

static void
item_free(struct shelf_item *item)
{
	trace_free(item->trace);
	free((void *)item->request.slots);
	free(item);
}

static void
unlink_over(struct shelf *shelf, struct shelf_item *item)
{
	if (item->older != NULL)
		item->older->newer = item->newer;
	else
		shelf->oldest = item->newer;
	if (item->newer != NULL)
		item->newer->older = item->older;
	else
		shelf->newest = item->older;
}

static void
drop(struct shelf *shelf, struct shelf_item *item)
{
	struct shelf_item **at = &shelf->chains[chain_of(item->request.sid)];

	while (*at != item)
		at = &(*at)->chained;
	*at = item->chained;
	shelf->size -= item->size;
	if (item->end != SHELF_RUNS)
		unlink_over(shelf, item);
	item_free(item);
}

void
shelf_free(struct shelf *shelf)
{
	if (shelf == NULL)
		return;
	for (size_t i = 0; i < CHAINS; i++)
		while (shelf->chains[i] != NULL)
			drop(shelf, shelf->chains[i]);
	event_free(shelf->timer);
	free(shelf);
}

/* False: there is no room for what it has grown by. */
static bool
make_room(struct shelf *shelf, struct shelf_item *item)
{
	size_t size = sizeof(*item) + TIMETABLE + trace_size(item->trace);

	shelf->size += size - item->size;
	item->size = size;
	for (struct shelf_item *old = shelf->oldest, *newer;
	     old != NULL && shelf->size > shelf->limits.bytes; old = newer) {
		newer = old->newer;
		if (old->readers == 0)
			drop(shelf, old);
	}
	return (shelf->size <= shelf->limits.bytes);
}

static uint32_t
most_packets(const struct shelf *shelf, uint32_t packets)
{
	size_t most = shelf->limits.item / PACKET;

	if (most < LEAST)
		most = LEAST;
	/* a half more, for copies */
	if (packets < most / 2)
		most = packets + packets / 2 + LEAST;
	return (most < UINT32_MAX ? (uint32_t)most : UINT32_MAX);
}

struct shelf_item *
shelf_add(
    struct shelf *shelf, const struct message_request *request, bool keyed)
{
	struct shelf_item *item = memory_new(1, sizeof(*item));
	struct shelf_item **chain = &shelf->chains[chain_of(request->sid)];
	struct slot *slots = memory_new(request->slot_count, sizeof(*slots));
	const struct trace_about about = {.sid = request->sid,
	    .start = request->start,
	    .slots = request->slots,
	    .slot_count = request->slot_count,
	    .timeout = request->timeout,
	    .most = most_packets(shelf, request->packets)};

	memcpy(slots, request->slots, request->slot_count * sizeof(*slots));
	item->request = *request;
	item->request.slots = slots;
	item->keyed = keyed;
	item->trace = trace_new(&about);
	item->chained = *chain;
	*chain = item;
	make_room(shelf, item);
	return (item);
}

void
shelf_record(struct shelf *shelf, struct shelf_item *item,
    const struct message_record *record)
{
	trace_add(item->trace, record);
	if (item->request.packets == MESSAGE_NEXT_UNKNOWN &&
	    trace_missed(item->trace) > 0 && item->readers == 0)
		trace_forget(item->trace);
	if (!make_room(shelf, item))
		trace_close(item->trace);
}

static void
wait_for_oldest(struct shelf *shelf)
{
	nanoseconds left;
	struct timeval tv;

	if (shelf->oldest == NULL)
		return;
	left = shelf->oldest->until - clock_monotonic();
	if (left < LOOK)
		left = LOOK;
	tv = clock_timeval(left);
	evtimer_add(shelf->timer, &tv);
}

static void
expire(evutil_socket_t fd, short what, void *arg)
{
	struct shelf *shelf = arg;
	nanoseconds now = clock_monotonic();

	(void)fd;
	(void)what;
	for (struct shelf_item *old = shelf->oldest, *newer;
	     old != NULL && old->until <= now; old = newer) {
		newer = old->newer;
		if (old->readers == 0)
			drop(shelf, old);
	}
	wait_for_oldest(shelf);
}

void
shelf_over(struct shelf *shelf, struct shelf_item *item, enum shelf_end end,
    uint64_t when)
{
	bool first = shelf->oldest == NULL;

	assert(item->end == SHELF_RUNS && end != SHELF_RUNS);
	item->end = end;
	item->when = when;
	item->until = clock_monotonic() + shelf->limits.keep;
	item->older = shelf->newest;
	if (shelf->newest != NULL)
		shelf->newest->newer = item;
	else
		shelf->oldest = item;
	shelf->newest = item;
	make_room(shelf, item);
	if (first)
		wait_for_oldest(shelf);
}

struct shelf_item *
shelf_find(const struct shelf *shelf, const uint8_t sid[static KEYS_SID])
{
	struct shelf_item *item = shelf->chains[chain_of(sid)];

	while (item != NULL && memcmp(item->request.sid, sid, KEYS_SID) != 0)
		item = item->chained;
	return (item);
}

void
shelf_hold(struct shelf_item *item)
{
	item->readers++;
}

void
shelf_release(struct shelf_item *item)
{
	assert(item->readers > 0);
	item->readers--;
}
