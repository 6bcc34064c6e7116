/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/intervals.h"

#include <stdlib.h>

static nanoseconds
end_of(nanoseconds length, nanoseconds from)
{
	return (from - from % length + length);
}

void
intervals_begin(struct intervals *intervals, nanoseconds length,
    nanoseconds wall, nanoseconds monotonic)
{
	intervals->length = length;
	intervals->from = intervals->owed = wall;
	intervals->to = end_of(length, wall);
	intervals->offset = wall - monotonic;
}

/* What the clock would read had nobody touched it; not beyond the end. */
static void
break_off(struct intervals *intervals, nanoseconds monotonic,
    struct intervals_over *over)
{
	nanoseconds wall = monotonic + intervals->offset;

	over->from = intervals->from;
	over->to = wall < intervals->to ? wall : intervals->to;
	if (over->to < over->from)
		over->to = over->from;
}

enum intervals_news
intervals_look(struct intervals *intervals, nanoseconds wall,
    nanoseconds monotonic, struct intervals_over *over)
{
	nanoseconds offset = wall - monotonic;

	if (llabs(offset - intervals->offset) >= INTERVALS_GRACE ||
	    wall >= intervals->to + intervals->length) {
		break_off(intervals, monotonic, over);
		return (INTERVALS_BROKEN);
	}
	intervals->offset = offset;
	if (wall < intervals->to)
		return (INTERVALS_GO_ON);
	over->from = intervals->from;
	over->to = intervals->from = intervals->to;
	intervals->to += intervals->length;
	return (INTERVALS_OVER);
}

bool
intervals_report(struct intervals *intervals, nanoseconds from, nanoseconds to)
{
	if (from != intervals->owed || from >= intervals->from ||
	    to != end_of(intervals->length, from))
		return (false);
	intervals->owed = to;
	return (true);
}

nanoseconds
intervals_deadline(const struct intervals *intervals, nanoseconds patience)
{
	if (intervals->owed == intervals->from)
		return (INT64_MAX);
	return (end_of(intervals->length, intervals->owed) - intervals->offset +
		patience);
}

nanoseconds
intervals_next(const struct intervals *intervals)
{
	return (intervals->to - intervals->offset);
}
