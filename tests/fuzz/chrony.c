/* SPDX-License-Identifier: BSD-2-Clause */
/* Whatever stands in chronyd's place answers: the clock that it tells of can be
 * written and read back, and has a bound that is a number, or none. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/chrony.h"
#include "common/member.h"
#include "tests/fuzz/target.h"

#define NOW (1000 * NS_PER_S)
#define AT_SEQUENCE 16

static void
try_json(const struct discipline *clock)
{
	json_object *json = discipline_json(clock, NOW);
	struct discipline back;

	if (discipline_from_json(&back, json, NOW, NULL) == -1 ||
	    strcmp(back.reference, clock->reference) != 0)
		abort();
	json_object_put(json);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct discipline clock = {.steal = -1};
	struct chrony_tracking tracking;
	uint32_t sequence = 0;

	for (size_t i = AT_SEQUENCE; i < AT_SEQUENCE + 4 && i < size; i++)
		sequence = sequence << 8 | data[i];
	if (chrony_read(&tracking, data, size, sequence, NULL) == -1)
		return (0);
	chrony_judge(&clock, &tracking, NOW);
	if (clock.bounded != chrony_synchronised(&tracking) ||
	    (clock.bounded && (!(clock.error >= 0) || !isfinite(clock.error) ||
				  !(clock.growth >= 0))))
		abort();
	try_json(&clock);
	return (0);
}
