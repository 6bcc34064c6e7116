/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/court_fleet.h"

#include <math.h>
#include <stdlib.h>

#include "common/memory.h"

#define BEGIN (1795300000 * NS_PER_S)
#define SECONDS 60
#define GAP 0.5 /* seconds between packets */
#define LAST 40 /* seconds until the last third */

double *
court_fleet_base(struct court_fleet *fleet, size_t from, size_t to)
{
	return (&fleet->base[from * fleet->boxes + to]);
}

struct court_fleet *
court_fleet_new(size_t boxes, uint64_t seed, double claim)
{
	struct court_fleet *f = memory_new(1, sizeof(*f));

	f->boxes = boxes;
	f->chance.state = seed;
	f->clocks = memory_new(boxes, sizeof(*f->clocks));
	f->claims = memory_new(boxes, sizeof(*f->claims));
	f->base = memory_new(boxes * boxes, sizeof(*f->base));
	f->pairs = memory_new(boxes * boxes, sizeof(*f->pairs));
	f->court = court_new(boxes);
	f->jitter = 2e-3;
	f->loss = 0.05;
	for (size_t i = 0; i < boxes; i++) {
		f->claims[i] = (struct court_claim){true, claim};
		f->clocks[i].offset =
		    chance_between(&f->chance, -claim / 3, claim / 3);
		for (size_t j = 0; j < i; j++)
			*court_fleet_base(f, i, j) = *court_fleet_base(
			    f, j, i) = chance_between(&f->chance, 1e-3, 100e-3);
	}
	return (f);
}

void
court_fleet_free(struct court_fleet *fleet)
{
	court_free(fleet->court);
	free(fleet->clocks);
	free(fleet->claims);
	free(fleet->base);
	free(fleet->pairs);
	free(fleet);
}

double
court_fleet_truth(const struct court_fleet *fleet, size_t box, double time)
{
	const struct court_clock *c = &fleet->clocks[box];

	return (c->offset + c->rate * time +
		(c->step != 0 && time >= c->step_at ? c->step : 0));
}

/* The least of the minute, and of its last third. */
static double
least_of_minute(struct court_fleet *f, size_t from, size_t to, double *last)
{
	double base = *court_fleet_base(f, from, to), least = INFINITY;

	*last = NAN;
	if (isnan(base))
		return (NAN);
	for (double t = 0; t < SECONDS; t += GAP) {
		double at = f->time + t;
		double delay = base + court_fleet_truth(f, to, at) -
			       court_fleet_truth(f, from, at) +
			       chance_exponential(&f->chance, f->jitter);

		if (t >= LAST && from == f->queued)
			delay += f->queue;
		if (chance_uniform(&f->chance) < f->loss)
			continue;
		least = fmin(least, delay);
		if (t >= LAST)
			*last = fmin(*last, delay);
	}
	return (isinf(least) ? NAN : least);
}

static void
measure_pair(struct court_fleet *f, size_t a, size_t b, struct court_pair *pair)
{
	*pair = (struct court_pair){.a = (uint32_t)a,
	    .b = (uint32_t)b,
	    .at = court_fleet_now(f) + COURT_MINUTE / 2,
	    .span = SECONDS};
	pair->there = least_of_minute(f, a, b, &pair->last_there);
	pair->back = least_of_minute(f, b, a, &pair->last_back);
}

void
court_fleet_measure(struct court_fleet *f)
{
	f->pair_count = 0;
	for (size_t i = 0; i < f->boxes; i++)
		for (size_t j = i + 1; j < f->boxes; j++)
			measure_pair(f, i, j, &f->pairs[f->pair_count++]);
	f->time += SECONDS;
}

nanoseconds
court_fleet_now(const struct court_fleet *fleet)
{
	return (BEGIN + clock_of_seconds(fleet->time));
}

void
court_fleet_minute(struct court_fleet *f)
{
	court_fleet_measure(f);
	court_sit(
	    f->court, court_fleet_now(f), f->claims, f->pairs, f->pair_count);
}
