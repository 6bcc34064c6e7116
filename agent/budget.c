/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/budget.h"

nanoseconds
budget_stamp(enum probe_stamp kind)
{
	return (kind == STAMP_USER ? NS_PER_MS : 0);
}

bool
budget_sum(const struct budget *budget, nanoseconds *sum)
{
	if (!budget->near_bounded || !budget->far_bounded)
		return (false);
	*sum =
	    budget->near + budget->far + budget->stamps[0] + budget->stamps[1];
	return (true);
}
