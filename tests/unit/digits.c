/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/digits.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MANY 300000

static void
check(size_t (*write)(char[static DIGITS_MOST], double), const char *format,
    double value)
{
	char text[DIGITS_MOST + 1], expected[400];
	size_t length = write(text, value);

	assert_true(length <= DIGITS_MOST);
	text[length] = '\0';
	snprintf(expected, sizeof(expected), format, value);
	assert_string_equal(text, expected);
}

static const double awkward[] = {0, -0.0, 1, 0.1, 0.5, 0.25, 9.5, 10, 100, 1e8,
    1e9, 99999999.95, 99999999.4, 99999999.9999, 999999.9995, 0.99999999949,
    0.9999999995, 0.99999999951, 1e-4, 9.99999999e-5, 9.9999999999e-5, 1e-5,
    0.00012345678949, 0.0001, 0.001, 0.01, 123456789, 12345678.9, 1234567.85,
    0.05, 0.15, 0.25, 0.35, 0.45, 2.45, 1e7, 1e14, 123456.25, 0.1 + 0.2, 5e-324,
    1e-300, 9007199254740993.0};

#define AWKWARD (sizeof(awkward) / sizeof(*awkward))

static void
digits_are_those_of_printf_where_it_is_awkward(void **state)
{
	for (size_t i = 0; i < AWKWARD; i++) {
		check(digits_nine, "%.9g", awkward[i]);
		check(digits_nine, "%.9g", -awkward[i]);
		check(digits_nine, "%.9g", nextafter(awkward[i], DBL_MAX));
		check(digits_nine, "%.9g", nextafter(awkward[i], -DBL_MAX));
		if (awkward[i] >= 1e15)
			continue;
		check(digits_tenths, "%.1f", awkward[i]);
		check(digits_tenths, "%.1f", -awkward[i]);
		check(digits_tenths, "%.1f", nextafter(awkward[i], DBL_MAX));
	}
	check(digits_nine, "%.9g", DBL_MAX);
	check(digits_tenths, "%.9g", -DBL_MAX);
}

static void
digits_are_those_of_printf_anywhere(void **state)
{
	srand48(7);
	for (int i = 0; i < MANY; i++) {
		double value = ldexp(drand48(), (int)(lrand48() % 90) - 50);

		check(digits_nine, "%.9g", value);
		/* few digits, so that many are halves or nearly so */
		check(digits_nine, "%.9g", (double)(lrand48() % 100000) / 1e10);
		check(digits_tenths, "%.1f", (double)(lrand48() % 10000) / 100);
		if (value < 1e15)
			check(digits_tenths, "%.1f", value);
	}
}

static void
digits_of_whole_numbers(void **state)
{
	static const uint64_t some[] = {
	    0, 9, 10, 99, 100, 1795300000, UINT64_MAX};
	char text[DIGITS_MOST + 1], expected[32];

	for (size_t i = 0; i < sizeof(some) / sizeof(*some); i++) {
		text[digits_whole(text, some[i])] = '\0';
		snprintf(expected, sizeof(expected), "%llu",
		    (unsigned long long)some[i]);
		assert_string_equal(text, expected);
	}
}

static void
read_back(double value)
{
	char text[DIGITS_MOST + 1];
	size_t length = digits_exact(text, value);

	assert_true(length <= DIGITS_MOST);
	text[length] = '\0';
	assert_true(strtod(text, NULL) == value);
}

static void
digits_that_are_exact_read_back_the_same(void **state)
{
	srand48(11);
	for (size_t i = 0; i < AWKWARD; i++) {
		read_back(awkward[i]);
		read_back(-awkward[i]);
		read_back(nextafter(awkward[i], DBL_MAX));
	}
	read_back(DBL_MAX);
	read_back(-DBL_MAX);
	for (int i = 0; i < MANY; i++) {
		double ns = (double)(lrand48() % 3000000000);

		read_back(ns / 1e9);
		read_back(nextafter(ns / 1e9, DBL_MAX));
		read_back(ns / 1e6);
		read_back(ns / 1e9 / 3);
		read_back(ldexp(drand48(), (int)(lrand48() % 90) - 50));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(digits_are_those_of_printf_where_it_is_awkward),
	    cmocka_unit_test(digits_are_those_of_printf_anywhere),
	    cmocka_unit_test(digits_of_whole_numbers),
	    cmocka_unit_test(digits_that_are_exact_read_back_the_same),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
