/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cost.h - what one run asks of the network; for limits, before it starts.
 */
#ifndef PHAROS_PROBES_COST_H
#define PHAROS_PROBES_COST_H

#include <stdbool.h>

struct cost {
	double packets; /* per second, sent */
	double bits;    /* per second, sent, from the IP header up */
	double seconds; /* from start to done at the latest; of a stream: from
	                   the end of an interval to its report */
	bool heavy;     /* disturbs other measurements: never two at once */
};

#endif
