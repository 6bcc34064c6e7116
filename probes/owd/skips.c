/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owd/skips.h"

#include <stdlib.h>

#include "common/memory.h"

void
skips_clear(struct skips *skips)
{
	free(skips->ranges);
	*skips = (struct skips){0};
}

static bool
extends(const struct skips *skips, uint32_t packet)
{
	return (skips->count == SKIPS_MOST ||
		(skips->count > 0 &&
		    skips->ranges[skips->count - 1].last + 1 == packet));
}

void
skips_add(struct skips *skips, uint32_t packet)
{
	if (extends(skips, packet)) {
		skips->ranges[skips->count - 1].last = packet;
		return;
	}
	if (skips->count == skips->room) {
		skips->room = 2 * skips->room + 1;
		skips->ranges = memory_resize(
		    skips->ranges, skips->room, sizeof(*skips->ranges));
	}
	skips->ranges[skips->count++] = (struct message_skip){packet, packet};
}
