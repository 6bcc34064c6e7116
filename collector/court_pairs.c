/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which of a pair's minima are of its clocks as they are now.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collector/court_private.h"
#include "common/memory.h"

#define PARTS 3.0    /* the last third */
#define NEWS 0.5e-3  /* seconds: so far a clock has gone, or it can wait */
#define TOGETHER 0.5 /* of that: routes and queues are what they were */

void
pairs_remember(struct pairs_past *past, size_t boxes)
{
	past->boxes = boxes;
	past->round = memory_new(boxes * (boxes + 1) / 2, sizeof(*past->round));
}

void
pairs_forget(struct pairs_past *past)
{
	free(past->round);
}

static float *
round_of(struct pairs_past *past, const struct court_pair *p)
{
	size_t low = p->a < p->b ? p->a : p->b;
	size_t high = p->a < p->b ? p->b : p->a;

	return (&past->round[high * (high + 1) / 2 + low]);
}

/* False: the least of all will do. */
static bool
is_news(const struct court_pair *p, double round)
{
	double moved =
	    fabs((p->last_there - p->last_back) - (p->there - p->back)) / 2;
	double apart = fabs(p->last_there + p->last_back - round);

	/* what is not known compares as false */
	return (round > 0 && moved > NEWS && apart < TOGETHER * moved);
}

static void
take_last(struct court_pair *p)
{
	double rest = p->span / PARTS;

	p->there = p->last_there;
	p->back = p->last_back;
	p->at += clock_of_seconds((p->span - rest) / 2);
	p->span = rest;
}

struct court_pair *
pairs_now(struct pairs_past *past, const struct court_pair *pairs, size_t count)
{
	struct court_pair *now = memory_new(count, sizeof(*now));

	if (count > 0)
		memcpy(now, pairs, count * sizeof(*now));
	for (size_t i = 0; i < count; i++) {
		float *round = round_of(past, &now[i]);

		if (isnan(now[i].there) || isnan(now[i].back) ||
		    isnan(now[i].last_there) || isnan(now[i].last_back))
			continue;
		if (is_news(&now[i], *round))
			take_last(&now[i]);
		*round = (float)(now[i].there + now[i].back);
	}
	return (now);
}
