/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * intervals.h - the reporting intervals of a stream, by a clock that may be set.
 *
 * They follow one another without a hole and end at the multiples of their
 * length, wall-clock; the first begins when the stream does. Time is handed in:
 * what is due is told by intervals_look. A clock that is set, a suspend, or a
 * process that was stopped for whole intervals ends it all, for nobody knows
 * what of an interval was measured then. A clock that moves by less than
 * INTERVALS_GRACE only moves the next end.
 */
#ifndef PHAROS_AGENT_INTERVALS_H
#define PHAROS_AGENT_INTERVALS_H

#include <stdbool.h>

#include "common/clock.h"

#define INTERVALS_GRACE (2 * NS_PER_S)
/* Why, in records. */
#define INTERVALS_CLOCK_SET \
	"its time had passed: the box slept or its clock was set"

struct intervals {
	nanoseconds length;
	nanoseconds from, to; /* of the one that has begun */
	nanoseconds owed;     /* start of the first that was not reported */
	nanoseconds offset;   /* wall-clock less monotonic, when last seen */
};

enum intervals_news {
	INTERVALS_GO_ON,
	INTERVALS_OVER, /* [over->from, over->to) is to be reported; look again */
	INTERVALS_BROKEN /* the one that has begun ends with over->to, for good */
};

struct intervals_over {
	nanoseconds from, to;
};

void intervals_begin(struct intervals *intervals, nanoseconds length,
    nanoseconds wall, nanoseconds monotonic);
enum intervals_news intervals_look(struct intervals *intervals,
    nanoseconds wall, nanoseconds monotonic, struct intervals_over *over);
/* False: it is not the one that is owed. */
bool intervals_report(
    struct intervals *intervals, nanoseconds from, nanoseconds to);
/* Monotonic: when a report is late that may come `patience` after its interval;
 * INT64_MAX: none is owed. */
nanoseconds intervals_deadline(
    const struct intervals *intervals, nanoseconds patience);
nanoseconds intervals_next(const struct intervals *intervals); /* monotonic */

#endif
