/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owd/departures.h"

#include <stdlib.h>

#include "common/memory.h"
#include "probes/owd/skips.h"

#define ROOM 16 /* packets; at first */
#define EARLY \
	(100 * NS_PER_US) /* a stamp this long before the sending is
                                   another packet's */

/* Of the statement that was made last. */
static struct skips unsent, stuck;
static int32_t later[MESSAGE_STATEMENT_MOST];

static struct departure *
get(const struct departures *departures, uint32_t packet)
{
	return (&departures->ring[packet & (departures->room - 1)]);
}

void
departures_clear(struct departures *departures)
{
	free(departures->ring);
	*departures = (struct departures){0};
}

static void
grow(struct departures *departures)
{
	struct departures old = *departures;

	departures->room = old.room == 0 ? ROOM : 2 * old.room;
	departures->ring =
	    memory_new(departures->room, sizeof(*departures->ring));
	for (uint32_t i = old.first; i != old.next; i++)
		*get(departures, i) = *get(&old, i);
	free(old.ring);
}

static int32_t
shorten(nanoseconds behind)
{
	return (behind <= INT32_MIN || behind > INT32_MAX ? MESSAGE_NO_STAMP
							  : (int32_t)behind);
}

void
departures_add(struct departures *departures, enum departure_state state,
    nanoseconds due, nanoseconds behind, uint64_t number)
{
	if (departures->next - departures->first == departures->room)
		grow(departures);
	if (state == DEPARTURE_WAITING)
		departures->numbers = number;
	*get(departures, departures->next++) = (struct departure){
	    .due = due,
	    .number = departures->numbers,
	    .later = shorten(behind),
	    .state = (uint8_t)state,
	};
	if (state == DEPARTURE_WAITING)
		departures->numbers++;
}

/* The last packet with that number is the only one that was sent with it, if any
 * was; one more than it. */
static uint32_t
find_end(const struct departures *departures, uint64_t number)
{
	uint32_t least = departures->first, most = departures->next;

	while (least < most) {
		uint32_t middle = least + (most - least) / 2;

		if (get(departures, middle)->number <= number)
			least = middle + 1;
		else
			most = middle;
	}
	return (least);
}

void
departures_stamp(
    struct departures *departures, uint64_t number, nanoseconds when)
{
	uint32_t end = find_end(departures, number);
	struct departure *departure;
	nanoseconds behind;

	if (end == departures->first)
		return;
	departure = get(departures, end - 1);
	behind = when - departure->due;
	if (departure->number != number ||
	    departure->state != DEPARTURE_WAITING ||
	    behind < departure->later - EARLY ||
	    shorten(behind) == MESSAGE_NO_STAMP)
		return;
	departure->later = shorten(behind);
	departure->state = DEPARTURE_STAMPED;
	if (departures->stamped < end)
		departures->stamped = end;
}

uint32_t
departures_count(const struct departures *departures)
{
	return (departures->next - departures->first);
}

nanoseconds
departures_due(const struct departures *departures, uint32_t packet)
{
	return (get(departures, packet)->due);
}

/* The next one that is not settled. False: its stamp may still come, or one of a
 * packet behind it. */
static bool
settle(struct departures *departures, nanoseconds now)
{
	struct departure *departure = get(departures, departures->settled);
	bool behind = departures->stamped > departures->settled;
	nanoseconds age;

	if (departure->state == DEPARTURE_STAMPED)
		departures->before = true;
	if (departure->state != DEPARTURE_WAITING)
		return (true);
	age = now - departure->due - departure->later;
	if (age < DEPARTURES_SOON ||
	    (departures->before && !behind && age < DEPARTURES_LATEST))
		return (false);
	departure->state =
	    departures->before && behind ? DEPARTURE_STUCK : DEPARTURE_BLIND;
	if (!behind)
		departures->before = false;
	return (true);
}

uint32_t
departures_settle(struct departures *departures, nanoseconds now)
{
	while (
	    departures->settled != departures->next && settle(departures, now))
		departures->settled++;
	return (departures->settled - departures->first);
}

static void
state(const struct departure *departure, uint32_t packet,
    struct message_statement *statement)
{
	later[packet - statement->first] = MESSAGE_NO_STAMP;
	if (departure->state == DEPARTURE_UNSENT)
		skips_add(&unsent, packet);
	if (departure->state == DEPARTURE_STUCK)
		skips_add(&stuck, packet);
	if (departure->state != DEPARTURE_STAMPED)
		return;
	later[packet - statement->first] = departure->later;
	statement->stamp_count = statement->next - statement->first;
}

bool
departures_state(
    struct departures *departures, struct message_statement *statement)
{
	uint32_t first = departures->first, next = departures->settled;

	if (next - first > MESSAGE_STATEMENT_MOST)
		next = first + MESSAGE_STATEMENT_MOST;
	*statement = (struct message_statement){
	    .first = first,
	    .next = next,
	    .later = later,
	};
	unsent.count = stuck.count = 0;
	for (uint32_t i = first; i != next; i++)
		state(get(departures, i), i, statement);
	statement->unsent_count = unsent.count;
	statement->unsent = unsent.ranges;
	statement->stuck_count = stuck.count;
	statement->stuck = stuck.ranges;
	departures->first = next;
	return (next != first);
}
