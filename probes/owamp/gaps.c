/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owamp/gaps.h"

#include "common/summary.h"

void
gaps_sent(struct gaps *gaps, nanoseconds when)
{
	if (gaps->known)
		gaps->seconds[gaps->count++ % GAPS] =
		    (float)clock_seconds(when - gaps->last);
	gaps->last = when;
	gaps->known = true;
}

void
gaps_unknown(struct gaps *gaps)
{
	gaps->known = false;
}

bool
gaps_misfit(const struct gaps *gaps, double mean, double *a2)
{
	double seconds[GAPS];

	for (int i = 0; i < GAPS; i++)
		seconds[i] = (double)gaps->seconds[i];
	return (gaps->count >= GAPS && summary_misfit(seconds, GAPS, mean, a2));
}
