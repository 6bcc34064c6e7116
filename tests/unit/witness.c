/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/witness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define NOW (1000 * NS_PER_S)

/* A bound of `reach` about an offset. */
static struct discipline
say(const char *source, double offset, double reach)
{
	struct discipline word = {
	    .bounded = true,
	    .at = NOW,
	    .error = (offset < 0 ? -offset : offset) + reach,
	    .growth = 1e-6,
	    .parts = {offset, reach, 0},
	};

	strcpy(word.source, source);
	return (word);
}

static struct discipline
pick(struct discipline kept, struct discipline gps)
{
	struct discipline best;

	witness_pick(&best, &kept, &gps, NOW);
	return (best);
}

static void
the_closer_of_two_that_agree_counts(void **state)
{
	struct discipline best =
	    pick(say("chrony", 0.0001, 0.001), say("gps", 0.0002, 0.000001));

	assert_string_equal(best.source, "gps");
	assert_string_equal(best.trouble, "");
	best = pick(say("chrony", 0.0001, 0.001), say("gps", -0.4, 0.5));
	assert_string_equal(best.source, "chrony");
	assert_string_equal(best.trouble, "");
}

static void
whole_seconds_are_the_receivers(void **state)
{
	struct discipline best =
	    pick(say("chrony", 0, 0.001), say("gps", -1.0002, 0.000001));

	assert_string_equal(best.source, "chrony");
	assert_float_equal(best.error, 0.001, 0);
	assert_non_null(strstr(best.trouble, "1 s ahead of chrony's"));
	best = pick(say("kernel", 0, 0.01), say("gps", 5.4, 0.505));
	assert_string_equal(best.source, "kernel");
	assert_non_null(strstr(best.trouble, "5 s behind kernel's"));
}

static void
a_contradiction_leaves_the_wider_bound(void **state)
{
	struct discipline best =
	    pick(say("chrony", 0, 0.001), say("gps", 0.3, 0.000001));

	assert_float_equal(best.error, 0.300001, 1e-9);
	assert_non_null(
	    strstr(best.trouble, "contradict each other by 300 ms"));
	best = pick(say("chrony", 0.3, 0.001), say("gps", 0, 0.000001));
	assert_string_equal(best.source, "chrony");
	assert_float_equal(best.error, 0.301, 1e-9);
	assert_non_null(strstr(best.trouble, "contradict"));
}

static void
one_that_knows_nothing_is_passed_over(void **state)
{
	struct discipline none = {.source = "none", .trouble = "install it"};
	struct discipline lost = {.source = "gps", .trouble = "no fix"};
	struct discipline best = pick(none, say("gps", 0, 0.000001));

	assert_string_equal(best.source, "gps");
	best = pick(say("chrony", 0, 0.001), lost);
	assert_string_equal(best.source, "chrony");
	assert_string_equal(best.trouble, "no fix");
	best = pick(none, lost);
	assert_false(best.bounded);
	assert_string_equal(best.trouble, "install it");
	witness_pick(&best, &none, NULL, NOW);
	assert_string_equal(best.source, "none");
}

static void
the_last_word_is_held_while_it_is_worth_more(void **state)
{
	const struct discipline last = say("chrony", 0.0001, 0.001);
	const struct discipline none = {.source = "none", .trouble = "gone"};
	nanoseconds later = NOW + 1000 * NS_PER_S;
	struct discipline best = none, again;

	witness_hold(&best, &last, 0, later);
	assert_string_equal(best.source, "chrony");
	assert_true(best.held);
	assert_string_equal(best.trouble, "gone");
	/* 15 ppm from where it spoke last */
	assert_float_equal(discipline_error_at(&best, later), 0.0161, 1e-9);
	again = none; /* held on, it grows no faster */
	witness_hold(&again, &best, 7, later);
	assert_float_equal(again.growth, 15e-6, 0);
	best = none; /* nobody corrects it: chronyd -x */
	witness_hold(&best, &last, -100, later);
	assert_float_equal(discipline_error_at(&best, later), 0.1161, 1e-9);
}

static void
a_newer_word_of_the_same_source_counts(void **state)
{
	const struct discipline last = say("chrony", 0, 0.001);
	struct discipline best = say("chrony", 0, 0.5);

	witness_hold(&best, &last, 0, NOW);
	assert_false(best.held);
	assert_float_equal(best.error, 0.5, 0);
	best = say("kernel", 0, 0.5); /* another that knows less */
	witness_hold(&best, &last, 0, NOW);
	assert_true(best.held);
	assert_string_equal(best.source, "chrony");
	best = say("kernel", 0, 0.0001);
	witness_hold(&best, &last, 0, NOW);
	assert_string_equal(best.source, "kernel");
}

static void
a_bound_beyond_use_is_let_go(void **state)
{
	const struct discipline last = say("chrony", 0, 0.001);
	struct discipline best = {.source = "none"};

	witness_hold(&best, &last, 0, NOW + 1100000 * NS_PER_S);
	assert_string_equal(best.source, "none");
	assert_false(best.held);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_closer_of_two_that_agree_counts),
	    cmocka_unit_test(whole_seconds_are_the_receivers),
	    cmocka_unit_test(a_contradiction_leaves_the_wider_bound),
	    cmocka_unit_test(one_that_knows_nothing_is_passed_over),
	    cmocka_unit_test(the_last_word_is_held_while_it_is_worth_more),
	    cmocka_unit_test(a_newer_word_of_the_same_source_counts),
	    cmocka_unit_test(a_bound_beyond_use_is_let_go),
	};

	return (cmocka_run_group_tests_name("witness", tests, NULL, NULL));
}
