/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * late.h - how late packets left: counts in buckets, 1/16 wide.
 */
#ifndef PHAROS_LAB_EMULATOR_LATE_H
#define PHAROS_LAB_EMULATOR_LATE_H

#include "common/clock.h"

#define LATE_BUCKETS 640

/* All zeros is an empty one. */
struct late {
	uint64_t count;
	nanoseconds most;
	uint32_t buckets[LATE_BUCKETS];
};

void late_add(struct late *late, nanoseconds by); /* below 0 counts as 0 */
/* The lower edge of the bucket that holds the quantile; 0 when empty. */
nanoseconds late_quantile(const struct late *late, double q);

#endif
