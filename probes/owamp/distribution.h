/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * distribution.h - samples of any number, in memory for DISTRIBUTION_EXACT.
 *
 * Up to so many the figures are those of the samples themselves; beyond, those
 * of a merged histogram (common/summary.h), which says so. Zeroed: empty.
 */
#ifndef PHAROS_PROBES_OWAMP_DISTRIBUTION_H
#define PHAROS_PROBES_OWAMP_DISTRIBUTION_H

#include "common/clock.h"
#include "common/summary.h"

#define DISTRIBUTION_EXACT 10000

struct distribution {
	int64_t *samples;
	size_t count, room;
	struct summary merged; /* of full lots before */
};

void distribution_add(struct distribution *d, nanoseconds sample);
/* Fills what is zeroed or cleared, and empties d. *pdv is p99.9 - min (RFC 5481
 * section 6.5, ITU-T Y.1540); false: fewer than 1000 samples do not hold it. */
bool distribution_finish(
    struct distribution *d, struct summary *summary, nanoseconds *pdv);
void distribution_clear(struct distribution *d); /* frees what it holds */

#endif
