/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of whatever stands in gpsd's place, a second apart: the clock that comes
 * of them can be written and read back, and its bound is a number, or none. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/gpsd.h"
#include "common/member.h"
#include "tests/fuzz/target.h"

static void
try_state(const struct gpsd_state *state, nanoseconds now)
{
	struct discipline clock = {.steal = -1}, back;
	json_object *json;

	gpsd_judge(&clock, state, now);
	if (clock.bounded &&
	    (!(clock.error >= 0 && clock.error < DISCIPLINE_MOST) ||
		!(clock.growth >= 0 && clock.growth < 0.01)))
		abort();
	json = discipline_json(&clock, now);
	if (discipline_from_json(&back, json, now, NULL) == -1)
		abort();
	json_object_put(json);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *line = (const char *)data, *end;
	struct gpsd_state state = {0};
	nanoseconds now = 1000 * NS_PER_S;
	size_t length;

	while (size > 0) {
		end = memchr(line, '\n', size);
		length = end != NULL ? (size_t)(end - line) : size;
		gpsd_hear(&state, line, length, now, NULL);
		try_state(&state, now);
		now += NS_PER_S;
		length += end != NULL ? 1 : 0;
		line += length;
		size -= length;
	}
	try_state(&state, now + GPSD_FRESH);
	return (0);
}
