/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/vouch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/unit.h"

#define NOISE \
	(20 * NS_PER_US) /* clocks that were read have not parted by this */

void
vouch_give(struct vouch *vouch, const struct vouch_word *word,
    const struct vouch_apart *apart)
{
	*vouch = (struct vouch){.given = word != NULL && word->error >= 0};
	if (!vouch->given)
		return;
	vouch->error = clock_seconds(word->error);
	memcpy(vouch->because, word->because, sizeof(vouch->because));
	vouch->apart = *apart;
}

static void
end(struct vouch *vouch, const char *what)
{
	char when[40];

	snprintf(vouch->broken, sizeof(vouch->broken),
	    "%s (seen %s), which ends what the operator vouched for; once the "
	    "clock is right, restart pharosd or send it SIGHUP",
	    what, clock_format(clock_wall(), 0, when));
}

bool
vouch_look(struct vouch *vouch, const struct vouch_apart *apart, bool slept)
{
	nanoseconds moved = apart->by - vouch->apart.by;
	char by[UNIT_TEXT], what[64];

	if (!vouch->given || vouch->broken[0] != '\0')
		return (false);
	if (slept) {
		end(vouch, "this host slept");
		return (true);
	}
	if (llabs(moved) <= NOISE + apart->doubt + vouch->apart.doubt)
		return (false);
	snprintf(what, sizeof(what), "this clock was set by %s%s",
	    moved > 0 ? "+" : "",
	    unit_format(UNIT_SECONDS, clock_seconds(moved), by));
	end(vouch, what);
	return (true);
}

/* Does what a source says of its offset leave no room for the word? */
static bool
contradicts(const struct discipline *best, double error, nanoseconds now)
{
	double offset = fabs(best->parts.offset);
	double reach = discipline_error_at(best, now) - offset;

	return (offset > reach + error);
}

static void
say_contradiction(struct discipline *best, const struct vouch *vouch)
{
	char by[UNIT_TEXT], error[UNIT_TEXT];

	snprintf(best->trouble, sizeof(best->trouble),
	    "%s has this clock off by %s, where the operator vouches for %s: "
	    "one of them is wrong, and the wider bound counts",
	    best->source,
	    unit_format(UNIT_SECONDS, fabs(best->parts.offset), by),
	    unit_format(UNIT_SECONDS, vouch->error, error));
}

/* The host's own members stay. */
static void
take_word(const struct vouch *vouch, struct discipline *best, nanoseconds now)
{
	strcpy(best->source, DISCIPLINE_OPERATOR);
	memcpy(best->reference, vouch->because, sizeof(best->reference));
	strcpy(best->formula, "vouched for by the operator, not measured");
	best->stratum = best->fix = best->satellites = 0;
	best->leap = LEAP_UNSYNCHRONISED;
	best->held = best->tuned = false;
	best->bounded = true;
	best->error = vouch->error;
	best->growth = 0;
	best->at = now;
	best->parts = (struct discipline_parts){0, 0, 0};
	best->trouble[0] = '\0';
}

void
vouch_judge(const struct vouch *vouch, struct discipline *best, nanoseconds now)
{
	bool knows = discipline_bounded_at(best, now);

	if (!vouch->given)
		return;
	if (vouch->broken[0] != '\0') {
		if (!knows || best->trouble[0] == '\0')
			strcpy(best->trouble, vouch->broken);
		return;
	}
	if (knows && discipline_error_at(best, now) <= vouch->error)
		return;
	if (knows && contradicts(best, vouch->error, now))
		say_contradiction(best, vouch);
	else
		take_word(vouch, best, now);
}
