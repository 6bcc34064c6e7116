/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owamp/delays.h"

#include <assert.h>
#include <stdlib.h>

#include "common/memory.h"

#define NOTHING32 INT32_MIN
#define NOTHING64 INT64_MIN

void
delays_clear(struct delays *delays)
{
	free(delays->narrow);
	free(delays->wide);
	*delays = (struct delays){0};
}

void
delays_grow(struct delays *delays, size_t room)
{
	size_t at = delays->room;

	if (room <= at)
		return;
	delays->room = room;
	if (delays->wide != NULL) {
		delays->wide =
		    memory_resize(delays->wide, room, sizeof(*delays->wide));
		while (at < room)
			delays->wide[at++] = NOTHING64;
		return;
	}
	delays->narrow =
	    memory_resize(delays->narrow, room, sizeof(*delays->narrow));
	while (at < room)
		delays->narrow[at++] = NOTHING32;
}

static void
widen(struct delays *delays)
{
	delays->wide = memory_new(delays->room, sizeof(*delays->wide));
	for (size_t i = 0; i < delays->room; i++)
		delays->wide[i] = delays->narrow[i] == NOTHING32
				      ? NOTHING64
				      : delays->narrow[i];
	free(delays->narrow);
	delays->narrow = NULL;
}

void
delays_put(struct delays *delays, size_t at, nanoseconds value)
{
	int64_t distance;

	assert(at < delays->room);
	if (!delays->based)
		delays->base = value;
	delays->based = true;
	distance = value - delays->base;
	if (delays->wide == NULL &&
	    (distance > INT32_MAX || distance <= NOTHING32))
		widen(delays);
	if (delays->wide != NULL)
		delays->wide[at] = distance;
	else
		delays->narrow[at] = (int32_t)distance;
}

bool
delays_get(const struct delays *delays, size_t at, nanoseconds *value)
{
	if (delays->wide != NULL) {
		*value = delays->base + delays->wide[at];
		return (delays->wide[at] != NOTHING64);
	}
	*value = delays->base + delays->narrow[at];
	return (delays->narrow[at] != NOTHING32);
}

size_t
delays_size(const struct delays *delays)
{
	return (
	    delays->room * (delays->wide != NULL ? sizeof(*delays->wide)
						 : sizeof(*delays->narrow)));
}
