/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reorder.h - which packets were overtaken on their way (RFC 4737).
 *
 * A packet is reordered when a later one arrived before it (section 4.1: its
 * number is below NextExp). It is n-reordered when the n packets that arrived
 * just before it are all later ones (section 5.4): TCP takes n = 3 for a loss. A
 * reordered packet may be 0-reordered. First copies in time count, and no others.
 *
 * This belongs to a stream, not to an interval: what is overtaken by packets of
 * the next interval is reordered too. Zeroed: nothing has arrived.
 */
#ifndef PHAROS_PROBES_OWAMP_REORDER_H
#define PHAROS_PROBES_OWAMP_REORDER_H

#include <stdbool.h>
#include <stdint.h>

#define REORDER_DEPTH 16 /* n is not looked for beyond */

struct reorder {
	uint64_t next_expected;
	uint32_t before[REORDER_DEPTH]; /* a ring of what came last */
	uint64_t arrivals;
};

/* True: reordered, *n says how far. */
bool reorder_add(struct reorder *order, uint32_t sequence, unsigned *n);

#endif
