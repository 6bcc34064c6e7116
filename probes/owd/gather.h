/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gather.h - sockets that are read together.
 *
 * The kernel stamps what arrives, so nothing is gained by reading each packet as
 * it comes, and to wake up for it costs more than to read it. What comes after a
 * silence is read at once, what comes behind it GATHER_PAUSE later in one go, of
 * all sockets; or up to twice that, when the loop wakes up anyway for a turn
 * (turns.h).
 */
#ifndef PHAROS_PROBES_OWD_GATHER_H
#define PHAROS_PROBES_OWD_GATHER_H

#include <event2/event.h>

#include "common/clock.h"

#define GATHER_PAUSE (5 * NS_PER_MS)

struct error;
struct gather;

/* The one of this loop, for as many as take it; each gives it back. NULL: why. */
struct gather *gather_take(struct event_base *base, struct error *err);
void gather_give(struct gather *gather); /* NULL is fine */

/* From the loop, while there is something to read; it may not close any of the
 * sockets. */
struct gather_source {
	void (*ready)(void *arg);
	void *arg;
};
/* Until fd is closed. The source is borrowed. -1: why. */
int gather_add(struct gather *gather, int fd, struct gather_source *source,
    struct error *err);

#endif
