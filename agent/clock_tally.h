/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clock_tally.h - what was seen of this host's clock in an interval.
 *
 * A bound grows until the clock is looked at again, so the worst of an interval is
 * that of each word just before it is replaced, and at the end. One instant
 * without a bound, and the interval has none.
 */
#ifndef PHAROS_AGENT_CLOCK_TALLY_H
#define PHAROS_AGENT_CLOCK_TALLY_H

#include <stdint.h>

#include "common/discipline.h"

struct json_object;

struct clock_mean {
	double sum;
	unsigned count;
};

struct clock_tally {
	struct discipline word; /* the last; source "": none yet */
	uint64_t looks, synced;
	double worst; /* seconds; INFINITY: there was no bound */
	double skew;  /* ppm, the largest; < 0: none was told */
	struct clock_mean frequency, offset, steal;
};

/* An interval begins, with what is known then, at a monotonic instant. */
void clock_tally_begin(
    struct clock_tally *tally, const struct discipline *clock, nanoseconds now);
/* There is a new word. */
void clock_tally_look(
    struct clock_tally *tally, const struct discipline *clock, nanoseconds now);
/* The metrics of agent/clock_metrics.c, but those of steps; new reference. */
struct json_object *clock_tally_metrics(
    struct clock_tally *tally, nanoseconds now);

/* Steps, until a record has told them. */
#define CLOCK_STEPS 16
struct clock_steps {     /* zeroed: none */
	unsigned known;  /* of those that the clock's word counts */
	unsigned count;  /* not told yet ... */
	unsigned listed; /* ... and the first of them */
	struct {
		double size;      /* seconds; forward is positive */
		nanoseconds when; /* wall-clock, as set */
	} list[CLOCK_STEPS];
};

void clock_steps_look(
    struct clock_steps *steps, const struct discipline *clock);
/* Adds "steps", and "step" and "stepped" where there are some; all are told. */
void clock_steps_take(struct clock_steps *steps, struct json_object *metrics);

#endif
