/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owamp/gaps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "probes/owamp/ntp.h"
#include "probes/owamp/timetable.h"

#define FIT 2.492 /* exceeded by 5 % */
#define ROUNDS 1000

static const struct slot poisson = {SLOT_EXPONENTIAL, NTP_S / 2};
static const struct slot periodic = {SLOT_FIXED, NTP_S / 2};

/* Each round's gaps are others; how many rounds do not fit? */
static int
count_misfits(const struct slot *slot, double mean)
{
	struct timetable *t = timetable_new(
	    (const uint8_t[KEYS_SID]){4, 2}, UINT64_C(1) << 63, slot, 1);
	struct gaps gaps = {0};
	int misfits = 0;
	double a2;

	for (int i = 0; i < ROUNDS; i++) {
		for (int k = 0; k < GAPS; k++)
			gaps_sent(&gaps, ntp_wall(timetable_next(t)));
		if (i == 0) /* a gap is missing */
			gaps_sent(&gaps, ntp_wall(timetable_next(t)));
		assert_true(gaps_misfit(&gaps, mean, &a2));
		misfits += a2 > FIT;
	}
	timetable_free(t);
	return (misfits);
}

static void
our_poisson_streams_fit_as_often_as_they_should(void **state)
{
	/* 5 % of a thousand, and 3.6 standard deviations */
	assert_in_range(count_misfits(&poisson, 0.5), 25, 75);
}

static void
periodic_streams_never_fit(void **state)
{
	assert_int_equal(count_misfits(&periodic, 0.5), ROUNDS);
}

static void
a_stream_of_another_rate_does_not_fit(void **state)
{
	assert_in_range(count_misfits(&poisson, 0.25), ROUNDS - 1, ROUNDS);
}

static void
there_is_no_answer_too_early_or_for_gaps_of_nothing(void **state)
{
	struct gaps gaps = {0};
	double a2;

	for (int i = 0; i < GAPS; i++) {
		gaps_sent(&gaps, i * NS_PER_S);
		assert_false(gaps_misfit(&gaps, 1, &a2));
	}
	gaps_sent(&gaps, GAPS * NS_PER_S);
	assert_true(gaps_misfit(&gaps, 1, &a2));
	assert_float_equal(a2, 58.71, 0.005);
	gaps_sent(&gaps, GAPS * NS_PER_S);
	assert_false(gaps_misfit(&gaps, 1, &a2));
}

static void
no_gap_ends_or_begins_where_a_time_is_not_known(void **state)
{
	struct gaps gaps = {0};
	double a2, all;

	for (int i = 0; i <= GAPS; i++)
		gaps_sent(&gaps, i * NS_PER_S);
	assert_true(gaps_misfit(&gaps, 1, &all));
	gaps_unknown(&gaps);
	gaps_sent(&gaps, INT64_C(1000) * NS_PER_S); /* no gap of 872 s */
	gaps_sent(&gaps, INT64_C(1001) * NS_PER_S);
	assert_true(gaps_misfit(&gaps, 1, &a2));
	assert_float_equal(a2, all, 1e-9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(our_poisson_streams_fit_as_often_as_they_should),
	    cmocka_unit_test(periodic_streams_never_fit),
	    cmocka_unit_test(a_stream_of_another_rate_does_not_fit),
	    cmocka_unit_test(
		there_is_no_answer_too_early_or_for_gaps_of_nothing),
	    cmocka_unit_test(no_gap_ends_or_begins_where_a_time_is_not_known),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
