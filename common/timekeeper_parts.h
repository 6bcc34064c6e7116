/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * timekeeper_parts.h - what timekeeper.c and timekeeper_judge.c share: one asks,
 * the other weighs the answers.
 */
#ifndef PHAROS_COMMON_TIMEKEEPER_PARTS_H
#define PHAROS_COMMON_TIMEKEEPER_PARTS_H

#include <sys/timex.h>

#include "common/chrony.h"
#include "common/error.h"
#include "common/host.h"
#include "common/timekeeper.h"
#include "common/vouch.h"

struct event;
struct gpsd;

/* The clock was set, or the host slept and took its time from a clock of whole
 * seconds: the source has not accounted for it. */
struct surprise {
	double size;         /* seconds, >= 0; 0: none */
	double slept;        /* seconds, what of it came of that; 0: nothing */
	nanoseconds when;    /* wall-clock, as set */
	nanoseconds updated; /* as chronyd had it before */
	double kernel; /* as slept, until it is told a smaller error ... */
	long maxerror; /* ... than this */
};

struct timekeeper {
	struct timekeeper_about about;
	struct chrony *chrony;
	struct gpsd *gpsd;
	struct event *timer;
	struct discipline state;
	struct discipline last; /* that had a bound, of its source's own */
	struct timex kernel;
	int verdict;
	struct host_ticks ticks;
	double steal;
	struct discipline_card card;
	nanoseconds ticked;         /* monotonic */
	nanoseconds offset, looked; /* wall-clock less monotonic, and when */
	nanoseconds slept;          /* boot less monotonic */
	struct discipline_steps steps;
	struct surprise surprise;
	struct vouch vouch;
	bool asking;
	bool tracked; /* chronyd has answered the last time, with this */
	struct chrony_tracking tracking;
	nanoseconds tracked_at; /* monotonic */
	struct error why;       /* it is there and did not; "" */
};

/* Of all that is known, a new state; changed is called. */
void timekeeper_conclude(struct timekeeper *keeper);

#endif
