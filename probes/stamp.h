/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stamp.h - the kernel's and the card's stamps of packets.
 *
 * The kernel stamps packets by the wall clock. Its distance from the monotonic
 * clock only changes when somebody sets the wall clock, so it is measured once
 * and kept: the difference of two stamps has no error of ours. A change is
 * noticed with the next reading; stamps that were taken before it and read
 * after it are told by that they would otherwise lie in the future or too far
 * back.
 */
#ifndef PHAROS_PROBES_STAMP_H
#define PHAROS_PROBES_STAMP_H

#include <stdbool.h>

#include "common/clock.h"
#include "probes/probe.h"

struct msghdr;

struct stamp_clock {
	bool known;
	nanoseconds offset; /* wall - monotonic */
	nanoseconds doubt;  /* half the time that the reading took */
	nanoseconds before; /* the offset before the last change ... */
	bool changed;       /* ... since stamp_settle */
};

struct stamp {
	nanoseconds kernel; /* monotonic; 0: none */
	nanoseconds card;   /* the card's own clock; 0: none */
};

/* One reading: the wall clock between two looks at the monotonic one. */
void stamp_read(struct stamp_clock *clock, nanoseconds before, nanoseconds wall,
    nanoseconds after);
/* Reads both clocks; the monotonic time. */
nanoseconds stamp_look(
    struct stamp_clock *clock, const struct probe_host *host);
/* No stamp of the time before the last change is left to be read. */
void stamp_settle(struct stamp_clock *clock);
/* A wall-clock stamp that is not in the future. */
nanoseconds stamp_monotonic(
    const struct stamp_clock *clock, nanoseconds wall, nanoseconds now);
/* What a message says of its packet; zeros where it says nothing. */
struct stamp stamp_of(
    const struct stamp_clock *clock, struct msghdr *message, nanoseconds now);

/* Asks for stamps of what is sent and received; those sent are counted from 0
 * from this call on. -1: errno; those received are asked for in any case. */
int stamp_enable(int fd);
/* Shall what is sent from here on be stamped, and counted? After stamp_enable;
 * the count goes on. */
void stamp_sent(int fd, bool stamped);

/* A round trip, from what is known of both packets. sent: before the packet was
 * handed to the kernel; received: when the answer was read. The best pair of
 * stamps that can be right counts; classes tell which it was. */
struct stamp_trip {
	nanoseconds sent, received;
	struct stamp left, came;
};
nanoseconds stamp_round_trip(
    const struct stamp_trip *trip, enum probe_stamp classes[static 2]);

#endif
