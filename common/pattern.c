/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/pattern.h"

static void
extend_period(struct pattern *pattern, uint32_t sequence)
{
	if (!pattern->lost) {
		pattern->periods++;
		pattern->run = 0;
		pattern->run_first = sequence;
	}
	pattern->run++;
	if (pattern->run <= pattern->longest)
		return;
	pattern->longest = pattern->run;
	pattern->longest_first = pattern->run_first;
}

static void
add_loss(struct pattern *pattern, uint32_t sequence)
{
	pattern->distance =
	    pattern->losses > 0 ? pattern->packets - pattern->place : 0;
	pattern->place = pattern->packets;
	pattern->losses++;
	pattern->noticeable +=
	    pattern->distance >= 1 && pattern->distance <= pattern->delta;
	extend_period(pattern, sequence);
}

void
pattern_add(struct pattern *pattern, uint32_t sequence, bool lost)
{
	if (lost)
		add_loss(pattern, sequence);
	pattern->lost = lost;
	pattern->packets++;
}

void
pattern_add_run(
    struct pattern *pattern, uint32_t first, uint32_t count, bool lost)
{
	if (count == 0)
		return;
	pattern_add(pattern, first, lost);
	count--;
	pattern->packets += count;
	if (!lost || count == 0)
		return;
	pattern->losses += count;
	pattern->noticeable += pattern->delta >= 1 ? count : 0;
	pattern->distance = 1;
	pattern->place = pattern->packets - 1;
	pattern->run += count;
	if (pattern->run <= pattern->longest)
		return;
	pattern->longest = pattern->run;
	pattern->longest_first = pattern->run_first;
}
