/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/emulator/now.h"

nanoseconds
now_monotonic(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (clock_of_timespec(&ts));
}
