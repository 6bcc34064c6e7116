/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gaps.h - are the packets of a stream really sent at random? (RFC 2330 11.4)
 *
 * The Anderson-Darling statistic A2 of the last GAPS gaps between packets, as
 * they were sent, against the exponential with the mean that was meant. Of honest
 * streams 5 % exceed 2.492: it is a statistic, not an alarm. Periodic gaps give
 * some 58.7.
 */
#ifndef PHAROS_PROBES_OWAMP_GAPS_H
#define PHAROS_PROBES_OWAMP_GAPS_H

#include <stdbool.h>

#include "common/clock.h"

#define GAPS 128 /* far more would find fault with any clock */

struct gaps { /* zeroed: nothing was sent */
	nanoseconds last;
	bool known; /* last is */
	uint64_t count;
	float seconds[GAPS]; /* a ring */
};

/* A packet went; times rise. */
void gaps_sent(struct gaps *gaps, nanoseconds when);
/* One did, or may have, and nobody knows when: no gap begins or ends there. */
void gaps_unknown(struct gaps *gaps);
/* mean: seconds. False: fewer than GAPS, or two were sent at the same time. */
bool gaps_misfit(const struct gaps *gaps, double mean, double *a2);

#endif
