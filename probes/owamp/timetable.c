/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owamp/timetable.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "probes/owamp/deviates.h"

__extension__ typedef unsigned __int128 wide;

struct timetable {
	struct deviates *deviates; /* NULL: all slots are fixed */
	struct timetable_mark at;
	uint64_t start;
	wide cycle; /* lengths of all slots together */
	size_t slot, count;
	struct slot slots[];
};

static bool
is_random(const struct slot *slots, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (slots[i].kind == SLOT_EXPONENTIAL)
			return (true);
	return (false);
}

struct timetable *
timetable_new(const uint8_t sid[static KEYS_SID], uint64_t start,
    const struct slot *slots, size_t count)
{
	struct timetable *timetable = memory_new(
	    1, sizeof(*timetable) + count * sizeof(*timetable->slots));

	assert(count > 0);
	timetable->start = start;
	timetable->at.due = start;
	timetable->count = count;
	memcpy(timetable->slots, slots, count * sizeof(*slots));
	for (size_t i = 0; i < count; i++)
		timetable->cycle += slots[i].length;
	if (is_random(slots, count))
		timetable->deviates = deviates_new(sid);
	return (timetable);
}

void
timetable_free(struct timetable *timetable)
{
	if (timetable == NULL)
		return;
	deviates_free(timetable->deviates);
	free(timetable);
}

uint64_t
timetable_next(struct timetable *timetable)
{
	const struct slot *slot = &timetable->slots[timetable->slot];
	uint64_t delay = slot->length;

	if (slot->kind == SLOT_EXPONENTIAL)
		delay = deviates_times(
		    deviates_next(timetable->deviates), slot->length);
	timetable->slot = (timetable->slot + 1) % timetable->count;
	timetable->at.packet++;
	timetable->at.due += delay;
	return (timetable->at.due);
}

struct timetable_mark
timetable_tell(const struct timetable *timetable)
{
	struct timetable_mark mark = timetable->at;

	if (timetable->deviates != NULL)
		mark.used = deviates_tell(timetable->deviates);
	return (mark);
}

void
timetable_return(struct timetable *timetable, const struct timetable_mark *mark)
{
	timetable->at = *mark;
	timetable->slot = mark->packet % timetable->count;
	if (timetable->deviates != NULL)
		deviates_seek(timetable->deviates, mark->used);
}

/* To the beginning of the round of fixed slots that this packet is in. */
static void
jump(struct timetable *timetable, uint32_t packet)
{
	uint32_t rounds = packet / (uint32_t)timetable->count;
	struct timetable_mark mark = {
	    .packet = rounds * (uint32_t)timetable->count,
	    .due = timetable->start + (uint64_t)(timetable->cycle * rounds),
	};

	timetable_return(timetable, &mark);
}

void
timetable_seek(struct timetable *timetable, uint32_t packet)
{
	struct timetable_mark first = {.due = timetable->start};

	assert(timetable->count <= UINT32_MAX);
	if (timetable->deviates == NULL)
		jump(timetable, packet);
	else if (packet < timetable->at.packet)
		timetable_return(timetable, &first);
	while (timetable->at.packet != packet)
		timetable_next(timetable);
}

static wide
behind_start(const struct timetable *timetable, uint32_t packet)
{
	uint64_t delays = (uint64_t)packet + 1;
	wide behind = timetable->cycle * (delays / timetable->count);

	for (size_t i = 0; i < delays % timetable->count; i++)
		behind += timetable->slots[i].length;
	return (behind);
}

bool
timetable_follow(
    const struct timetable *timetable, uint64_t border, uint64_t *start)
{
	uint64_t wish = border - timetable->start;
	uint32_t least = 0, most = UINT32_MAX;
	wide behind;

	if (timetable->deviates != NULL)
		return (false);
	if (wish > UINT64_MAX / 2) /* it has not begun then */
		wish = 0;
	while (least < most) {
		uint32_t middle = least + (most - least) / 2;

		if (behind_start(timetable, middle) < wish)
			least = middle + 1;
		else
			most = middle;
	}
	behind = behind_start(timetable, least);
	*start =
	    timetable->start + (uint64_t)behind - timetable->slots[0].length;
	return (behind >= wish && behind <= UINT64_MAX / 2);
}

uint64_t
timetable_mean(const struct timetable *timetable)
{
	return ((uint64_t)(timetable->cycle / timetable->count));
}
