/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pace.h - a ceiling on the packets that go out, one after the other.
 */
#ifndef PHAROS_PROBES_PACE_H
#define PHAROS_PROBES_PACE_H

#include "common/clock.h"

/* Packets may go together that would have gone within this time. */
#define PACE_BURST NS_PER_MS

struct pace { /* zeroed: idle */
	nanoseconds next;
};

/* When a packet may go that wants to go now, at `rate` a second with all that
 * asked before; its place is taken. */
nanoseconds pace_take(struct pace *pace, double rate, nanoseconds now);
/* The same without taking it. */
nanoseconds pace_look(const struct pace *pace, nanoseconds now);

#endif
