/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pattern.h - how losses lie among the packets that were sent (RFC 3357).
 *
 * Packets are told in the order they were sent in; what was never sent is left
 * out and does not count in distances. A loss distance is how many packets behind
 * the loss before it a loss lies, 0 for the first (section 5.4). A loss period
 * begins with a loss behind a packet that was received (section 5.5). A loss is
 * noticeable when its distance is from 1 to delta (section 6.1).
 */
#ifndef PHAROS_COMMON_PATTERN_H
#define PHAROS_COMMON_PATTERN_H

#include <stdbool.h>
#include <stdint.h>

struct pattern { /* zeroed, but for delta: none was told */
	uint32_t delta;
	uint32_t packets, losses, periods, noticeable;
	uint32_t longest;       /* the length of the longest period, packets */
	uint32_t longest_first; /* the number of the first packet of it */
	/* of the loss that was told last */
	uint32_t distance;
	uint32_t run;       /* losses of its period so far */
	uint32_t run_first; /* the first packet's number */
	uint32_t place;     /* its own, among those sent */
	bool lost;          /* the packet told last was */
};

void pattern_add(struct pattern *pattern, uint32_t sequence, bool lost);
/* As many calls of it, with numbers that rise from first. */
void pattern_add_run(
    struct pattern *pattern, uint32_t first, uint32_t count, bool lost);

#endif
