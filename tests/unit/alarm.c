/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/alarm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <event2/event.h>

#include "common/error.h"
#include "tests/unit/loop.h"

static int rings;

static void
count_ring(void *arg)
{
	rings++;
}

static struct alarm *
set_alarm(void **state, nanoseconds wall)
{
	struct error err;
	struct alarm *alarm = alarm_new(*state, count_ring, NULL, &err);

	assert_non_null(alarm);
	rings = 0;
	alarm_set(alarm, wall);
	return (alarm);
}

static void
it_rings_at_its_time(void **state)
{
	nanoseconds when = clock_wall() + 20 * NS_PER_MS;
	struct alarm *alarm = set_alarm(state, when);

	loop_count(*state, &rings, 1);
	assert_true(clock_wall() >= when);
	assert_int_equal(rings, 1);
	alarm_free(alarm);
}

static void
a_time_that_has_passed_rings_at_once(void **state)
{
	static const nanoseconds past[] = {1, 0, -NS_PER_S};
	struct alarm *alarm = set_alarm(state, clock_wall() - NS_PER_S);
	size_t i;

	loop_count(*state, &rings, 1);
	for (i = 0; i < sizeof(past) / sizeof(past[0]); i++) {
		rings = 0;
		alarm_set(alarm, past[i]);
		loop_count(*state, &rings, 1);
	}
	alarm_free(alarm);
}

static void
a_new_time_replaces_the_old_one(void **state)
{
	nanoseconds when = clock_wall() + 50 * NS_PER_MS;
	struct alarm *alarm = set_alarm(state, clock_wall() + 10 * NS_PER_MS);

	alarm_set(alarm, when);
	loop_count(*state, &rings, 1);
	assert_true(clock_wall() >= when);
	alarm_free(alarm);
}

static void
never_does_not_ring(void **state)
{
	struct alarm *never = set_alarm(state, INT64_MAX);
	struct error err;
	struct alarm *soon = alarm_new(*state, count_ring, NULL, &err);

	alarm_set(soon, clock_wall() + 20 * NS_PER_MS);
	loop_count(*state, &rings, 1);
	event_base_loop(*state, EVLOOP_NONBLOCK);
	assert_int_equal(rings, 1);
	alarm_free(never);
	alarm_free(soon);
}

#define IN_LOOP(test) \
	cmocka_unit_test_setup_teardown(test, loop_make, loop_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_LOOP(it_rings_at_its_time),
	    IN_LOOP(a_time_that_has_passed_rings_at_once),
	    IN_LOOP(a_new_time_replaces_the_old_one),
	    IN_LOOP(never_does_not_ring),
	};

	return (cmocka_run_group_tests_name("alarm", tests, NULL, NULL));
}
