/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owamp/reorder.h"

/* How many of those just before are later ones. */
static unsigned
count_later(const struct reorder *order, uint32_t sequence)
{
	unsigned n = 0;

	while (n < REORDER_DEPTH && n < order->arrivals) {
		uint64_t at = order->arrivals - 1 - n;

		if (order->before[at % REORDER_DEPTH] <= sequence)
			break;
		n++;
	}
	return (n);
}

bool
reorder_add(struct reorder *order, uint32_t sequence, unsigned *n)
{
	bool reordered = sequence < order->next_expected;

	*n = count_later(order, sequence);
	order->before[order->arrivals++ % REORDER_DEPTH] = sequence;
	if (!reordered)
		order->next_expected = (uint64_t)sequence + 1;
	return (reordered);
}
