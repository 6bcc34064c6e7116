/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owamp/ntp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void
known_instants(void **state)
{
	static const struct {
		nanoseconds wall;
		uint64_t ntp;
	} known[] = {
	    {0, UINT64_C(0x83aa7e8000000000)},
	    {500 * NS_PER_MS, UINT64_C(0x83aa7e8080000000)},
	    {-NS_PER_S / 4, UINT64_C(0x83aa7e7fc0000000)},
	    /* the era ends at 2036-02-07T06:28:16Z */
	    {INT64_C(2085978495) * NS_PER_S, UINT64_C(0xffffffff00000000)},
	    {INT64_C(2085978496) * NS_PER_S, 0},
	    {INT64_C(2085978497) * NS_PER_S, NTP_S},
	};

	for (size_t i = 0; i < COUNT(known); i++) {
		assert_true(ntp_of_wall(known[i].wall) == known[i].ntp);
		assert_true(ntp_wall(known[i].ntp) == known[i].wall);
	}
}

static void
every_nanosecond_survives(void **state)
{
	nanoseconds wall = INT64_C(1795300000) * NS_PER_S, step = 999983;

	for (nanoseconds ns = 0; ns < NS_PER_S; ns += step) {
		assert_true(ntp_wall(ntp_of_wall(wall + ns)) == wall + ns);
		assert_true(ntp_wall(ntp_of_wall(-ns)) == -ns);
		assert_true(ntp_duration(ntp_of_duration(ns)) == ns);
	}
	for (nanoseconds ns = NS_PER_S - 3; ns < NS_PER_S + 3; ns++)
		assert_true(ntp_wall(ntp_of_wall(wall + ns)) == wall + ns);
	assert_true(ntp_of_duration(INT64_MAX) == UINT64_MAX);
}

static void
differences_have_a_sign_and_cross_eras(void **state)
{
	nanoseconds end = INT64_C(2085978496) * NS_PER_S;

	assert_true(
	    ntp_between(ntp_of_wall(end - 5), ntp_of_wall(end + 7)) == 12);
	assert_true(
	    ntp_between(ntp_of_wall(end + 7), ntp_of_wall(end - 5)) == -12);
	assert_true(ntp_between(7, 7) == 0);
}

static void
short_durations_stay_within_their_steps(void **state)
{
	assert_true(ntp_short_of(NS_PER_S) == 0x10000);
	assert_true(ntp_short(0x18000) == 3 * NS_PER_S / 2);
	assert_true(ntp_short_of(-1) == 0);
	assert_true(ntp_short_of(65536 * NS_PER_S) == UINT32_MAX);
	assert_true(ntp_short_of(65536 * NS_PER_S - 1) == UINT32_MAX);
	for (nanoseconds ns = 0; ns < NS_PER_S; ns += 777777)
		assert_in_range(
		    ntp_short(ntp_short_of(ns)) - ns + 7630, 0, 2 * 7630);
}

/* The least estimate that does not promise too much. */
static void
check_least(nanoseconds error)
{
	uint16_t wire = ntp_synchronised(error);
	struct ntp_estimate got, less;

	assert_int_equal(ntp_read_estimate(wire, &got), 0);
	assert_true(got.synchronised && !got.ptp);
	assert_true(got.error >= error);
	assert_true(got.error - error <= error / 127 + 1);
	if ((wire & 0xff) > 1 &&
	    ntp_read_estimate((uint16_t)(wire - 1), &less) == 0)
		assert_true(less.error <= error);
}

static void
estimates_never_understate(void **state)
{
	check_least(1);
	for (nanoseconds e = 2; e < INT64_MAX / 3; e = e * 3 / 2)
		check_least(e);
	/* 255 units of 2^-32 s, and one more */
	assert_int_equal(ntp_synchronised(59), 0x8000 | 254);
	assert_int_equal(ntp_synchronised(60), 0x8100 | 129);
	assert_int_equal(ntp_synchronised(0), 0x8005);
	check_least(INT64_MAX / 3);
}

static void
estimates_of_others_are_read(void **state)
{
	struct ntp_estimate e;

	assert_int_equal(ntp_read_estimate(0x8000, &e), -1);
	assert_int_equal(ntp_read_estimate(0x3f00, &e), -1);
	/* perfSONAR without a clock: 2^-32 s, but S is clear */
	assert_int_equal(ntp_read_estimate(0x0001, &e), 0);
	assert_false(e.synchronised);
	assert_true(e.error == 1);
	assert_int_equal(ntp_read_estimate(0xc000 | 32 << 8 | 3, &e), 0);
	assert_true(e.synchronised && e.ptp);
	assert_true(e.error == 3 * NS_PER_S);
	assert_int_equal(ntp_read_estimate(NTP_UNSYNCHRONISED, &e), 0);
	assert_false(e.synchronised);
	assert_true(e.error == INT64_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(known_instants),
	    cmocka_unit_test(every_nanosecond_survives),
	    cmocka_unit_test(differences_have_a_sign_and_cross_eras),
	    cmocka_unit_test(short_durations_stay_within_their_steps),
	    cmocka_unit_test(estimates_never_understate),
	    cmocka_unit_test(estimates_of_others_are_read),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
