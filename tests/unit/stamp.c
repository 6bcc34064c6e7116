/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/stamp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define HOUR (3600 * NS_PER_S)
#define OFFSET (1000 * HOUR)

static struct stamp_clock
start(nanoseconds now)
{
	struct stamp_clock clock = {0};

	stamp_read(&clock, now, now + OFFSET, now);
	return (clock);
}

static void
noise_of_readings_moves_no_stamp(void **state)
{
	struct stamp_clock clock = start(NS_PER_S);

	/* preempted for 4 ms, the wall clock read at the very end of it */
	stamp_read(&clock, NS_PER_S, NS_PER_S + 4 * NS_PER_MS + OFFSET,
	    NS_PER_S + 4 * NS_PER_MS);
	stamp_read(&clock, 2 * NS_PER_S, 2 * NS_PER_S + OFFSET + 200,
	    2 * NS_PER_S + 60);
	assert_int_equal(stamp_monotonic(&clock, OFFSET + 77, HOUR), 77);
}

static void
check_step(nanoseconds step)
{
	struct stamp_clock clock = start(NS_PER_S);
	nanoseconds now = 5 * NS_PER_S;

	stamp_read(&clock, now, now + OFFSET + step, now);
	/* both were 20 us ago: one stamped before the step, one behind it */
	now += 10 * NS_PER_US;
	assert_int_equal(
	    stamp_monotonic(&clock, now - 20000 + OFFSET, now), now - 20000);
	assert_int_equal(
	    stamp_monotonic(&clock, now - 20000 + OFFSET + step, now),
	    now - 20000);
	stamp_settle(&clock);
	now += HOUR;
	assert_int_equal(
	    stamp_monotonic(&clock, now - 2 * HOUR / 3 + OFFSET + step, now),
	    now - 2 * HOUR / 3);
}

static void
a_clock_that_is_set_changes_no_round_trip(void **state)
{
	check_step(HOUR);
	check_step(-HOUR);
	check_step(NS_PER_S);
	check_step(-NS_PER_S);
}

static void
no_stamp_lies_in_the_future(void **state)
{
	struct stamp_clock clock = start(NS_PER_S);

	assert_int_equal(
	    stamp_monotonic(&clock, 3 * NS_PER_S + OFFSET, 2 * NS_PER_S),
	    2 * NS_PER_S);
}

static nanoseconds
trip(nanoseconds left, nanoseconds came, nanoseconds left_card,
    nanoseconds came_card, enum probe_stamp classes[static 2])
{
	const struct stamp_trip trip = {
	    .sent = NS_PER_S,
	    .received = 2 * NS_PER_S,
	    .left = {left, left_card},
	    .came = {came, came_card},
	};

	return (stamp_round_trip(&trip, classes));
}

#define CHECK(given, expected, sent_class, came_class)    \
	do {                                              \
		enum probe_stamp classes[2];              \
		assert_int_equal(given, expected);        \
		assert_int_equal(classes[0], sent_class); \
		assert_int_equal(classes[1], came_class); \
	} while (0)

static void
the_best_pair_of_stamps_counts(void **state)
{
	const nanoseconds left = NS_PER_S + 10000, came = NS_PER_S + 60000;

	CHECK(
	    trip(left, came, 0, 0, classes), 50000, STAMP_KERNEL, STAMP_KERNEL);
	CHECK(trip(0, came, 0, 0, classes), 60000, STAMP_USER, STAMP_KERNEL);
	CHECK(trip(left, 0, 0, 0, classes), NS_PER_S - 10000, STAMP_KERNEL,
	    STAMP_USER);
	CHECK(trip(0, 0, 0, 0, classes), NS_PER_S, STAMP_USER, STAMP_USER);
	CHECK(trip(left, came, 5 * HOUR, 5 * HOUR + 49000, classes), 49000,
	    STAMP_HARDWARE, STAMP_HARDWARE);
	/* one card did not say */
	CHECK(trip(left, came, 5 * HOUR, 0, classes), 50000, STAMP_KERNEL,
	    STAMP_KERNEL);
}

static void
stamps_that_cannot_be_right_are_not_believed(void **state)
{
	const nanoseconds left = NS_PER_S + 10000, came = NS_PER_S + 60000;

	/* two cards without a clock in common */
	CHECK(trip(left, came, 5 * HOUR, 5 * HOUR + 50001, classes), 50000,
	    STAMP_KERNEL, STAMP_KERNEL);
	CHECK(trip(left, came, 5 * HOUR, 5 * HOUR - 1, classes), 50000,
	    STAMP_KERNEL, STAMP_KERNEL);
	/* the stamp of an earlier packet of that number */
	CHECK(trip(NS_PER_S / 2, came, 0, 0, classes), 60000, STAMP_USER,
	    STAMP_KERNEL);
	CHECK(trip(came + 1, came, 0, 0, classes), 60000, STAMP_USER,
	    STAMP_KERNEL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(noise_of_readings_moves_no_stamp),
	    cmocka_unit_test(a_clock_that_is_set_changes_no_round_trip),
	    cmocka_unit_test(no_stamp_lies_in_the_future),
	    cmocka_unit_test(the_best_pair_of_stamps_counts),
	    cmocka_unit_test(stamps_that_cannot_be_right_are_not_believed),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
