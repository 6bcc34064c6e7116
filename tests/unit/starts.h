/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * starts.h - what the tests of the scheduler share: seeds by number, starts in
 * a row.
 */
#ifndef PHAROS_TESTS_UNIT_STARTS_H
#define PHAROS_TESTS_UNIT_STARTS_H

#include <stdio.h>

#include "scheduler/timing.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DAY (86400 * NS_PER_S)
#define NOW (1795300000 * NS_PER_S) /* 2026-11-21T22:26:40Z */

static inline void
starts_seed(struct timing_seed *seed, int number)
{
	char dst[20];

	snprintf(dst, sizeof(dst), "box%d", number);
	timing_seed(seed, "key", 3, "core-ping", "nyc", dst);
}

/* The first n after `after`; returns the last. */
static inline nanoseconds
starts_list(const struct timing *timing, const struct timing_seed *seed,
    nanoseconds after, nanoseconds *starts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		starts[i] = after = timing_next(timing, seed, after);
	return (after);
}

/* The first n gaps after `after`, in intervals; returns the last start. */
static inline nanoseconds
starts_gaps(const struct timing *timing, const struct timing_seed *seed,
    nanoseconds after, double *gaps, size_t n)
{
	nanoseconds start = timing_next(timing, seed, after);

	for (size_t i = 0; i < n; i++) {
		nanoseconds next = timing_next(timing, seed, start);

		gaps[i] = (double)(next - start) / (double)timing->every;
		start = next;
	}
	return (start);
}

#endif
