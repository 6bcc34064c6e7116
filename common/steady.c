/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/steady.h"

#include <stdlib.h>

void
steady_begin(struct steady *steady, nanoseconds known, nanoseconds monotonic)
{
	*steady = (struct steady){.offset = known != 0 ? known - monotonic : 0};
}

/* It has been where it is for long enough. */
static int
stays(struct steady *steady, nanoseconds offset, nanoseconds monotonic)
{
	if (steady->leapt == 0 || llabs(offset - steady->leapt) > STEADY_LEAP) {
		steady->leapt = offset;
		steady->since = monotonic;
	}
	return (monotonic - steady->since >= STEADY_PATIENCE);
}

nanoseconds
steady_time(struct steady *steady, nanoseconds wall, nanoseconds monotonic)
{
	nanoseconds offset = wall - monotonic;

	if (steady->offset == 0 || offset - steady->offset <= STEADY_LEAP ||
	    stays(steady, offset, monotonic)) {
		steady->offset = offset;
		steady->leapt = 0;
	}
	return (monotonic + steady->offset);
}
