/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/calibration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/member.h"
#include "common/memory.h"
#include "common/summary.h"

#define HOUR (3600 * NS_PER_S)
#define START (5 * HOUR)

/* So many delays of first, first + step, .., as a record has them. */
static void
take(struct calibration *calibration, nanoseconds now, size_t n, int64_t first,
    int64_t step)
{
	int64_t *samples = memory_new(n, sizeof(*samples));
	struct summary summary = {0};
	json_object *json;

	for (size_t i = 0; i < n; i++)
		samples[i] = first + (int64_t)i * step;
	summary_fill(&summary, samples, n);
	json = summary_json(&summary);
	calibration_take(calibration, json, now);
	json_object_put(json);
	summary_clear(&summary);
	free(samples);
}

static void
near(double value, double expected)
{
	assert_true(value > expected * 0.97 && value < expected * 1.03);
}

static void
few_packets_say_nothing(void **state)
{
	struct calibration *c = calibration_new();
	json_object *json;

	assert_int_equal(calibration_error(c, START), CALIBRATION_UNKNOWN);
	take(c, START, CALIBRATION_PACKETS - 1, 2000, 1);
	assert_int_equal(calibration_error(c, START), CALIBRATION_UNKNOWN);
	json = calibration_json(c, START);
	assert_int_equal(member_whole_or(json, "packets", 0), 299);
	assert_null(member_get(json, "random"));
	near(member_number_or(json, "error", 0), 50e-6);
	json_object_put(json);
	calibration_free(c);
}

/* 1 to 5 us: the median is 3, P2.5 and P97.5 are 1.9 from it. */
static void
median_and_width_are_rfc_7679s(void **state)
{
	struct calibration *c = calibration_new();
	json_object *json;

	take(c, START, 2001, 1000, 2);
	json = calibration_json(c, START);
	near(member_number_or(json, "systematic", 0), 3e-6);
	near(member_number_or(json, "random", 0), 1.9e-6);
	near(member_number_or(json, "error", 0), 5e-6);
	near((double)calibration_error(c, START), 5000);
	json_object_put(json);
	calibration_free(c);
}

/* A stamp may come too early as well as too late. */
static void
the_worse_side_counts(void **state)
{
	struct calibration *c = calibration_new();

	take(c, START, 999, -30000, 31);
	near((double)calibration_error(c, START), 30000);
	calibration_free(c);
}

/* One in a thousand may be anything. */
static void
a_few_that_stick_out_do_not_count(void **state)
{
	struct calibration *c = calibration_new();

	for (int i = 0; i < 40; i++)
		take(c, START, 60, i < 2 ? -900000 : 3000, 1);
	near((double)calibration_error(c, START), 3059);
	take(c, START, 60, -800000, 0);
	near((double)calibration_error(c, START), 800000);
	calibration_free(c);
}

static void
a_perfect_stamp_is_not_believed(void **state)
{
	struct calibration *c = calibration_new();

	take(c, START, 1000, 0, 0);
	assert_int_equal(calibration_error(c, START), CALIBRATION_LEAST);
	calibration_free(c);
}

static void
what_is_older_than_an_hour_counts_no_more(void **state)
{
	struct calibration *c = calibration_new();

	take(c, START, 1000, 50000, 0);
	take(c, START + HOUR / 2, 1000, 2000, 0);
	near((double)calibration_error(c, START + HOUR), 50000);
	near((double)calibration_error(c, START + HOUR + 1), 2000);
	assert_int_equal(
	    calibration_error(c, START + 2 * HOUR), CALIBRATION_UNKNOWN);
	calibration_free(c);
}

static void
more_records_than_are_kept_replace_the_oldest(void **state)
{
	struct calibration *c = calibration_new();

	for (int i = 0; i < 200; i++)
		take(c, START + i * NS_PER_S, 100, i < 136 ? 90000 : 4000, 0);
	near((double)calibration_error(c, START + 200 * NS_PER_S), 4000);
	calibration_free(c);
}

static void
nonsense_changes_nothing(void **state)
{
	struct calibration *c = calibration_new();
	json_object *json = member_parse("{\"n\":-4}", 8, NULL);

	take(c, START, 1000, 4000, 0);
	calibration_take(c, json, START);
	near((double)calibration_error(c, START), 4000);
	json_object_put(json);
	calibration_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(few_packets_say_nothing),
	    cmocka_unit_test(median_and_width_are_rfc_7679s),
	    cmocka_unit_test(the_worse_side_counts),
	    cmocka_unit_test(a_few_that_stick_out_do_not_count),
	    cmocka_unit_test(a_perfect_stamp_is_not_believed),
	    cmocka_unit_test(what_is_older_than_an_hour_counts_no_more),
	    cmocka_unit_test(more_records_than_are_kept_replace_the_oldest),
	    cmocka_unit_test(nonsense_changes_nothing),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
