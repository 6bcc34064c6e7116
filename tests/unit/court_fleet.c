/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/court_fleet.h"

#include <math.h>
#include <stdlib.h>

#include "common/memory.h"

#define BEGIN (1795300000 * NS_PER_S)
#define SECONDS 60
#define GAP 0.5 /* seconds between packets */

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

static double
least_of_minute(struct court_fleet *f, size_t from, size_t to)
{
	double base = *court_fleet_base(f, from, to), least = INFINITY;

	if (isnan(base))
		return (NAN);
	for (double t = f->time; t < f->time + SECONDS; t += GAP) {
		double delay = base + court_fleet_truth(f, to, t) -
			       court_fleet_truth(f, from, t) +
			       chance_exponential(&f->chance, f->jitter);

		if (chance_uniform(&f->chance) >= f->loss)
			least = fmin(least, delay);
	}
	return (isinf(least) ? NAN : least);
}

void
court_fleet_measure(struct court_fleet *f)
{
	f->pair_count = 0;
	for (size_t i = 0; i < f->boxes; i++)
		for (size_t j = i + 1; j < f->boxes; j++)
			f->pairs[f->pair_count++] =
			    (struct court_pair){.a = (uint32_t)i,
				.b = (uint32_t)j,
				.there = least_of_minute(f, i, j),
				.back = least_of_minute(f, j, i),
				.at = court_fleet_now(f) + COURT_MINUTE / 2,
				.span = SECONDS};
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
