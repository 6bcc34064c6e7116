/* SPDX-License-Identifier: BSD-2-Clause */
/* Fleets with a truth before the court, in virtual time. */
#include "collector/court.h"

#include <json-c/json.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/court_fleet.h"

#define MS 1e-3
#define PPM 1e-6
#define BOXES 8
#define FLEETS 100
#define CLAIM MS

static void
print_finding(size_t box, const struct court_finding *f)
{
	print_message("# box %zu: %s (%s), %.3f ms +- %.3f, %.1f to %.1f, %zu "
		      "pairs: %zu agree, %zu against, claims %zu of %zu, "
		      "excess %.3f ms, asymmetry %.3f, proof %.3f\n",
	    box, court_verdict_names[f->verdict], court_reason_names[f->reason],
	    f->offset / MS, f->error / MS, f->least / MS, f->most / MS,
	    f->pairs, f->agree, f->against, f->trust, f->claims, f->excess / MS,
	    f->asymmetry / MS, f->proof / MS);
}

static void
print_all(const struct court_fleet *fleet)
{
	for (size_t i = 0; i < fleet->boxes; i++)
		print_finding(i, court_finding(fleet->court, i));
}

static bool
is_named(const struct court_fleet *fleet, size_t box)
{
	enum court_verdict verdict = court_finding(fleet->court, box)->verdict;

	return (verdict == COURT_WRONG || verdict == COURT_OFF);
}

static size_t
count_named(const struct court_fleet *fleet)
{
	size_t named = 0;

	for (size_t i = 0; i < fleet->boxes; i++)
		named += is_named(fleet, i);
	return (named);
}

static size_t
count_verdict(const struct court_fleet *fleet, enum court_verdict verdict)
{
	size_t count = 0;

	for (size_t i = 0; i < fleet->boxes; i++)
		count += court_finding(fleet->court, i)->verdict == verdict;
	return (count);
}

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

/* The must of the issue: named within two minutes of the step, and nobody else. */
static void
a_box_that_is_5_ms_wrong_is_named_within_two_minutes(void **state)
{
	double worst = 0;
	size_t proofs = 0;

	for (uint64_t seed = 1; seed <= FLEETS; seed++) {
		struct court_fleet *f = court_fleet_new(BOXES, seed, CLAIM);
		size_t liar = seed % BOXES;
		const struct court_finding *found =
		    court_finding(f->court, liar);
		double truth;

		make_asymmetric(f, seed % 4);
		court_fleet_minute(f);
		court_fleet_minute(f);
		f->clocks[liar].step = seed % 2 == 0 ? 5 * MS : -5 * MS;
		f->clocks[liar].step_at =
		    f->time + chance_between(&f->chance, 0, 60);
		court_fleet_minute(f);
		court_fleet_minute(f); /* two minutes at most */
		truth = court_fleet_truth(f, liar, f->time);
		if (count_named(f) != 1 || !is_named(f, liar)) {
			print_all(f);
			fail_msg(
			    "seed %u: box %zu is wrong", (unsigned)seed, liar);
		}
		if (found->since < court_fleet_now(f) - 3 * COURT_MINUTE ||
		    fabs(found->offset - truth) > found->error)
			fail_msg("seed %u: %.3f +- %.3f ms, true %.3f",
			    (unsigned)seed, found->offset / MS,
			    found->error / MS, truth / MS);
		worst = fmax(worst, fabs(found->offset - truth));
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
		struct court_fleet *f = court_fleet_new(BOXES, seed, CLAIM);
		size_t liar = seed % BOXES;
		double truth;

		make_asymmetric(f, seed % 3);
		court_fleet_minute(f);
		court_fleet_minute(f);
		f->clocks[liar].step = seed % 2 == 0 ? 5 * MS : -5 * MS;
		f->clocks[liar].step_at =
		    f->time + chance_between(&f->chance, 0, 39);
		court_fleet_minute(f);
		truth = court_fleet_truth(f, liar, f->time);
		if (count_named(f) != 1 || !is_named(f, liar) ||
		    fabs(court_finding(f->court, liar)->offset - truth) >
			court_finding(f->court, liar)->error) {
			print_all(f);
			fail_msg(
			    "seed %u: box %zu is wrong", (unsigned)seed, liar);
		}
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
			if (count_named(f) == 0)
				continue;
			print_all(f);
			fail_msg("seed %u: a queue is called a clock",
			    (unsigned)seed);
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
			if (count_named(f) > 0) {
				print_all(f);
				fail_msg("seed %u, minute %d: named falsely",
				    (unsigned)(1000 + seed), minute);
			}
		}
		fine += count_verdict(f, COURT_FINE);
		unsure += count_verdict(f, COURT_CANNOT_TELL);
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
			if (count_named(f) == 0)
				continue;
			print_all(f);
			fail_msg("seed %u: routes are called a clock",
			    (unsigned)seed);
		}
		if (count_verdict(f, COURT_CANNOT_TELL) == 0) {
			print_all(f);
			fail_msg("seed %u: expected that it cannot tell",
			    (unsigned)seed);
		}
		court_fleet_free(f);
	}
}

/* A bound of 20 ms is no lie, but the others are right to a third of one. */
static void
a_box_within_its_bound_is_off(void **state)
{
	struct court_fleet *f = court_fleet_new(BOXES, 13, CLAIM);

	f->claims[2].error = 20 * MS;
	f->clocks[2].offset = 5 * MS;
	court_fleet_minute(f);
	assert_int_equal(court_finding(f->court, 2)->verdict, COURT_OFF);
	assert_int_equal(count_named(f), 1);
	court_fleet_free(f);
}

static void
one_asymmetric_route_leaves_all_fine(void **state)
{
	struct court_fleet *f = court_fleet_new(BOXES, 1, CLAIM);

	*court_fleet_base(f, 2, 5) += 5 * MS;
	court_fleet_minute(f);
	assert_int_equal(count_verdict(f, COURT_FINE), BOXES);
	court_fleet_free(f);
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
		if (count_named(f) != 1 || !is_named(f, 3)) {
			print_all(f);
			fail_msg("seed %u", (unsigned)(3000 + seed));
		}
		assert_int_equal(
		    court_finding(f->court, 3)->verdict, COURT_WRONG);
		court_fleet_free(f);
	}
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
	assert_int_equal(count_verdict(f, COURT_FINE), 2);
	f->clocks[0].offset = 500 * MS;
	court_fleet_minute(f);
	assert_int_equal(count_verdict(f, COURT_CANNOT_TELL), 2);
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
	assert_int_equal(count_verdict(f, COURT_RELATIVE), BOXES);
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
	assert_int_equal(count_verdict(f, COURT_FINE), BOXES - 1);
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
	assert_int_equal(count_named(f), 0);
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
	if (count_named(f) != 1 || !is_named(f, 6)) {
		print_all(f);
		fail_msg("expected box 6");
	}
	court_fleet_free(f);
}

static void
what_was_named_is_remembered_and_ends(void **state)
{
	struct court_fleet *f = court_fleet_new(BOXES, 12, CLAIM);
	nanoseconds since;

	court_fleet_minute(f);
	f->clocks[4].offset = 20 * MS;
	court_fleet_minute(f);
	since = court_finding(f->court, 4)->since;
	assert_int_equal(since, court_fleet_now(f) - COURT_MINUTE / 2);
	for (int minute = 0; minute < 3; minute++) {
		struct court *next = court_new(BOXES);

		for (size_t i = 0; i < BOXES; i++) {
			json_object *memory = court_memory(f->court, i);

			court_recall(next, i, memory);
			json_object_put(memory);
		}
		court_free(f->court);
		f->court = next;
		court_fleet_minute(f);
		assert_int_equal(court_finding(f->court, 4)->since, since);
	}
	f->clocks[4].offset = 0;
	court_fleet_minute(f);
	court_fleet_minute(f);
	assert_int_equal(count_named(f), 0);
	assert_int_equal(court_finding(f->court, 4)->since, 0);
	court_fleet_free(f);
}

/* After it, people still see when that was. */
static void
what_was_named_is_a_case_when_it_is_over(void **state)
{
	struct court_fleet *f = court_fleet_new(BOXES, 14, CLAIM);
	struct court *next = court_new(BOXES);
	struct court_case cases[COURT_CASES];
	json_object *memory;
	nanoseconds since, seen;

	court_fleet_minute(f);
	f->clocks[4].offset = -20 * MS;
	court_fleet_minute(f);
	since = court_finding(f->court, 4)->since;
	seen = court_fleet_now(f);
	assert_int_equal(court_cases(f->court, 4, cases), 0);
	f->clocks[4].offset = 0;
	court_fleet_minute(f);
	for (size_t i = 0; i < BOXES; i++)
		assert_int_equal(court_cases(f->court, i, cases), i == 4);
	memory = court_memory(f->court, 4);
	court_recall(next, 4, memory);
	json_object_put(memory);
	assert_int_equal(court_cases(next, 4, cases), 1);
	assert_int_equal(cases[0].verdict, COURT_WRONG);
	assert_int_equal(cases[0].since, since);
	assert_int_equal(cases[0].until, seen);
	assert_true(fabs(cases[0].offset + 20 * MS) < MS);
	court_free(next);
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
	assert_int_equal(count_named(f), 1);
	court_fleet_free(f);
}

static void
a_memory_that_is_no_memory_is_forgotten(void **state)
{
	static const char *const texts[] = {"{}", "[]", "3",
	    "{\"cases\":[[1],2,[\"wrong\",{}],[null,1,2,3]],\"named\":\"x\"}",
	    "{\"rows\":[[1],2,{}],\"stretch\":-5,\"named\":7}",
	    "{\"rows\":[[1,2,3,true],[1,2,3,true]],\"stretch\":99}"};
	struct court *court = court_new(1);

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		json_object *json = json_tokener_parse(texts[i]);

		court_recall(court, 0, json);
		json_object_put(json);
		court_sit(court, NS_PER_S, &(struct court_claim){0}, NULL, 0);
		assert_int_equal(
		    court_finding(court, 0)->verdict, COURT_UNCHECKED);
	}
	court_free(court);
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
	    cmocka_unit_test(a_box_within_its_bound_is_off),
	    cmocka_unit_test(one_asymmetric_route_leaves_all_fine),
	    cmocka_unit_test(a_box_that_lies_about_its_bound_is_found),
	    cmocka_unit_test(what_cannot_be_is_proof),
	    cmocka_unit_test(two_boxes_cannot_tell),
	    cmocka_unit_test(without_claims_all_is_relative),
	    cmocka_unit_test(a_box_that_measures_with_nobody_is_unchecked),
	    cmocka_unit_test(one_claim_is_unchecked),
	    cmocka_unit_test(rates_are_found),
	    cmocka_unit_test(a_clock_that_runs_away_is_named),
	    cmocka_unit_test(what_was_named_is_remembered_and_ends),
	    cmocka_unit_test(what_was_named_is_a_case_when_it_is_over),
	    cmocka_unit_test(what_a_hosts_stamps_are_off_by_is_no_finding),
	    cmocka_unit_test(a_memory_that_is_no_memory_is_forgotten),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
