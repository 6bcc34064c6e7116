/* SPDX-License-Identifier: BSD-2-Clause */
/* What holds in each of many fleets, no two of which are alike. */
#include "collector/court.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/court_fleet.h"

#define FLEETS 100

/* Some routes are longer by 5 ms one way. */
static void
make_asymmetric(struct court_fleet *fleet, size_t routes)
{
	while (routes-- > 0) {
		size_t a = (size_t)chance_between(&fleet->chance, 0, BOXES);
		size_t b = (size_t)chance_between(&fleet->chance, 0, BOXES - 1);

		*court_fleet_base(fleet, a, b + (b >= a)) += 5 * MS;
	}
}

/* Two minutes in, a box is about to step by 5 ms: within so many seconds. */
static struct court_fleet *
fleet_before_step(uint64_t seed, size_t routes, double within)
{
	struct court_fleet *f = court_fleet_new(BOXES, seed, CLAIM);
	struct court_clock *liar = &f->clocks[seed % BOXES];

	make_asymmetric(f, routes);
	court_fleet_minute(f);
	court_fleet_minute(f);
	liar->step = seed % 2 == 0 ? 5 * MS : -5 * MS;
	liar->step_at = f->time + chance_between(&f->chance, 0, within);
	return (f);
}

/* It is named, and nobody else, and its offset is found: how far from the truth, in
 * seconds. */
static double
expect_step(const struct court_fleet *f, size_t liar)
{
	const struct court_finding *found = court_finding(f->court, liar);
	double truth = court_fleet_truth(f, liar, f->time);
	double wrong = fabs(found->offset - truth);

	court_fleet_expect_named(f, liar);
	if (wrong > found->error)
		court_fleet_fail(f, "the offset is another");
	return (wrong);
}

/* The must of the issue: named within two minutes of the step, and nobody else. */
static void
a_box_that_is_5_ms_wrong_is_named_within_two_minutes(void **state)
{
	double worst = 0;
	size_t proofs = 0;

	for (uint64_t seed = 1; seed <= FLEETS; seed++) {
		struct court_fleet *f = fleet_before_step(seed, seed % 4, 60);
		size_t liar = seed % BOXES;
		const struct court_finding *found =
		    court_finding(f->court, liar);

		court_fleet_minute(f);
		court_fleet_minute(f); /* two minutes at most */
		worst = fmax(worst, expect_step(f, liar));
		if (found->since < court_fleet_now(f) - 3 * COURT_MINUTE)
			court_fleet_fail(f, "it was named before");
		proofs += found->reason == COURT_PROOF;
		court_fleet_free(f);
	}
	print_message(
	    "# seeds 1 to %d: all named, offset within %.3f ms, %zu by "
	    "proof\n",
	    FLEETS, worst / MS, proofs);
}

/* Not a minute later: the least delays of the last third are of after it. */
static void
a_step_is_named_by_the_minute_that_it_is_in(void **state)
{
	for (uint64_t seed = 4001; seed <= 4000 + FLEETS; seed++) {
		struct court_fleet *f = fleet_before_step(seed, seed % 3, 39);

		court_fleet_minute(f);
		expect_step(f, seed % BOXES);
		court_fleet_free(f);
	}
}

/* Packets of a box wait for others at the end of a minute. */
static void
a_queue_is_not_called_a_clock(void **state)
{
	for (uint64_t seed = 5001; seed <= 5000 + FLEETS; seed++) {
		struct court_fleet *f = court_fleet_new(BOXES, seed, CLAIM);

		f->queued = seed % BOXES;
		court_fleet_minute(f);
		f->queue = chance_between(&f->chance, 1 * MS, 50 * MS);
		for (int minute = 0; minute < 3; minute++) {
			court_fleet_minute(f);
			court_fleet_expect_nobody(
			    f, "a queue is called a clock");
		}
		court_fleet_free(f);
	}
}

static void
nobody_is_named_falsely_in_a_hundred_fleets(void **state)
{
	size_t fine = 0, unsure = 0;

	for (uint64_t seed = 1; seed <= FLEETS; seed++) {
		struct court_fleet *f =
		    court_fleet_new(BOXES, 1000 + seed, CLAIM);

		make_asymmetric(f, seed % 6);
		f->jitter = chance_between(&f->chance, 0.2 * MS, 5 * MS);
		f->loss = chance_between(&f->chance, 0, 0.3);
		for (int minute = 0; minute < 10; minute++) {
			court_fleet_minute(f);
			court_fleet_expect_nobody(f, "named falsely");
		}
		fine += court_fleet_count(f, COURT_FINE);
		unsure += court_fleet_count(f, COURT_CANNOT_TELL);
		court_fleet_free(f);
	}
	print_message(
	    "# seeds 1001 to %d: nobody named, %zu boxes fine, of %zu "
	    "it cannot tell\n",
	    1000 + FLEETS, fine, unsure);
	assert_true(fine > unsure * 10);
}

/* Half of a box's routes, all of them, or those between two groups. */
static void
lengthen(struct court_fleet *f, size_t kind, size_t box)
{
	for (size_t i = 0; i < BOXES; i++)
		if (kind == 0 && i != box && i % 2 == 0)
			*court_fleet_base(f, box, i) += 5 * MS;
		else if (kind == 1 && i != box)
			*court_fleet_base(f, box, i) += 5 * MS;
		else if (kind == 2 && i < 5)
			for (size_t j = 5; j < BOXES; j++)
				*court_fleet_base(f, i, j) += 5 * MS;
}

static void
asymmetric_routes_are_not_called_clocks(void **state)
{
	for (uint64_t seed = 2001; seed <= 2000 + FLEETS; seed++) {
		struct court_fleet *f = court_fleet_new(BOXES, seed, CLAIM);

		for (size_t minute = 0; minute < 10; minute++) {
			if (minute == seed % 5)
				lengthen(f, seed % 3, seed % BOXES);
			court_fleet_minute(f);
			court_fleet_expect_nobody(
			    f, "routes are called a clock");
		}
		if (court_fleet_count(f, COURT_CANNOT_TELL) == 0)
			court_fleet_fail(f, "expected that it cannot tell");
		court_fleet_free(f);
	}
}

/* It says that it is right to a microsecond. */
static void
a_box_that_lies_about_its_bound_is_found(void **state)
{
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct court_fleet *f =
		    court_fleet_new(BOXES, 3000 + seed, 2 * MS);

		f->claims[3].error = 1e-6;
		f->clocks[3].offset = 40 * MS;
		court_fleet_minute(f);
		court_fleet_expect_named(f, 3);
		assert_int_equal(
		    court_finding(f->court, 3)->verdict, COURT_WRONG);
		court_fleet_free(f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		a_box_that_is_5_ms_wrong_is_named_within_two_minutes),
	    cmocka_unit_test(a_step_is_named_by_the_minute_that_it_is_in),
	    cmocka_unit_test(a_queue_is_not_called_a_clock),
	    cmocka_unit_test(nobody_is_named_falsely_in_a_hundred_fleets),
	    cmocka_unit_test(asymmetric_routes_are_not_called_clocks),
	    cmocka_unit_test(a_box_that_lies_about_its_bound_is_found),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
