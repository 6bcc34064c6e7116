/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owd/step.h"

#include "probes/probe.h"

/* Of both clocks, until nothing came between that took so long. */
#define READINGS 8
#define UNDISTURBED NS_PER_MS

/* The reading that took least. */
static nanoseconds
read_offset(const struct probe_host *host)
{
	nanoseconds shortest = INT64_MAX, offset = 0;

	for (int i = 0; i < READINGS && shortest > UNDISTURBED; i++) {
		nanoseconds before = host->monotonic(), wall = host->wall();
		nanoseconds took = host->monotonic() - before;

		if (took >= shortest)
			continue;
		shortest = took;
		offset = wall - before;
	}
	return (offset);
}

nanoseconds
step_look(struct step *step, const struct probe_host *host)
{
	nanoseconds offset = read_offset(host), moved = offset - step->offset;
	bool known = step->known;

	step->known = true;
	step->offset = offset;
	if (!known || (moved < STEP_LEAST && moved > -STEP_LEAST))
		return (0);
	return (moved);
}
