/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/vouch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ERROR 50e-6
#define APART INT64_C(1700000000123456789)

static const struct vouch_word word = {50 * NS_PER_US, "one clock for all"};

static void
give(struct vouch *vouch)
{
	vouch_give(vouch, &word, &(const struct vouch_apart){APART, 100});
}

static bool
look(struct vouch *vouch, nanoseconds moved, nanoseconds doubt)
{
	return (vouch_look(
	    vouch, &(const struct vouch_apart){APART + moved, doubt}, false));
}

static struct discipline
judged(const struct vouch *vouch, const struct discipline *sources)
{
	struct discipline best = *sources;

	vouch_judge(vouch, &best, NS_PER_S);
	return (best);
}

static struct discipline
nobody(void)
{
	struct discipline none = {.source = "none", .steal = 0.25};

	strcpy(none.trouble, "nothing keeps this clock right");
	return (none);
}

static struct discipline
chrony(double offset, double error)
{
	return ((struct discipline){.source = "chrony",
	    .reference = "192.0.2.1",
	    .stratum = 2,
	    .bounded = true,
	    .error = error,
	    .growth = 1e-6,
	    .at = NS_PER_S,
	    .parts = {.offset = offset}});
}

static void
it_counts_where_nobody_knows_and_says_whose_it_is(void **state)
{
	struct vouch vouch;
	struct discipline none = nobody(), clock;

	give(&vouch);
	clock = judged(&vouch, &none);
	assert_true(discipline_is_vouched(&clock));
	assert_string_equal(clock.source, "operator");
	assert_string_equal(clock.reference, "one clock for all");
	assert_true(clock.bounded);
	assert_float_equal(clock.error, ERROR, 0);
	assert_float_equal(clock.growth, 0, 0);
	assert_float_equal(clock.steal, 0.25, 0); /* the host's own */
	assert_string_equal(clock.trouble, "");
	assert_false(discipline_is_vouched(&none));
}

static void
without_one_all_stays_as_it_was(void **state)
{
	const struct vouch_word missing = {-1, ""};
	struct discipline none = nobody(), clock;
	struct vouch vouch;

	give(&vouch);
	vouch_give(&vouch, &missing, &(const struct vouch_apart){APART, 0});
	clock = judged(&vouch, &none);
	assert_string_equal(clock.source, "none");
	assert_false(clock.bounded);
	assert_string_equal(clock.trouble, none.trouble);
	assert_false(look(&vouch, NS_PER_S, 0));
	give(&vouch);
	vouch_give(&vouch, NULL, &(const struct vouch_apart){APART, 0});
	clock = judged(&vouch, &none);
	assert_string_equal(clock.source, "none");
	assert_false(clock.bounded);
	assert_string_equal(clock.trouble, none.trouble);
}

static void
one_of_nothing_at_all_is_a_bound(void **state)
{
	const struct vouch_word exact = {0, "it is the reference"};
	struct discipline none = nobody(), clock;
	struct vouch vouch;

	vouch_give(&vouch, &exact, &(const struct vouch_apart){APART, 0});
	clock = judged(&vouch, &none);
	assert_true(discipline_bounded_at(&clock, 100 * NS_PER_S));
	assert_float_equal(discipline_error_at(&clock, 100 * NS_PER_S), 0, 0);
}

static void
who_measures_more_closely_counts_before_it(void **state)
{
	struct discipline close = chrony(1e-6, 9e-6), far = chrony(1e-3, 2e-3);
	struct vouch vouch;
	struct discipline clock;

	give(&vouch);
	clock = judged(&vouch, &close);
	assert_string_equal(clock.source, "chrony");
	assert_float_equal(clock.error, 9e-6, 0);
	assert_string_equal(clock.trouble, "");
	clock = judged(&vouch, &far);
	assert_string_equal(clock.source, "operator");
	assert_int_equal(clock.stratum, 0);
	assert_float_equal(clock.error, ERROR, 0);
}

static void
a_contradiction_is_said_and_leaves_the_wider_bound(void **state)
{
	/* 5 ms off, and knows that to 1 ms: it is not within 50 us */
	struct discipline far = chrony(-5e-3, 6e-3), clock;
	struct vouch vouch;

	give(&vouch);
	clock = judged(&vouch, &far);
	assert_string_equal(clock.source, "chrony");
	assert_float_equal(clock.error, 6e-3, 0);
	assert_non_null(strstr(clock.trouble, "the operator vouches for"));
}

static void
a_step_ends_it(void **state)
{
	static const nanoseconds steps[] = {
	    NS_PER_S, -NS_PER_S, 30 * NS_PER_US, -30 * NS_PER_US};
	struct discipline none = nobody(), kept = chrony(0, 1e-3), clock;
	struct vouch vouch;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		give(&vouch);
		assert_false(look(&vouch, 0, 100));
		assert_true(look(&vouch, steps[i], 100));
		assert_false(look(&vouch, steps[i], 100)); /* once */
		clock = judged(&vouch, &none);
		assert_string_equal(clock.source, "none");
		assert_false(clock.bounded);
		assert_non_null(strstr(clock.trouble, "this clock was set by"));
		/* back is not as if nothing had been */
		assert_false(look(&vouch, 0, 100));
		assert_false(judged(&vouch, &none).bounded);
		assert_string_equal(judged(&vouch, &kept).source, "chrony");
		give(&vouch);
		assert_true(judged(&vouch, &none).bounded);
	}
}

static void
a_sleep_of_the_host_ends_it(void **state)
{
	struct discipline none = nobody(), clock;
	struct vouch vouch;

	give(&vouch);
	assert_true(
	    vouch_look(&vouch, &(const struct vouch_apart){APART, 0}, true));
	clock = judged(&vouch, &none);
	assert_false(clock.bounded);
	assert_non_null(strstr(clock.trouble, "this host slept"));
}

/* A reading that took long may be off by half of that. */
static void
what_was_read_badly_is_no_step(void **state)
{
	struct vouch vouch;

	give(&vouch);
	for (nanoseconds at = 0; at < 1000; at++)
		assert_false(look(&vouch, at % 2 == 0 ? 900 : -900, 1000));
	assert_false(look(&vouch, 3 * NS_PER_MS, 3 * NS_PER_MS));
	assert_true(look(&vouch, 3 * NS_PER_MS, 2 * NS_PER_MS));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_counts_where_nobody_knows_and_says_whose_it_is),
	    cmocka_unit_test(without_one_all_stays_as_it_was),
	    cmocka_unit_test(one_of_nothing_at_all_is_a_bound),
	    cmocka_unit_test(who_measures_more_closely_counts_before_it),
	    cmocka_unit_test(
		a_contradiction_is_said_and_leaves_the_wider_bound),
	    cmocka_unit_test(a_step_ends_it),
	    cmocka_unit_test(a_sleep_of_the_host_ends_it),
	    cmocka_unit_test(what_was_read_badly_is_no_step),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
