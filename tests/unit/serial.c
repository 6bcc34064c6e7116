/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/emulator/serial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct way megabit = {.rate = 1e6, .queue = 4};

static void
a_frame_takes_its_bits_over_the_rate(void **state)
{
	struct serial serial = {0};

	assert_true(serial_reserve(&serial, 4));
	/* 1000 bytes at 1 Mbit/s: 8 ms */
	assert_int_equal(
	    serial_send(&serial, &megabit, 1000, NS_PER_S), 1008 * NS_PER_MS);
	assert_int_equal(
	    serial_send(&serial, &megabit, 500, NS_PER_S), 1012 * NS_PER_MS);
	serial_free(&serial);
}

static void
an_idle_line_begins_anew(void **state)
{
	struct serial serial = {0};

	assert_true(serial_reserve(&serial, 4));
	serial_send(&serial, &megabit, 1000, 0);
	assert_int_equal(
	    serial_send(&serial, &megabit, 1000, NS_PER_S), 1008 * NS_PER_MS);
	serial_free(&serial);
}

static void
what_does_not_fit_is_dropped_at_the_tail(void **state)
{
	struct serial serial = {0};

	assert_true(serial_reserve(&serial, 4));
	for (int i = 0; i < 4; i++)
		assert_int_equal(serial_send(&serial, &megabit, 1000, 0),
		    (i + 1) * 8 * NS_PER_MS);
	assert_int_equal(serial_send(&serial, &megabit, 1000, 0), -1);
	assert_int_equal(
	    serial_send(&serial, &megabit, 1000, 8 * NS_PER_MS - 1), -1);
	/* the first is sent: a place is free */
	assert_int_equal(serial_send(&serial, &megabit, 1000, 8 * NS_PER_MS),
	    40 * NS_PER_MS);
	serial_free(&serial);
}

static void
the_rate_is_exact_over_a_million_frames(void **state)
{
	/* 777 bytes at 7 Mbit/s: 888000 ns; of 778: 889142.857... */
	const struct way way = {.rate = 7e6, .queue = 2};
	struct serial serial = {0};
	nanoseconds now = 0;

	assert_true(serial_reserve(&serial, 2));
	for (int i = 0; i < 1000000; i++)
		now = serial_send(&serial, &way, 778, now);
	assert_true(now >= INT64_C(889142857142) - 2);
	assert_true(now <= INT64_C(889142857142) + 2);
	serial_free(&serial);
}

static void
a_rate_of_almost_nothing_is_a_bit_a_second(void **state)
{
	const struct way way = {.rate = 1e-300, .queue = 2};
	struct serial serial = {0};

	assert_true(serial_reserve(&serial, 2));
	assert_int_equal(serial_send(&serial, &way, 1, 0), 8 * NS_PER_S);
	serial_free(&serial);
}

static void
without_a_rate_nothing_waits(void **state)
{
	const struct way way = {.queue = 1};
	struct serial serial = {0};

	for (nanoseconds now = 0; now < 100; now++)
		assert_int_equal(serial_send(&serial, &way, 9000, now), now);
	serial_free(&serial);
}

static void
a_longer_queue_keeps_what_waits(void **state)
{
	struct way way = megabit;
	struct serial serial = {0};

	assert_true(serial_reserve(&serial, 4));
	serial_send(&serial, &way, 1000, 0);
	for (int i = 0; i < 4; i++) /* the ring has turned */
		serial_send(&serial, &way, 1000, 8 * NS_PER_MS);
	way.queue = 6;
	assert_true(serial_reserve(&serial, 6));
	assert_int_equal(
	    serial_send(&serial, &way, 1000, 8 * NS_PER_MS), 48 * NS_PER_MS);
	assert_int_equal(
	    serial_send(&serial, &way, 1000, 8 * NS_PER_MS), 56 * NS_PER_MS);
	assert_int_equal(serial_send(&serial, &way, 1000, 8 * NS_PER_MS), -1);
	serial_free(&serial);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_frame_takes_its_bits_over_the_rate),
	    cmocka_unit_test(an_idle_line_begins_anew),
	    cmocka_unit_test(what_does_not_fit_is_dropped_at_the_tail),
	    cmocka_unit_test(the_rate_is_exact_over_a_million_frames),
	    cmocka_unit_test(a_rate_of_almost_nothing_is_a_bit_a_second),
	    cmocka_unit_test(without_a_rate_nothing_waits),
	    cmocka_unit_test(a_longer_queue_keeps_what_waits),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
