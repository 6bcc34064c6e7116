/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"

static void
expect_format(nanoseconds wall, int decimals, const char *expected)
{
	char text[40];

	assert_string_equal(clock_format(wall, decimals, text), expected);
}

static void
clock_formats_utc(void **state)
{
	expect_format(0, 0, "1970-01-01T00:00:00Z");
	expect_format(1795262400 * NS_PER_S, 0, "2026-11-21T12:00:00Z");
	expect_format(1795262400 * NS_PER_S + 123456789, 9,
	    "2026-11-21T12:00:00.123456789Z");
	expect_format(-1, 3, "1969-12-31T23:59:59.999Z");
}

static void
clock_never_rounds_into_the_next_second(void **state)
{
	expect_format(NS_PER_S - 1, 3, "1970-01-01T00:00:00.999Z");
	expect_format(NS_PER_S - 1, 0, "1970-01-01T00:00:00Z");
}

static void
clock_seconds_keep_their_nanoseconds(void **state)
{
	assert_true(clock_of_seconds(0.1) == 100 * NS_PER_MS);
	assert_true(clock_of_seconds(-0.000000001) == -1);
	assert_true(clock_of_seconds(2.5e-10) == 0);
	assert_true(clock_of_seconds(1795262400.5) ==
		    1795262400 * NS_PER_S + 500 * NS_PER_MS);
}

static nanoseconds
parsed(const char *text)
{
	nanoseconds wall;
	struct error err;

	if (clock_parse(text, 1795262400 * NS_PER_S, &wall, &err) == -1)
		fail_msg("%s", err.text);
	return (wall);
}

static void
clock_parses_what_people_write(void **state)
{
	const nanoseconds noon = 1795262400 * NS_PER_S;

	assert_true(parsed("2026-11-21T12:00:00Z") == noon);
	assert_true(parsed("2026-11-21T12:00Z") == noon);
	assert_true(parsed("2026-11-21 12:00:00") == noon);
	assert_true(
	    parsed("2026-11-21T12:00:00.25Z") == noon + 250 * NS_PER_MS);
	assert_true(parsed("2026-11-21") == noon - 12 * 3600 * NS_PER_S);
	assert_true(parsed("1795262400") == noon);
	assert_true(parsed("1795262400.5") == noon + 500 * NS_PER_MS);
	assert_true(parsed("now") == noon);
	assert_true(parsed("-1h") == noon - 3600 * NS_PER_S);
	assert_true(parsed("-250ms") == noon - 250 * NS_PER_MS);
}

static void
clock_parses_times_of_other_zones(void **state)
{
	const nanoseconds noon = 1795262400 * NS_PER_S;

	assert_true(parsed("2026-11-21T13:00:00+01:00") == noon);
	assert_true(parsed("2026-11-21T13:00:00+0100") == noon);
	assert_true(parsed("2026-11-21 08:30-03:30") == noon);
	assert_true(
	    parsed("2026-11-21T00:00:00.25-1200") == noon + 250 * NS_PER_MS);
	assert_true(parsed("2026-11-22T02:00+14:00") == noon);
	assert_true(parsed("2026-11-21T12:00:00+00:00") == noon);
	assert_true(parsed("2026-11-21T12:00:00-00:00") == noon);
}

static void
clock_refuses_what_is_no_time(void **state)
{
	static const char *const bad[] = {"", "soon", "-1", "--1h", "1h",
	    "2026-13-01", "2026-11-21T25:00Z", "2026-11-21T12:00ZZ",
	    "2026-02-30", "1e10", "nan", "inf", "0x10", "12 ", "-9e9d",
	    "2026-11-21T12:00+1", "2026-11-21T12:00+01",
	    "2026-11-21T12:00+01:", "2026-11-21T12:00+01:0",
	    "2026-11-21T12:00+24:00", "2026-11-21T12:00+01:60",
	    "2026-11-21T12:00+01:00Z", "2026-11-21T12:00Z+01:00",
	    "2026-11-21T12:00 01:00", "2026-11-21-10:00", "2026-11-21+01:00"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		nanoseconds wall;

		if (clock_parse(bad[i], 0, &wall, NULL) == 0)
			fail_msg("accepts \"%s\"", bad[i]);
	}
}

static void
clock_monotonic_does_not_step_back(void **state)
{
	nanoseconds last = clock_monotonic();

	for (int i = 0; i < 1000; i++) {
		nanoseconds now = clock_monotonic();

		assert_true(now >= last);
		last = now;
	}
	assert_true(clock_wall() > 1577836800 * NS_PER_S); /* 2020 */
}

static void
a_timer_goes_off_no_sooner(void **state)
{
	static const struct {
		nanoseconds wait;
		long seconds, microseconds;
	} rows[] = {{-NS_PER_S, 0, 0}, {0, 0, 0}, {1, 0, 1}, {1000, 0, 1},
	    {1001, 0, 2}, {999999001, 1, 0}, {90 * NS_PER_S + 1, 90, 1}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct timeval tv = clock_timeval(rows[i].wait);

		assert_int_equal(tv.tv_sec, rows[i].seconds);
		assert_int_equal(tv.tv_usec, rows[i].microseconds);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_timer_goes_off_no_sooner),
	    cmocka_unit_test(clock_formats_utc),
	    cmocka_unit_test(clock_never_rounds_into_the_next_second),
	    cmocka_unit_test(clock_seconds_keep_their_nanoseconds),
	    cmocka_unit_test(clock_parses_what_people_write),
	    cmocka_unit_test(clock_parses_times_of_other_zones),
	    cmocka_unit_test(clock_refuses_what_is_no_time),
	    cmocka_unit_test(clock_monotonic_does_not_step_back),
	};

	return (cmocka_run_group_tests_name("clock", tests, NULL, NULL));
}
