/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owamp/gaps.h"

#include "common/summary.h"

void
gaps_sent(struct gaps *gaps, nanoseconds when)
{
	if (gaps->sent > 0)
		gaps->seconds[(gaps->sent - 1) % GAPS] =
		    clock_seconds(when - gaps->last);
	gaps->last = when;
	gaps->sent++;
}

bool
gaps_misfit(const struct gaps *gaps, double mean, double *a2)
{
	return (
	    gaps->sent > GAPS && summary_misfit(gaps->seconds, GAPS, mean, a2));
}
