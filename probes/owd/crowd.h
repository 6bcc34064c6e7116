/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crowd.h - how many came from where, and how fast.
 *
 * Addresses share a fixed number of cells, by a hash that nobody outside knows:
 * no memory grows with their number. Two that meet in one share its limits, which
 * happens to few. Of IPv6, the /64 counts.
 */
#ifndef PHAROS_PROBES_OWD_CROWD_H
#define PHAROS_PROBES_OWD_CROWD_H

#include <stdbool.h>
#include <stdint.h>

#include "common/address.h"
#include "common/clock.h"

struct crowd_limits {
	uint32_t most; /* of one address at the same time */
	/* Passes, such as they cost us time. At once, and then a second; of one
	 * address, and of all. */
	double burst, rate;
	double burst_of_all, rate_of_all;
};

struct crowd;
struct crowd *crowd_new(const struct crowd_limits *limits);
void crowd_free(struct crowd *crowd); /* NULL is fine */

/* False: there are enough of them. Each that entered leaves. */
bool crowd_enter(struct crowd *crowd, const union address *address);
void crowd_leave(struct crowd *crowd, const union address *address);
/* False: not before *wait has gone by. now: monotonic. */
bool crowd_pass(struct crowd *crowd, const union address *address,
    nanoseconds now, nanoseconds *wait);

#endif
