/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/witness.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/unit.h"

#define WANDER 15e-6 /* of a clock that was tuned: PHI of RFC 5905 */

/* How far about its offset the truth may be. */
static double
reach(const struct discipline *state, nanoseconds now)
{
	return (discipline_error_at(state, now) - fabs(state->parts.offset));
}

/* The kernel's bound has no offset: it is about 0. */
static double
apart(const struct discipline *a, const struct discipline *b)
{
	return (a->parts.offset - b->parts.offset);
}

static void
say_seconds(
    struct discipline *best, const struct discipline *kept, double seconds)
{
	snprintf(best->trouble, sizeof(best->trouble),
	    "gpsd's time is %.0f s %s %s's and is not believed: has its "
	    "receiver heard of all leap seconds? That takes up to 13 min",
	    fabs(seconds), seconds < 0 ? "ahead of" : "behind", kept->source);
}

static void
say_contradiction(struct discipline *best, const struct discipline *kept,
    const struct discipline *gps)
{
	char by[UNIT_TEXT];

	snprintf(best->trouble, sizeof(best->trouble),
	    "gpsd and %s contradict each other by %s: one of them is wrong, "
	    "and the bound has room for both",
	    kept->source,
	    unit_format(UNIT_SECONDS, fabs(apart(gps, kept)), by));
}

static void
pick_of_two(struct discipline *best, const struct discipline *kept,
    const struct discipline *gps, nanoseconds now)
{
	double room = reach(kept, now) + reach(gps, now);
	double off = apart(gps, kept), seconds = round(off);
	bool closer =
	    discipline_error_at(gps, now) < discipline_error_at(kept, now);

	*best = *kept;
	if (fabs(off) <= room) {
		if (closer)
			*best = *gps;
		return;
	}
	/* text that is up to a second late has room for the nearest two */
	if (seconds != 0 && fabs(off - seconds) <= room) {
		say_seconds(best, kept, seconds);
		return;
	}
	if (!closer)
		*best = *gps;
	say_contradiction(best, kept, gps);
}

void
witness_pick(struct discipline *best, const struct discipline *kept,
    const struct discipline *gps, nanoseconds now)
{
	bool keeps = discipline_bounded_at(kept, now);
	bool knows = gps != NULL && discipline_bounded_at(gps, now);

	if (keeps && knows)
		pick_of_two(best, kept, gps, now);
	else
		*best = knows ? *gps : *kept;
	if (gps != NULL && !knows && gps->trouble[0] != '\0' &&
	    best->trouble[0] == '\0')
		strcpy(best->trouble, gps->trouble);
}

void
witness_hold(struct discipline *best, const struct discipline *last,
    double drift, nanoseconds now)
{
	struct discipline held = *last;
	bool same = strcmp(best->source, last->source) == 0;

	if (!held.held) {
		held.held = true;
		held.growth = fmax(held.growth, WANDER) + fabs(drift) * 1e-6;
	}
	if ((same && best->bounded) || !discipline_bounded_at(&held, now) ||
	    discipline_error_at(best, now) <= discipline_error_at(&held, now))
		return;
	strcpy(held.trouble, best->trouble);
	*best = held;
}
