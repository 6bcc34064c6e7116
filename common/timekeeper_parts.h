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

struct event;
struct gpsd;

/* A step that chronyd has not accounted for. */
struct surprise {
	double size;         /* seconds, >= 0; 0: none */
	nanoseconds when;    /* wall-clock, as set */
	nanoseconds updated; /* as chronyd had it before */
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
	struct discipline_steps steps;
	struct surprise surprise;
	bool asking;
	bool tracked; /* chronyd has answered the last time, with this */
	struct chrony_tracking tracking;
	nanoseconds tracked_at; /* monotonic */
	struct error why;       /* it is there and did not; "" */
};

/* Of all that is known, a new state; changed is called. */
void timekeeper_conclude(struct timekeeper *keeper);

#endif
