/* SPDX-License-Identifier: BSD-2-Clause */
/* Fleets with a truth before the court, in virtual time. */
#include "collector/court.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/court_fleet.h"

#define PPM 1e-6

/* A bound of 20 ms is no lie, but the others are right to a third of one. */
static void
a_box_within_its_bound_is_off(void **state)
{
	struct court_fleet *f = court_fleet_new(BOXES, 13, CLAIM);

	f->claims[2].error = 20 * MS;
	f->clocks[2].offset = 5 * MS;
	court_fleet_minute(f);
	assert_int_equal(court_finding(f->court, 2)->verdict, COURT_OFF);
	assert_int_equal(court_fleet_named(f), 1);
	court_fleet_free(f);
}

static void
one_asymmetric_route_leaves_all_fine(void **state)
{
	struct court_fleet *f = court_fleet_new(BOXES, 1, CLAIM);

	*court_fleet_base(f, 2, 5) += 5 * MS;
	court_fleet_minute(f);
	assert_int_equal(court_fleet_count(f, COURT_FINE), BOXES);
	court_fleet_free(f);
}

/* No routes explain what is outside of the interval. */
static void
what_cannot_be_is_proof(void **state)
{
	struct court_fleet *f = court_fleet_new(BOXES, 5, CLAIM);
	const struct court_finding *found = court_finding(f->court, 0);

	f->clocks[0].offset = 300 * MS;
	court_fleet_minute(f);
	assert_int_equal(found->verdict, COURT_WRONG);
	assert_int_equal(found->reason, COURT_PROOF);
	assert_true(found->least <= 300 * MS && found->most >= 300 * MS);
	assert_true(found->proof > 100 * MS);
	court_fleet_free(f);
}

static void
two_boxes_cannot_tell(void **state)
{
	struct court_fleet *f = court_fleet_new(2, 6, CLAIM);

	court_fleet_minute(f);
	assert_int_equal(court_fleet_count(f, COURT_FINE), 2);
	f->clocks[0].offset = 500 * MS;
	court_fleet_minute(f);
	assert_int_equal(court_fleet_count(f, COURT_CANNOT_TELL), 2);
	assert_int_equal(court_finding(f->court, 0)->reason, COURT_TIE);
	court_fleet_free(f);
}

static void
without_claims_all_is_relative(void **state)
{
	struct court_fleet *f = court_fleet_new(BOXES, 7, CLAIM);
	double middle;

	for (size_t i = 0; i < BOXES; i++) {
		f->claims[i].bounded = false;
		f->clocks[i].offset = chance_between(&f->chance, -1, 1);
	}
	court_fleet_minute(f);
	assert_int_equal(court_fleet_count(f, COURT_RELATIVE), BOXES);
	middle = court_finding(f->court, 0)->offset - f->clocks[0].offset;
	for (size_t i = 1; i < BOXES; i++)
		assert_true(fabs(court_finding(f->court, i)->offset -
				 f->clocks[i].offset - middle) < 0.5 * MS);
	assert_true(isinf(court_finding(f->court, 0)->most));
	court_fleet_free(f);
}

static void
a_box_that_measures_with_nobody_is_unchecked(void **state)
{
	struct court_fleet *f = court_fleet_new(BOXES, 8, CLAIM);

	for (size_t i = 1; i < BOXES; i++)
		*court_fleet_base(f, i, 0) = NAN;
	court_fleet_minute(f);
	assert_int_equal(court_finding(f->court, 0)->verdict, COURT_UNCHECKED);
	assert_true(isnan(court_finding(f->court, 0)->offset));
	assert_int_equal(court_fleet_count(f, COURT_FINE), BOXES - 1);
	court_fleet_free(f);
}

/* A single clock that says how good it is can be contradicted by nobody. */
static void
one_claim_is_unchecked(void **state)
{
	struct court_fleet *f = court_fleet_new(BOXES, 9, CLAIM);

	for (size_t i = 1; i < BOXES; i++)
		f->claims[i].bounded = false;
	f->clocks[0].offset = 1;
	court_fleet_minute(f);
	assert_int_equal(court_finding(f->court, 0)->verdict, COURT_UNCHECKED);
	assert_int_equal(court_fleet_named(f), 0);
	court_fleet_free(f);
}

static void
rates_are_found(void **state)
{
	struct court_fleet *f = court_fleet_new(BOXES, 10, CLAIM);
	const struct court_finding *found = court_finding(f->court, 1);

	f->clocks[1].rate = 40 * PPM;
	f->claims[1].bounded = false;
	for (int minute = 0; minute < 12; minute++)
		court_fleet_minute(f);
	if (fabs(found->rate - 40 * PPM) > fmax(found->rate_error, PPM))
		fail_msg("%.3f +- %.3f ppm", found->rate / PPM,
		    found->rate_error / PPM);
	assert_true(found->rate_error < PPM);
	assert_true(fabs(court_finding(f->court, 2)->rate) < PPM);
	court_fleet_free(f);
}

/* Slower than any route's doubt, but it goes on. */
static void
a_clock_that_runs_away_is_named(void **state)
{
	struct court_fleet *f = court_fleet_new(BOXES, 11, CLAIM);

	f->clocks[6].rate = 10 * PPM;
	for (int minute = 0; minute < 12; minute++)
		court_fleet_minute(f);
	court_fleet_expect_named(f, 6);
	court_fleet_free(f);
}

/* As if each stamp of a host that is busy came late by less than it says. */
static void
what_a_hosts_stamps_are_off_by_is_no_finding(void **state)
{
	struct court_fleet *f = court_fleet_new(BOXES, 15, 50e-6);
	const struct court_finding *found = court_finding(f->court, 3);

	f->jitter = 20e-6;
	f->clocks[3].offset = 0.6 * MS;
	court_fleet_minute(f);
	assert_int_equal(found->verdict, COURT_CANNOT_TELL);
	f->claims[3].host = MS;
	court_fleet_minute(f);
	assert_int_equal(found->verdict, COURT_FINE);
	assert_true(found->excess == 0);
	f->clocks[3].offset = 500 * MS;
	court_fleet_minute(f);
	assert_int_equal(found->verdict, COURT_WRONG);
	assert_int_equal(court_fleet_named(f), 1);
	court_fleet_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_box_within_its_bound_is_off),
	    cmocka_unit_test(one_asymmetric_route_leaves_all_fine),
	    cmocka_unit_test(what_cannot_be_is_proof),
	    cmocka_unit_test(two_boxes_cannot_tell),
	    cmocka_unit_test(without_claims_all_is_relative),
	    cmocka_unit_test(a_box_that_measures_with_nobody_is_unchecked),
	    cmocka_unit_test(one_claim_is_unchecked),
	    cmocka_unit_test(rates_are_found),
	    cmocka_unit_test(a_clock_that_runs_away_is_named),
	    cmocka_unit_test(what_a_hosts_stamps_are_off_by_is_no_finding),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
