/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What each clock can be at most and at least, whatever the routes are.
 *
 * A packet that b has from a after `there` left a no later: o_b - o_a <= there.
 * From boxes whose own bounds are believed, shortest paths lead to all others.
 */
#include <math.h>
#include <stdlib.h>

#include "collector/court_private.h"
#include "common/memory.h"

#define PASSES 32    /* hops that a path has at most */
#define STAMP 50e-6  /* seconds: what two stamps may be off at least */
#define DRIFT 100e-6 /* s/s: how fast a clock may be that nobody knows */

/* A claim holds all the time; what nobody claims moves meanwhile. */
static double
slack_of(const struct court_pair *p, const struct court_claim *claims,
    const struct mesh_rates *rates)
{
	double time = p->span / 2 + fabs(clock_seconds(rates->at - p->at));
	double rate = 0;

	for (int i = 0; i < 2; i++) {
		uint32_t box = i == 0 ? p->a : p->b;

		if (!claims[box].bounded)
			rate += fmax(2 * fabs(rates->rate[box]), DRIFT);
	}
	return (
	    fmax(STAMP, claims[p->a].host + claims[p->b].host) + rate * time);
}

static bool
lower(double *value, double to)
{
	/* by a nanosecond it is not worth another pass */
	if (!(to < *value - 1e-9))
		return (false);
	*value = to;
	return (true);
}

static bool
raise(double *value, double to)
{
	if (!(to > *value + 1e-9))
		return (false);
	*value = to;
	return (true);
}

static bool
pass(struct bounds *b, const struct court_pair *pairs, size_t count,
    const double *slack)
{
	bool changed = false;

	for (size_t i = 0; i < count; i++) {
		const struct court_pair *p = &pairs[i];

		if (!isnan(p->there)) {
			double d = p->there + slack[i];

			changed |= lower(&b->most[p->b], b->most[p->a] + d);
			changed |= raise(&b->least[p->a], b->least[p->b] - d);
		}
		if (!isnan(p->back)) {
			double d = p->back + slack[i];

			changed |= lower(&b->most[p->a], b->most[p->b] + d);
			changed |= raise(&b->least[p->b], b->least[p->a] - d);
		}
	}
	return (changed);
}

void
bounds_find(struct bounds *bounds, size_t boxes,
    const struct court_claim *claims, const bool *trusted,
    const struct court_pair *pairs, size_t count,
    const struct mesh_rates *rates)
{
	double *slack = memory_new(count, sizeof(*slack));

	bounds->least = memory_new(boxes, sizeof(double));
	bounds->most = memory_new(boxes, sizeof(double));
	for (size_t i = 0; i < boxes; i++) {
		bounds->most[i] = trusted[i] ? claims[i].error : INFINITY;
		bounds->least[i] = -bounds->most[i];
	}
	for (size_t i = 0; i < count; i++)
		slack[i] = slack_of(&pairs[i], claims, rates);
	for (int k = 0; k < PASSES; k++)
		if (!pass(bounds, pairs, count, slack))
			break;
	free(slack);
}
