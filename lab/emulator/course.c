/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/emulator/course.h"

#include <string.h>

#include "lab/emulator/verdict.h"

void
course_start(struct course *course, uint64_t seed)
{
	*course = (struct course){.way = {.to_good = 1, .queue = 100}};
	fate_start(&course->fate, seed);
}

void
course_free(struct course *course, struct pool *pool)
{
	struct packet *packet;

	while ((packet = due_take(&course->due)) != NULL)
		pool_give(pool, packet);
	due_free(&course->due);
	serial_free(&course->serial);
}

bool
course_set(struct course *course, const struct way *way)
{
	if (way->rate > 0 &&
	    !serial_reserve(&course->serial, (size_t)way->queue))
		return (false);
	course->way = *way;
	return (true);
}

void
course_count(struct course *course, uint8_t verdict)
{
	struct course_counts *counts = &course->counts;

	counts->lost += (verdict & VERDICT_LOST) != 0;
	counts->queue += (verdict & VERDICT_QUEUE) != 0;
	counts->failed += (verdict & VERDICT_FAILED) != 0;
	counts->overflow += (verdict & VERDICT_OVERFLOW) != 0;
}

/* The rate and the delay. 0, or why it is gone. */
static uint8_t
send(struct course *course, struct packet *packet, nanoseconds now)
{
	const struct way *way = &course->way;
	nanoseconds sent =
	    serial_send(&course->serial, way, packet->length, now);

	if (sent == -1)
		return (VERDICT_QUEUE);
	packet->due = sent + fate_delay(&course->fate, way);
	return (
	    due_add(&course->due, packet, way->reorder) ? 0 : VERDICT_OVERFLOW);
}

static struct packet *
copy_of(struct pool *pool, const struct packet *packet)
{
	struct packet *copy = pool_take(pool);

	if (copy == NULL)
		return (NULL);
	memcpy(copy, packet,
	    offsetof(struct packet, frame) + (size_t)packet->length);
	copy->copy = 1;
	return (copy);
}

static void
send_copy(struct course *course, struct pool *pool, struct packet *packet,
    nanoseconds now)
{
	struct packet *copy = copy_of(pool, packet);
	uint8_t gone = VERDICT_OVERFLOW;

	if (copy != NULL && (gone = send(course, copy, now)) == 0) {
		packet->verdict |= VERDICT_DUPLICATED;
		course->counts.duplicated++;
		return;
	}
	course_count(course, gone);
	if (copy != NULL)
		pool_give(pool, copy);
}

bool
course_enter(struct course *course, struct pool *pool, struct packet *packet,
    nanoseconds now)
{
	packet->number = (uint32_t)course->counts.in++;
	packet->verdict = packet->copy = 0;
	if (fate_lost(&course->fate, &course->way))
		packet->verdict |= VERDICT_LOST;
	else if (fate_corrupt(&course->fate, &course->way, packet->frame,
		     packet->length))
		packet->verdict |= VERDICT_CORRUPTED;
	course->counts.corrupted += (packet->verdict & VERDICT_CORRUPTED) != 0;
	if ((packet->verdict & VERDICT_LOST) == 0) {
		bool twice = fate_duplicated(&course->fate, &course->way);

		packet->verdict |= send(course, packet, now);
		if (twice && (packet->verdict & VERDICT_GONE) == 0)
			send_copy(course, pool, packet, now);
	}
	course_count(course, packet->verdict);
	return ((packet->verdict & VERDICT_GONE) == 0);
}

nanoseconds
course_next(const struct course *course)
{
	return (due_next(&course->due));
}

struct packet *
course_leave(struct course *course, nanoseconds now)
{
	return (due_next(&course->due) <= now ? due_take(&course->due) : NULL);
}

void
course_idle(struct course *course)
{
	serial_clear(&course->serial);
	course->due.latest = 0;
}
