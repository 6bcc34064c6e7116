/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/told_clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "agent/calibration.h"
#include "common/discipline.h"
#include "common/member.h"

#define FAR_BACK (clock_monotonic() - 3600 * NS_PER_S)

/* A parent's word. error < 0: there is no bound. */
static void
tell(const char *source, double error, nanoseconds host)
{
	struct discipline clock = {
	    .bounded = error >= 0, .error = error, .at = clock_monotonic()};
	json_object *order;

	snprintf(clock.source, sizeof(clock.source), "%s", source);
	order = told_clock_json(&clock, host);
	told_clock_take(order);
	json_object_put(order);
}

static void
assert_error(nanoseconds expected)
{
	nanoseconds error;

	assert_true(told_clock_error(&error));
	assert_in_range(error, expected, expected + 1000);
}

static void
assert_worst(nanoseconds since, nanoseconds expected)
{
	nanoseconds error;

	assert_true(told_clock_worst(since, &error));
	assert_in_range(error, expected, expected + 1000);
}

static void
the_last_word_counts_with_the_hosts_own_error(void **state)
{
	tell("chrony", 0.001, 5000);
	assert_error(NS_PER_MS + 5000);
	tell("chrony", 0.0002, 3000);
	assert_error(200 * NS_PER_US + 3000);
}

static void
a_clock_that_nobody_keeps_right_has_none(void **state)
{
	nanoseconds error;

	tell("none", -1, 3000);
	assert_false(told_clock_error(&error));
	assert_false(told_clock_worst(FAR_BACK, &error));
	tell("chrony", 0.0002, 3000);
	assert_error(200 * NS_PER_US + 3000);
	/* in a time of which a part had none there is none */
	assert_false(told_clock_worst(FAR_BACK, &error));
	assert_worst(clock_monotonic(), 200 * NS_PER_US + 3000);
}

static void
the_worst_is_of_the_time_asked_for(void **state)
{
	nanoseconds before;

	tell("chrony", 0.5, 0);
	tell("chrony", 0.001, 0);
	before = clock_monotonic();
	tell("chrony", 0.002, 0);
	tell("chrony", 0.0001, 0);
	assert_worst(before, 2 * NS_PER_MS);
	assert_worst(clock_monotonic(), 100 * NS_PER_US);
}

static void
what_is_long_ago_counts_for_those_who_ask_for_it(void **state)
{
	nanoseconds error, since;

	tell("chrony", 0.75, 0);
	tell("chrony", 0.0001, 0);
	since = clock_monotonic();
	for (int i = 0; i < 200; i++)
		tell("chrony", 0.0001, 0);
	assert_worst(since, 100 * NS_PER_US);
	assert_true(
	    !told_clock_worst(FAR_BACK, &error) || error >= 750 * NS_PER_MS);
}

static void
a_bad_word_changes_nothing(void **state)
{
	json_object *order = member_parse("{\"source\":7}", 12, NULL);

	tell("chrony", 0.001, 5000);
	told_clock_take(order);
	assert_error(NS_PER_MS + 5000);
	json_object_put(order);
}

/* An older parent says nothing of it. */
static void
without_a_calibration_the_host_is_unknown(void **state)
{
	struct discipline clock = {.source = "chrony",
	    .bounded = true,
	    .error = 0.001,
	    .at = clock_monotonic()};
	json_object *order = discipline_json(&clock, clock_monotonic());

	told_clock_take(order);
	assert_error(NS_PER_MS + CALIBRATION_UNKNOWN);
	json_object_put(order);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_last_word_counts_with_the_hosts_own_error),
	    cmocka_unit_test(the_worst_is_of_the_time_asked_for),
	    cmocka_unit_test(what_is_long_ago_counts_for_those_who_ask_for_it),
	    cmocka_unit_test(a_bad_word_changes_nothing),
	    cmocka_unit_test(without_a_calibration_the_host_is_unknown),
	    cmocka_unit_test(a_clock_that_nobody_keeps_right_has_none),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
