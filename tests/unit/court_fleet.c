/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/court_fleet.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

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
	f->seed = seed;
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

static void
print_finding(const struct court_fleet *fleet, size_t box)
{
	const struct court_finding *f = court_finding(fleet->court, box);

	print_message("# box %zu: %s (%s), %.3f ms +- %.3f, true %.3f, "
		      "%.1f to %.1f, %zu pairs: %zu agree, %zu against, "
		      "claims %zu of %zu, excess %.3f ms, asymmetry %.3f, "
		      "proof %.3f\n",
	    box, court_verdict_names[f->verdict], court_reason_names[f->reason],
	    f->offset / MS, f->error / MS,
	    court_fleet_truth(fleet, box, fleet->time) / MS, f->least / MS,
	    f->most / MS, f->pairs, f->agree, f->against, f->trust, f->claims,
	    f->excess / MS, f->asymmetry / MS, f->proof / MS);
}

void
court_fleet_fail(const struct court_fleet *fleet, const char *why)
{
	for (size_t i = 0; i < fleet->boxes; i++)
		print_finding(fleet, i);
	fail_msg("seed %u, minute %d: %s", (unsigned)fleet->seed,
	    (int)(fleet->time / SECONDS), why);
}

static bool
is_named(const struct court_fleet *fleet, size_t box)
{
	enum court_verdict verdict = court_finding(fleet->court, box)->verdict;

	return (verdict == COURT_WRONG || verdict == COURT_OFF);
}

size_t
court_fleet_named(const struct court_fleet *fleet)
{
	size_t named = 0;

	for (size_t i = 0; i < fleet->boxes; i++)
		named += is_named(fleet, i);
	return (named);
}

size_t
court_fleet_count(const struct court_fleet *fleet, enum court_verdict verdict)
{
	size_t count = 0;

	for (size_t i = 0; i < fleet->boxes; i++)
		count += court_finding(fleet->court, i)->verdict == verdict;
	return (count);
}

void
court_fleet_expect_named(const struct court_fleet *fleet, size_t box)
{
	char why[64];

	if (court_fleet_named(fleet) == 1 && is_named(fleet, box))
		return;
	snprintf(why, sizeof(why), "expected box %zu to be named alone", box);
	court_fleet_fail(fleet, why);
}

void
court_fleet_expect_nobody(const struct court_fleet *fleet, const char *why)
{
	if (court_fleet_named(fleet) > 0)
		court_fleet_fail(fleet, why);
}
