/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clock.h - the only reader of time.
 *
 * Durations and instants are nanoseconds in C and seconds in JSON. Deadlines
 * are monotonic, starts of measurements are wall-clock (UTC, Unix epoch).
 */
#ifndef PHAROS_COMMON_CLOCK_H
#define PHAROS_COMMON_CLOCK_H

#include <stdint.h>
#include <sys/time.h>
#include <time.h>

typedef int64_t nanoseconds;

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)

nanoseconds clock_wall(void);      /* CLOCK_REALTIME */
nanoseconds clock_monotonic(void); /* CLOCK_MONOTONIC */
nanoseconds clock_boot(void);      /* the same, with the time that it slept */

static inline nanoseconds
clock_of_timespec(const struct timespec *ts)
{
	return (ts->tv_sec * NS_PER_S + ts->tv_nsec);
}

/* For a timer: it goes off no sooner; what has passed already is at once. */
static inline struct timeval
clock_timeval(nanoseconds wait)
{
	nanoseconds us = wait > 0 ? (wait + NS_PER_US - 1) / NS_PER_US : 0;

	return ((struct timeval){.tv_sec = us / (NS_PER_S / NS_PER_US),
	    .tv_usec = us % (NS_PER_S / NS_PER_US)});
}

static inline double
clock_seconds(nanoseconds ns)
{
	return ((double)ns / (double)NS_PER_S);
}

/* Rounds to the nearest nanosecond; seconds must be finite and |s| < 9e9. */
nanoseconds clock_of_seconds(double seconds);

/* "2026-11-21T23:48:00.123Z"; decimals 0..9. */
char *clock_format(nanoseconds wall, int decimals, char text[static 40]);
/* ISO 8601 as above (date alone is midnight), of another zone with "+01:00" or
 * "-0330" at its end, else UTC; Unix seconds, "now", or a duration back from now
 * such as "-1h". */
struct error;
int clock_parse(
    const char *text, nanoseconds now, nanoseconds *wall, struct error *err);

#endif
