/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gpsd.h - what a satellite receiver says of this clock, through gpsd.
 *
 * gpsd disciplines nothing; it knows how far this clock is from GPS. Its JSON
 * comes over TCP, a line each, and is read with json-c, so that libgps is not
 * needed: TPV (fix), SKY (satellites), TOFF (when the text of a second came in)
 * and PPS (when its pulse did), the latter two with both clocks.
 *
 * A pulse bounds the error to microseconds. The text comes late by what nobody
 * knows, up to a second: that is worth no more than a wrong second noticed.
 */
#ifndef PHAROS_COMMON_GPSD_H
#define PHAROS_COMMON_GPSD_H

#include <stdbool.h>
#include <stddef.h>

#include "common/discipline.h"

struct event_base;
struct gpsd;

#define GPSD_PORT 2947
#define GPSD_LINE 65536           /* bytes; a longer one ends the connection */
#define GPSD_FLOOD 262144         /* bytes in a second, likewise */
#define GPSD_FRESH (5 * NS_PER_S) /* it speaks every second */

/* This clock beside the receiver's, at a monotonic instant. */
struct gpsd_mark {
	nanoseconds at;     /* 0: none */
	nanoseconds offset; /* this clock less the receiver's */
	double precision;   /* seconds */
};

struct gpsd_state {
	int fix;        /* 2, 3; 0: none */
	int satellites; /* used */
	nanoseconds heard,
	    fixed;  /* monotonic: a TPV, one with a fix; 0: none */
	double ept; /* seconds that its time may be off by */
	struct gpsd_mark text, pulse; /* the last ones */
	struct gpsd_mark first;       /* pulse of a window, for the rate */
	bool paced;                   /* rate is known */
	double rate;                  /* ppm that this clock is fast by */
};

/* A line that came at a monotonic instant. -1: it is none of gpsd's. */
int gpsd_hear(struct gpsd_state *state, const char *line, size_t length,
    nanoseconds at, struct error *err);
/* This clock was set: what it was compared with is no more. */
void gpsd_forget(struct gpsd_state *state);
/* Of this clock, as of the last mark; host's members are left alone. Without a
 * fix, or a fresh mark, there is no bound. */
void gpsd_judge(
    struct discipline *clock, const struct gpsd_state *state, nanoseconds now);

/* The talk with gpsd at 127.0.0.1, and ::1 where that is not there. */
struct gpsd_about {
	int port;                   /* 0: GPSD_PORT */
	void (*changed)(void *arg); /* it has a fix with a time now, or has none
					any more; may be NULL */
	void *arg;
};
struct gpsd *gpsd_new(struct event_base *base, const struct gpsd_about *about);
void gpsd_free(struct gpsd *gpsd); /* NULL is fine */
/* Connects, if it is not; to be done now and then. Never waits. */
void gpsd_look(struct gpsd *gpsd);
/* Borrowed; NULL: nobody is there. why: what was wrong the last time, or NULL. */
const struct gpsd_state *gpsd_state(const struct gpsd *gpsd, const char **why);
/* It has not said yet whether it has a fix, and was not asked long ago. */
bool gpsd_pending(const struct gpsd *gpsd);
void gpsd_step(struct gpsd *gpsd); /* gpsd_forget of its state */

#endif
