/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define RATE 10000.0
#define PACKETS 100000

/* All ask at once: the last one goes when the rate says so. */
static void
a_crowd_goes_at_the_rate(void **state)
{
	nanoseconds now = 5 * NS_PER_S, last = 0, slot;
	struct pace pace = {0};

	for (int i = 0; i < PACKETS; i++) {
		slot = pace_take(&pace, RATE, now);
		assert_true(slot >= now && slot >= last);
		last = slot;
	}
	assert_in_range(
	    last - now, 10 * NS_PER_S - 2 * PACE_BURST, 10 * NS_PER_S);
}

static void
who_comes_below_the_rate_never_waits(void **state)
{
	struct pace pace = {0};

	for (nanoseconds now = 1; now < NS_PER_S; now += 100 * NS_PER_US)
		assert_int_equal(pace_take(&pace, RATE, now), now);
}

static void
idleness_is_not_saved_up(void **state)
{
	nanoseconds now = 100 * NS_PER_S;
	struct pace pace = {0};
	int at_once = 0;

	pace_take(&pace, RATE, 1);
	while (pace_take(&pace, RATE, now) == now)
		at_once++;
	assert_in_range(at_once, 1, (int)(RATE * PACE_BURST / NS_PER_S) + 1);
}

static void
looking_takes_no_place(void **state)
{
	struct pace pace = {0};

	for (int i = 0; i < 100; i++)
		assert_int_equal(pace_look(&pace, NS_PER_S), NS_PER_S);
	while (pace_take(&pace, RATE, NS_PER_S) == NS_PER_S)
		;
	assert_true(pace_look(&pace, NS_PER_S) > NS_PER_S);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_crowd_goes_at_the_rate),
	    cmocka_unit_test(who_comes_below_the_rate_never_waits),
	    cmocka_unit_test(idleness_is_not_saved_up),
	    cmocka_unit_test(looking_takes_no_place),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
