/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owamp/distribution.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "probes/owamp/delays.h"

#define S(ns) ((double)(ns) / 1e9)

static void
few_samples_are_exact(void **state)
{
	struct distribution d = {0};
	struct summary s = {0};
	nanoseconds pdv = -1;

	for (int i = DISTRIBUTION_EXACT; i > 0; i--)
		distribution_add(&d, i * 1001 - 5000000);
	assert_true(distribution_finish(&d, &s, &pdv));
	assert_int_equal(s.n, DISTRIBUTION_EXACT);
	assert_false(s.merged);
	assert_float_equal(s.min, S(1001 - 5000000), 1e-12);
	assert_float_equal(
	    s.quantile[SUMMARY_P99], S(9900 * 1001 - 5000000), 1e-12);
	assert_int_equal(pdv, (9990 - 1) * 1001);
	summary_clear(&s);
}

static void
many_samples_are_within_a_bucket(void **state)
{
	struct distribution d = {0};
	struct summary s = {0};
	nanoseconds pdv = -1;
	int n = 7 * DISTRIBUTION_EXACT + 1;

	for (int i = 0; i < n; i++) /* each number once, in disorder */
		distribution_add(&d, (nanoseconds)i * 48271 % n * 100);
	assert_true(distribution_finish(&d, &s, &pdv));
	assert_int_equal(s.n, n);
	assert_true(s.merged);
	assert_float_equal(s.max, S((n - 1) * 100), 1e-12);
	assert_float_equal(
	    s.quantile[SUMMARY_P50], S(n / 2 * 100), S(n / 2 * 100) / 32);
	assert_float_equal((double)pdv, n * 99.9, n * 100 / 32.0);
	summary_clear(&s);
}

static void
a_variation_that_is_not_held_is_absent(void **state)
{
	struct distribution d = {0};
	struct summary s = {0};
	nanoseconds pdv = -1;

	assert_false(distribution_finish(&d, &s, &pdv));
	assert_int_equal(s.n, 0);
	for (int i = 0; i < 999; i++)
		distribution_add(&d, i);
	assert_false(distribution_finish(&d, &s, &pdv));
	assert_int_equal(s.n, 999);
	assert_int_equal(pdv, -1);
	summary_clear(&s);
}

static void
delays_are_kept_narrow_or_wide(void **state)
{
	static const nanoseconds values[] = {36 * NS_PER_MS, -5, 0,
	    36 * NS_PER_MS + INT32_MAX, 36 * NS_PER_MS - INT32_MAX,
	    36 * NS_PER_MS + INT64_C(2147483648), -3600 * NS_PER_S,
	    86400 * NS_PER_S};
	struct delays delays = {0};
	nanoseconds got;

	delays_grow(&delays, 3);
	delays_put(&delays, 0, values[0]);
	for (size_t i = 1; i < 8; i++) {
		assert_int_equal(delays.wide != NULL, i > 5);
		delays_grow(&delays, i + 1);
		assert_false(delays_get(&delays, i, &got));
		delays_put(&delays, i, values[i]);
		for (size_t k = 0; k <= i; k++) {
			assert_true(delays_get(&delays, k, &got));
			assert_true(got == values[k]);
		}
	}
	assert_int_equal(delays_size(&delays), 8 * sizeof(int64_t));
	delays_clear(&delays);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(few_samples_are_exact),
	    cmocka_unit_test(many_samples_are_within_a_bucket),
	    cmocka_unit_test(a_variation_that_is_not_held_is_absent),
	    cmocka_unit_test(delays_are_kept_narrow_or_wide),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
