/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/behind.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/memory.h"
#include "common/name.h"
#include "common/unit.h"

#define NEVER (INT64_MIN / 2)

/* Kept as a difference to the clock that nobody sets, so that it stays true when
 * the wall-clock is set. */
struct voice {
	char box[NAME_TEXT];
	nanoseconds offset; /* its wall-clock less our monotonic */
	nanoseconds heard;  /* monotonic */
	bool kept;          /* right, by something */
	bool met;           /* it has said hello */
};

struct behind {
	void *voices; /* tsearch() of struct voice */
	nanoseconds seen;
	nanoseconds
	    alone; /* monotonic, since when only memory says so; 0: no */
	bool undoubted;
};

/* What the boxes say, of all who count. */
struct count {
	nanoseconds wall, monotonic;
	size_t all, early, late; /* early: their clocks are ahead of ours */
	nanoseconds least;       /* of the early ones: how far behind we are */
};

static int
by_box(const void *a, const void *b)
{
	const struct voice *one = a, *other = b;

	return (strcmp(one->box, other->box));
}

struct behind *
behind_new(void)
{
	return (memory_new(1, sizeof(struct behind)));
}

void
behind_free(struct behind *behind)
{
	if (behind == NULL)
		return;
	tdestroy(behind->voices, free);
	free(behind);
}

void
behind_seen(struct behind *behind, nanoseconds wall)
{
	behind->seen = wall;
}

static struct voice *
obtain(struct behind *behind, const char *box)
{
	struct voice *voice = memory_new(1, sizeof(*voice)), **known;

	snprintf(voice->box, sizeof(voice->box), "%s", box);
	voice->heard = NEVER;
	known = tsearch(voice, &behind->voices, by_box);
	if (*known != voice)
		free(voice);
	return (*known);
}

void
behind_told(struct behind *behind, const char *box, nanoseconds theirs,
    bool kept, nanoseconds monotonic)
{
	struct voice *voice = obtain(behind, box);

	voice->offset = theirs - monotonic;
	voice->heard = monotonic;
	voice->kept = kept;
}

void
behind_met(struct behind *behind, const char *box)
{
	obtain(behind, box)->met = true;
}

bool
behind_knows(const struct behind *behind, const char *box)
{
	struct voice voice, **known;

	snprintf(voice.box, sizeof(voice.box), "%s", box);
	known = tfind(&voice, &behind->voices, by_box);
	return (known != NULL && (*known)->met);
}

static void
ask(const void *node, VISIT visit, void *arg)
{
	const struct voice *voice = *(struct voice *const *)node;
	struct count *count = arg;
	nanoseconds ahead = voice->offset + count->monotonic - count->wall;

	if ((visit != postorder && visit != leaf) ||
	    count->monotonic - voice->heard > BEHIND_HEARD ||
	    (!voice->kept && llabs(ahead) > BEHIND_LEAST))
		return;
	count->all++;
	count->late += ahead < -BEHIND_LEAST;
	if (ahead <= BEHIND_LEAST)
		return;
	if (count->early++ == 0 || ahead < count->least)
		count->least = ahead;
}

/* One that the boxes do not share is given up some day. */
static bool
memory_counts(struct behind *behind, const struct count *count)
{
	if (2 * count->early > count->all) {
		behind->alone = 0;
		return (true);
	}
	if (behind->alone == 0)
		behind->alone = count->monotonic;
	if (count->monotonic - behind->alone < BEHIND_PATIENCE)
		return (true);
	behind->seen = behind->alone = 0;
	return (false);
}

static void
explain(
    const struct behind *behind, const struct count *count, struct error *why)
{
	char now[40], by[UNIT_TEXT];

	clock_format(count->wall, 0, now);
	if (count->early > 0)
		error_set(why,
		    "the collector's clock (%s) is %s behind, say %zu of %zu "
		    "boxes; set it right",
		    now,
		    unit_format(UNIT_SECONDS, clock_seconds(count->least), by),
		    count->early, count->all);
	else
		error_set(why,
		    "the collector's clock (%s) is %s behind what it has said "
		    "before; set it right",
		    now,
		    unit_format(UNIT_SECONDS,
			clock_seconds(behind->seen - count->wall), by));
}

bool
behind_judge(struct behind *behind, nanoseconds wall, nanoseconds monotonic,
    bool synchronised, struct error *why)
{
	struct count count = {.wall = wall, .monotonic = monotonic};
	bool remembers = behind->seen - wall > BEHIND_LEAST, is;

	twalk_r(behind->voices, ask, &count);
	is = 2 * count.early > count.all ||
	     (remembers && 2 * count.early + 1 >= count.all);
	if (is && synchronised)
		is = false;
	else if (is && remembers)
		is = memory_counts(behind, &count);
	else
		behind->alone = 0;
	behind->undoubted = !is && count.all > 0 && 2 * count.late <= count.all;
	if (is)
		explain(behind, &count, why);
	return (is);
}

bool
behind_undoubted(const struct behind *behind)
{
	return (behind->undoubted);
}
