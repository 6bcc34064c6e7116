/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * steady.h - a wall clock by which things may be thrown away.
 *
 * A wall clock that leaps ahead, to some year to come, is not followed before it
 * has stayed there for STEADY_PATIENCE, so that a clock that was wrong for a
 * while makes nothing old. It is followed back at once. What was known on disk
 * before a restart counts as the last time seen. Time is handed in.
 */
#ifndef PHAROS_COMMON_STEADY_H
#define PHAROS_COMMON_STEADY_H

#include "common/clock.h"

#define STEADY_LEAP (60 * NS_PER_S)
#define STEADY_PATIENCE (3600 * NS_PER_S)

/* Zeroed is a new one that believes the first time it sees. */
struct steady {
	nanoseconds offset; /* wall-clock less monotonic, believed; 0: none */
	nanoseconds leapt;  /* the one of a leap ahead; 0: none ... */
	nanoseconds since;  /* ... and since when, monotonic */
};

/* known: an instant that has certainly passed, wall-clock; 0: none is. */
void steady_begin(
    struct steady *steady, nanoseconds known, nanoseconds monotonic);
/* The time by which things may be thrown away: never ahead of wall. */
nanoseconds steady_time(
    struct steady *steady, nanoseconds wall, nanoseconds monotonic);

#endif
