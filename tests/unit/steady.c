/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/steady.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define NOW (INT64_C(1795300000) * NS_PER_S)
#define YEAR (INT64_C(366) * 86400 * NS_PER_S)
#define MINUTE (60 * NS_PER_S)

/* The first second of any host. */
static nanoseconds
at(struct steady *steady, nanoseconds wall, nanoseconds monotonic)
{
	return (steady_time(steady, NOW + wall, NS_PER_S + monotonic) - NOW);
}

static void
a_clock_that_runs_is_followed(void **state)
{
	struct steady steady = {0};
	nanoseconds t;

	for (t = 0; t < YEAR; t += 7 * MINUTE) /* and is slewed meanwhile */
		assert_true(at(&steady, t + t / 1000, t) == t + t / 1000);
}

static void
a_leap_that_does_not_last_makes_nothing_old(void **state)
{
	struct steady steady = {0};

	at(&steady, 0, 0);
	assert_true(at(&steady, 10 * YEAR, MINUTE) == MINUTE);
	assert_true(
	    at(&steady, 10 * YEAR + 50 * MINUTE, 50 * MINUTE) == 50 * MINUTE);
	assert_true(at(&steady, 55 * MINUTE, 55 * MINUTE) == 55 * MINUTE);
	/* the next one is another */
	assert_true(
	    at(&steady, 10 * YEAR + 65 * MINUTE, 65 * MINUTE) == 65 * MINUTE);
}

static void
a_leap_that_lasts_is_followed(void **state)
{
	struct steady steady = {0};

	at(&steady, 0, 0);
	at(&steady, YEAR, MINUTE);
	assert_true(
	    at(&steady, YEAR + 59 * MINUTE, 60 * MINUTE) == 60 * MINUTE);
	assert_true(
	    at(&steady, YEAR + 60 * MINUTE, 61 * MINUTE) == YEAR + 60 * MINUTE);
}

static void
a_leap_elsewhere_waits_anew(void **state)
{
	struct steady steady = {0};

	at(&steady, 0, 0);
	at(&steady, YEAR, MINUTE);
	assert_true(at(&steady, 2 * YEAR, 50 * MINUTE) == 50 * MINUTE);
	assert_true(
	    at(&steady, 2 * YEAR + 20 * MINUTE, 70 * MINUTE) == 70 * MINUTE);
}

static void
a_step_back_is_followed_at_once(void **state)
{
	struct steady steady = {0};

	at(&steady, 0, 0);
	assert_true(at(&steady, -YEAR, MINUTE) == -YEAR);
}

static void
a_restart_while_it_is_wrong_is_no_way_round(void **state)
{
	struct steady steady;

	steady_begin(&steady, NOW, NS_PER_S);
	assert_true(at(&steady, 10 * YEAR, MINUTE) == MINUTE);
	steady_begin(&steady, 0, NS_PER_S); /* nothing is known */
	assert_true(at(&steady, 10 * YEAR, MINUTE) == 10 * YEAR);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_clock_that_runs_is_followed),
	    cmocka_unit_test(a_leap_that_does_not_last_makes_nothing_old),
	    cmocka_unit_test(a_leap_that_lasts_is_followed),
	    cmocka_unit_test(a_leap_elsewhere_waits_anew),
	    cmocka_unit_test(a_step_back_is_followed_at_once),
	    cmocka_unit_test(a_restart_while_it_is_wrong_is_no_way_round),
	};

	return (cmocka_run_group_tests_name("steady", tests, NULL, NULL));
}
