/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/unit.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
unit_reads_what_people_write(void **state)
{
	static const struct {
		enum unit unit;
		const char *text;
		double value;
	} cases[] = {
	    {UNIT_NONE, "0.5", 0.5},
	    {UNIT_NONE, "-2e3", -2000},
	    {UNIT_SECONDS, "10ms", 0.01},
	    {UNIT_SECONDS, "35.1ms", 0.0351},
	    {UNIT_SECONDS, "1.5s", 1.5},
	    {UNIT_SECONDS, "2m", 120},
	    {UNIT_SECONDS, "6h", 21600},
	    {UNIT_SECONDS, "1d", 86400},
	    {UNIT_SECONDS, "2y", 2 * 365 * 86400.0},
	    {UNIT_SECONDS, "7us", 7e-6},
	    {UNIT_SECONDS, "3 ns", 3e-9},
	    {UNIT_SECONDS, "0", 0},
	    {UNIT_BYTES, "64", 64},
	    {UNIT_BYTES, "1.5kB", 1500},
	    {UNIT_BYTES, "4MiB", 4194304},
	    {UNIT_RATE, "2/s", 2},
	    {UNIT_RATE, "120/m", 2},
	    {UNIT_RATE, "0.5/h", 0.5 / 3600},
	    {UNIT_BITRATE, "10Mbit/s", 1e7},
	    {UNIT_BITRATE, "9600bit/s", 9600},
	    {UNIT_RATIO, "0.01", 0.01},
	    {UNIT_RATIO, "1%", 0.01},
	    {UNIT_RATIO, "20ppm", 0.00002},
	    {UNIT_COUNT, "65535", 65535},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		double value = NAN;

		if (unit_parse(cases[i].unit, cases[i].text, &value, NULL) ==
			-1 ||
		    value != cases[i].value)
			fail_msg("%s reads as %g", cases[i].text, value);
	}
}

static void
unit_refuses_guesses(void **state)
{
	static const struct {
		enum unit unit;
		const char *text;
	} cases[] = {
	    {UNIT_SECONDS, "10"},
	    {UNIT_SECONDS, "10M"},
	    {UNIT_SECONDS, "10ms "},
	    {UNIT_SECONDS, "0 "},
	    {UNIT_NONE, "1 "},
	    {UNIT_SECONDS, "ms"},
	    {UNIT_SECONDS, ""},
	    {UNIT_SECONDS, "-"},
	    {UNIT_SECONDS, "1.s"},
	    {UNIT_SECONDS, ".5s"},
	    {UNIT_SECONDS, "+5s"},
	    {UNIT_SECONDS, " 5s"},
	    {UNIT_SECONDS, "0x5s"},
	    {UNIT_SECONDS, "1e999s"},
	    {UNIT_SECONDS, "1e99999999999999999999s"},
	    {UNIT_SECONDS, "inf"},
	    {UNIT_SECONDS, "nan"},
	    {UNIT_NONE, "nan"},
	    {UNIT_NONE, "inf"},
	    {UNIT_RATE, "2"},
	    {UNIT_RATE, "2s"},
	    {UNIT_BITRATE, "10M"},
	    {UNIT_BYTES, "1.5"},
	    {UNIT_BYTES, "4k"},
	    {UNIT_COUNT, "1.5"},
	    {UNIT_COUNT, "1%"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		double value;

		if (unit_parse(cases[i].unit, cases[i].text, &value, NULL) == 0)
			fail_msg("\"%s\" reads as %g", cases[i].text, value);
	}
}

static void
unit_says_what_it_expected(void **state)
{
	struct error err;
	double value;

	assert_int_equal(unit_parse(UNIT_SECONDS, "10", &value, &err), -1);
	assert_string_equal(err.text,
	    "\"10\": expected a duration with its unit such as 100ms, 1.5s "
	    "or 2m");
}

static void
unit_formats_three_digits_for_people(void **state)
{
	static const struct {
		enum unit unit;
		double value;
		const char *text;
	} cases[] = {
	    {UNIT_SECONDS, 0.0381999, "38.2 ms"},
	    {UNIT_SECONDS, 0.9996, "1 s"},
	    {UNIT_SECONDS, 0, "0 s"},
	    {UNIT_SECONDS, 59.99, "1 min"},
	    {UNIT_SECONDS, 777600, "9 d"},
	    {UNIT_SECONDS, -0.0005, "-500 us"},
	    {UNIT_SECONDS, 1.2e-10, "0.12 ns"},
	    {UNIT_RATIO, 0.0012, "0.12 %"},
	    {UNIT_RATIO, 0, "0 %"},
	    {UNIT_RATIO, 0.0001, "0.01 %"},
	    {UNIT_RATIO, -0.0000253, "-25.3 ppm"},
	    {UNIT_RATIO, 2e-8, "0.02 ppm"},
	    {UNIT_RATIO, 1, "100 %"},
	    {UNIT_BYTES, 1500, "1.5 kB"},
	    {UNIT_BYTES, 64, "64 B"},
	    {UNIT_BITRATE, 999600, "1 Mbit/s"},
	    {UNIT_RATE, 2, "2/s"},
	    {UNIT_RATE, 2.0 / 3600, "2/h"},
	    {UNIT_COUNT, 1234567, "1234567"},
	    {UNIT_COUNT, 0.33333, "0.333"},
	    {UNIT_NONE, 1234.5, "1230"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[UNIT_TEXT];

		assert_string_equal(
		    unit_format(cases[i].unit, cases[i].value, text),
		    cases[i].text);
	}
}

static void
unit_writes_the_handiest_exact_text(void **state)
{
	static const struct {
		enum unit unit;
		double value;
		const char *text;
	} cases[] = {
	    {UNIT_SECONDS, 0.1, "100ms"},
	    {UNIT_SECONDS, 3600, "1h"},
	    {UNIT_SECONDS, 90, "90s"},
	    {UNIT_SECONDS, 0, "0s"},
	    {UNIT_BYTES, 64, "64"},
	    {UNIT_BYTES, 65507, "65507"},
	    {UNIT_BYTES, 4194304, "4MiB"},
	    {UNIT_RATE, 2, "2/s"},
	    {UNIT_RATE, 0.5, "30/m"},
	    {UNIT_BITRATE, 1e7, "10Mbit/s"},
	    {UNIT_RATIO, 0.01, "1%"},
	    {UNIT_RATIO, 0.0012, "0.0012"},
	    {UNIT_RATIO, 0.00002, "20ppm"},
	    {UNIT_NONE, 0.1, "0.1"},
	    {UNIT_NONE, -0.0, "0"},
	    {UNIT_NONE, 1e21, "1e+21"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[UNIT_TEXT];

		assert_string_equal(
		    unit_write(cases[i].unit, cases[i].value, text),
		    cases[i].text);
	}
}

static void
unit_reads_back_what_it_wrote(void **state)
{
	static const enum unit units[] = {
	    UNIT_NONE, UNIT_SECONDS, UNIT_RATE, UNIT_BITRATE, UNIT_RATIO};
	struct drand48_data seed;

	srand48_r(1, &seed);
	for (int i = 0; i < 20000; i++) {
		enum unit unit = units[(size_t)i % COUNT(units)];
		double value, scale, back;
		char text[UNIT_TEXT];

		drand48_r(&seed, &value);
		drand48_r(&seed, &scale);
		value = (value - 0.5) * pow(10, floor(scale * 40) - 20);
		unit_write(unit, value, text);
		if (unit_parse(unit, text, &back, NULL) == -1 || back != value)
			fail_msg("%.17g was written as %s", value, text);
	}
}

static void
unit_is_found_by_its_json_name(void **state)
{
	for (int i = UNIT_NONE; i <= UNIT_COUNT; i++) {
		enum unit unit;

		assert_int_equal(unit_find(unit_name((enum unit)i), &unit), 0);
		assert_int_equal(unit, i);
	}
	assert_int_equal(unit_find("furlong", &(enum unit){0}), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(unit_reads_what_people_write),
	    cmocka_unit_test(unit_refuses_guesses),
	    cmocka_unit_test(unit_says_what_it_expected),
	    cmocka_unit_test(unit_formats_three_digits_for_people),
	    cmocka_unit_test(unit_writes_the_handiest_exact_text),
	    cmocka_unit_test(unit_reads_back_what_it_wrote),
	    cmocka_unit_test(unit_is_found_by_its_json_name),
	};

	return (cmocka_run_group_tests_name("unit", tests, NULL, NULL));
}
