/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/pace.h"

nanoseconds
pace_look(const struct pace *pace, nanoseconds now)
{
	return (pace->next - PACE_BURST > now ? pace->next - PACE_BURST : now);
}

nanoseconds
pace_take(struct pace *pace, double rate, nanoseconds now)
{
	nanoseconds slot = pace_look(pace, now);

	if (pace->next < slot)
		pace->next = slot;
	pace->next += (nanoseconds)((double)NS_PER_S / rate);
	return (slot);
}
