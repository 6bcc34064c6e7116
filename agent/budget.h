/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * budget.h - how far a time between two clocks may be off.
 *
 * RFC 7679 section 3.7: Esynch(t), what the two clocks may be apart, and what each
 * stamp may be behind the wire (Hsource + Hdest), which is in what a host says of
 * its stamps (agent/told_clock.h); the kernels' resolution of a nanosecond is nothing
 * beside these. All are bounds, so they are added.
 */
#ifndef PHAROS_AGENT_BUDGET_H
#define PHAROS_AGENT_BUDGET_H

#include <stdbool.h>

#include "probes/probe.h"

struct budget {
	bool near_bounded,
	    far_bounded;       /* does something keep that clock right? */
	nanoseconds near, far; /* how far a kernel's stamp by it may be off */
	nanoseconds stamps[2]; /* of sending and of receiving */
};

/* What a stamp of that kind adds to that: a kernel's or an interface's nothing, a
 * program's the 1 ms that it may have waited for a processor. */
nanoseconds budget_stamp(enum probe_stamp kind);
/* Their sum; false: a clock has no bound. */
bool budget_sum(const struct budget *budget, nanoseconds *sum);

#endif
