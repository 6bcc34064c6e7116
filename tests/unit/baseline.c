/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/baseline.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common/metric.h"

#define MS 1e-3

static void
steps_have_their_edges_on_the_outer_side(void **state)
{
	static const struct {
		double value;
		int step;
	} cases[] = {{0.75, 0}, {0.81, 1}, {0.94, 1}, {0.96, 2}, {1.04, 2},
	    {1.0625, 3}, {1.19, 3}, {1.25, 4}, {1.5, 5}, {1.99, 5}, {2, 6},
	    {9, 6}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
		    baseline_step(cases[i].value, 1, NAN, 0), cases[i].step);
}

static void
under_half_a_millisecond_and_two_sigma_nothing_is_coloured(void **state)
{
	assert_int_equal(baseline_step(1.4 * MS, 1 * MS, 0.3 * MS, 0), 2);
	/* beyond either it is */
	assert_int_equal(baseline_step(1.4 * MS, 1 * MS, 0.1 * MS, 0), 4);
	assert_int_equal(baseline_step(1.6 * MS, 1 * MS, 0.5 * MS, 0), 5);
	assert_int_equal(baseline_step(1.4 * MS, 1 * MS, NAN, 0), 2);
	/* stamps that may be off by as much have made no finding */
	assert_int_equal(baseline_step(1.4 * MS, 1 * MS, 0, 0.41 * MS), 2);
	assert_int_equal(baseline_step(0.4 * MS, 1 * MS, 0, 0.7 * MS), 2);
	assert_int_equal(baseline_step(1.6 * MS, 1 * MS, 0, 0.4 * MS), 5);
}

static void
short_delays_are_measured_by_a_millisecond(void **state)
{
	double change = baseline_change(0.6 * MS, 0.1 * MS);

	assert_true(fabs(change - 0.5) < 1e-9);
	assert_true(fabs(baseline_change(30 * MS, 20 * MS) - 0.5) < 1e-9);
}

static void
what_is_not_known_has_no_change(void **state)
{
	assert_true(isnan(baseline_change(NAN, 1)));
	assert_true(isnan(baseline_change(1, NAN)));
}

static void
only_delays_have_a_baseline(void **state)
{
	struct metric metric = {
	    .kind = METRIC_DISTRIBUTION, .unit = UNIT_SECONDS};

	assert_true(baseline_fits(&metric));
	metric.unit = UNIT_BITRATE;
	assert_false(baseline_fits(&metric));
	metric = (struct metric){.kind = METRIC_VALUE, .unit = UNIT_SECONDS};
	assert_false(baseline_fits(&metric));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(steps_have_their_edges_on_the_outer_side),
	    cmocka_unit_test(
		under_half_a_millisecond_and_two_sigma_nothing_is_coloured),
	    cmocka_unit_test(short_delays_are_measured_by_a_millisecond),
	    cmocka_unit_test(what_is_not_known_has_no_change),
	    cmocka_unit_test(only_delays_have_a_baseline),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
