/* SPDX-License-Identifier: BSD-2-Clause */
#include "scheduler/timing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/starts.h"

static const struct timing timings[] = {
    {TIMING_PERIODIC, 1800 * NS_PER_S},
    {TIMING_PERIODIC, 7 * NS_PER_S + 1},
    {TIMING_PERIODIC, 36 * 3600 * NS_PER_S},
    {TIMING_PERIODIC, TIMING_LONGEST},
    {TIMING_UNIFORM, TIMING_SHORTEST},
    {TIMING_UNIFORM, 60 * NS_PER_S},
    {TIMING_UNIFORM, TIMING_LONGEST},
    {TIMING_POISSON, TIMING_SHORTEST},
    {TIMING_POISSON, 60 * NS_PER_S},
    {TIMING_POISSON, TIMING_LONGEST / 1000},
    {TIMING_ONCE, 0, NOW + 3},
    {TIMING_CONTINUOUS, TIMING_REPORT_SHORTEST},
    {TIMING_CONTINUOUS, 7 * 3600 * NS_PER_S},
};

/* Where windows and days change, and far from here. */
static const nanoseconds instants[] = {
    TIMING_FIRST,
    -36 * 3600 * NS_PER_S,
    -DAY - 1,
    -DAY,
    -1,
    0,
    1,
    DAY - 1,
    DAY,
    64 * 60 * NS_PER_S - 1,
    64 * 60 * NS_PER_S,
    NOW,
    NOW + 2,
    NOW + 3,
    TIMING_LAST - DAY,
    TIMING_LAST,
};

/* These instants were worked out by another program from the description in
 * the headers. A change that moves them moves every start of every fleet. */
static void
timing_starts_stay_where_they_always_were(void **state)
{
	static const struct {
		struct timing timing;
		nanoseconds starts[3];
	} cases[] = {
	    {{TIMING_PERIODIC, 1800 * NS_PER_S},
		{1795300637432725014, 1795302437432725014,
		    1795304237432725014}},
	    {{TIMING_UNIFORM, 60 * NS_PER_S},
		{1795300043250913595, 1795300096903584575,
		    1795300196495280510}},
	    {{TIMING_POISSON, 60 * NS_PER_S},
		{1795300141688654887, 1795300152380045348,
		    1795300210245643045}},
	};
	struct timing_seed seed;

	timing_seed(&seed, "key", 3, "core-ping", "nyc", "lon");
	for (size_t i = 0; i < COUNT(cases); i++) {
		nanoseconds starts[3];

		starts_list(&cases[i].timing, &seed, NOW, starts, 3);
		assert_memory_equal(starts, cases[i].starts, sizeof(starts));
	}
}

static void
timing_starts_rise_and_are_the_same_from_any_instant(void **state)
{
	struct timing_seed seed;

	starts_seed(&seed, 1);
	for (size_t i = 0; i < COUNT(timings); i++)
		for (size_t j = 0; j < COUNT(instants); j++) {
			const struct timing *t = &timings[i];
			nanoseconds from = instants[j];
			nanoseconds next = timing_next(t, &seed, from);

			assert_true(next > from);
			if (next == INT64_MAX)
				continue;
			assert_true(next <= TIMING_LAST);
			for (int k = 0; k < 20; k++)
				assert_int_equal(
				    timing_next(t, &seed,
					from + (next - 1 - from) / 20 * k),
				    next);
			assert_int_equal(timing_next(t, &seed, next - 1), next);
			assert_true(timing_next(t, &seed, next) > next);
		}
}

static void
timing_ends_with_its_calendar(void **state)
{
	struct timing_seed seed;

	starts_seed(&seed, 2);
	for (size_t i = 0; i < COUNT(timings); i++) {
		const struct timing *t = &timings[i];

		assert_int_equal(timing_next(t, &seed, INT64_MIN),
		    timing_next(t, &seed, TIMING_FIRST));
		assert_int_equal(timing_next(t, &seed, TIMING_LAST), INT64_MAX);
		assert_int_equal(timing_next(t, &seed, INT64_MAX), INT64_MAX);
		assert_int_equal(timing_count(t, &seed, INT64_MIN, INT64_MAX),
		    timing_count(t, &seed, TIMING_FIRST, TIMING_LAST));
	}
}

static void
timing_counts_what_it_starts(void **state)
{
	struct timing_seed seed;

	starts_seed(&seed, 3);
	for (size_t i = 0; i < COUNT(timings); i++)
		for (size_t j = 0; j < COUNT(instants); j++) {
			const struct timing *t = &timings[i];
			nanoseconds after = instants[j], start = after;
			uint64_t n = 0;

			while (n < 300 && (start = timing_next(
					       t, &seed, start)) != INT64_MAX) {
				n++;
				assert_int_equal(
				    timing_count(t, &seed, after, start), n);
				assert_int_equal(
				    timing_count(t, &seed, after, start - 1),
				    n - 1);
			}
			assert_int_equal(
			    timing_count(t, &seed, after, after), 0);
			assert_int_equal(
			    timing_count(t, &seed, after, after - 1), 0);
		}
}

/* A suspend of a month, a box that wakes up in 1970: counted, not listed. */
static void
timing_counts_long_spans_at_once(void **state)
{
	static const nanoseconds span = 56 * 365 * DAY;
	struct timing_seed seed;

	starts_seed(&seed, 4);
	for (size_t i = 0; i < COUNT(timings); i++) {
		const struct timing *t = &timings[i];
		double n = (double)timing_count(t, &seed, NOW - span, NOW);
		double mean = t->kind == TIMING_ONCE
				  ? 0
				  : (double)span / (double)t->every;

		assert_true(n >= mean * 0.99 - 64);
		assert_true(n <= mean * 1.01 + 64);
	}
}

static void
timing_periodic_keeps_its_phase_all_day(void **state)
{
	static const struct timing t = {TIMING_PERIODIC, 1800 * NS_PER_S};
	struct timing_seed seed;

	for (int number = 0; number < 50; number++) {
		nanoseconds starts[48 * 3], today = NOW - NOW % DAY - 1;
		int changes = 0;

		starts_seed(&seed, number);
		starts_list(&t, &seed, today, starts, COUNT(starts));
		for (size_t i = 0; i < COUNT(starts); i++) {
			nanoseconds begin =
			    today + 1 + (nanoseconds)i * t.every;

			if (starts[i] < begin || starts[i] >= begin + t.every)
				fail_msg("seed %d: start %zu is not in its "
					 "window",
				    number, i);
			changes +=
			    i > 0 && starts[i] - starts[i - 1] != t.every;
		}
		if (changes != 2)
			fail_msg("seed %d: %d changes of phase in 3 days",
			    number, changes);
	}
}

static void
timing_does_not_drift_in_a_million_starts(void **state)
{
	static const struct timing fast[] = {
	    {TIMING_PERIODIC, 7 * NS_PER_S + 1},
	    {TIMING_UNIFORM, TIMING_SHORTEST},
	    {TIMING_POISSON, 60 * NS_PER_S},
	};
	/* in intervals; of poisson 4 standard deviations of its own walk */
	static const nanoseconds allowed[] = {2, 2, 4000};

	for (size_t i = 0; i < COUNT(fast); i++) {
		const struct timing *t = &fast[i];
		nanoseconds start = NOW, end = NOW + 1000000 * t->every;
		struct timing_seed seed;

		starts_seed(&seed, 5);
		for (int n = 0; n < 1000000; n++)
			start = timing_next(t, &seed, start);
		assert_true(start > end - allowed[i] * t->every);
		assert_true(start < end + allowed[i] * t->every);
		/* and it is where someone who has just come finds it */
		assert_int_equal(timing_next(t, &seed, start - 1), start);
	}
}

static void
timing_once_is_once(void **state)
{
	static const struct timing t = {TIMING_ONCE, 0, NOW};
	struct timing_seed seed;

	starts_seed(&seed, 6);
	assert_int_equal(timing_next(&t, &seed, INT64_MIN), NOW);
	assert_int_equal(timing_next(&t, &seed, NOW - 1), NOW);
	assert_int_equal(timing_next(&t, &seed, NOW), INT64_MAX);
	assert_int_equal(timing_count(&t, &seed, 0, NOW), 1);
	assert_int_equal(timing_count(&t, &seed, 0, INT64_MAX), 1);
	assert_int_equal(timing_count(&t, &seed, NOW, INT64_MAX), 0);
	assert_int_equal(timing_silence(&t), 0);
}

static void
timing_of_a_stream_has_an_interval_at_each_multiple(void **state)
{
	static const struct timing t = {TIMING_CONTINUOUS, 60 * NS_PER_S};
	static const nanoseconds edge = NOW - NOW % (60 * NS_PER_S);
	struct timing_seed seed;

	starts_seed(&seed, 7);
	assert_int_equal(timing_next(&t, &seed, edge - 1), edge);
	assert_int_equal(timing_next(&t, &seed, edge), edge + t.every);
	assert_int_equal(
	    timing_count(&t, &seed, edge, edge + 10 * t.every), 10);
	assert_int_equal(timing_silence(&t), t.every);
	assert_int_equal(timing_step(&t), t.every);
}

static void
timing_step_is_the_interval_rounded_up(void **state)
{
	static const struct {
		nanoseconds every;
		int step;
	} cases[] = {
	    {TIMING_SHORTEST, 10},
	    {10 * NS_PER_S, 10},
	    {10 * NS_PER_S + 1, 30},
	    {60 * NS_PER_S, 60},
	    {61 * NS_PER_S, 300},
	    {600 * NS_PER_S, 1800},
	    {3600 * NS_PER_S, 3600},
	    {5 * 3600 * NS_PER_S, 21600},
	    {7 * 3600 * NS_PER_S, 86400},
	    {TIMING_LONGEST, 86400},
	};
	struct timing t = {TIMING_UNIFORM};

	for (size_t i = 0; i < COUNT(cases); i++) {
		t.every = cases[i].every;
		assert_int_equal(timing_step(&t), cases[i].step * NS_PER_S);
	}
	t.kind = TIMING_ONCE;
	assert_int_equal(timing_step(&t), DAY);
}

static void
timing_seed_depends_on_every_part(void **state)
{
	struct timing_seed seeds[6];

	timing_seed(&seeds[0], "key", 3, "test", "a", "b");
	timing_seed(&seeds[1], "kex", 3, "test", "a", "b");
	timing_seed(&seeds[2], "key", 3, "tess", "a", "b");
	timing_seed(&seeds[3], "key", 3, "test", "b", "a");
	timing_seed(&seeds[4], "key", 3, "test", "ab", "");
	timing_seed(&seeds[5], "key", 3, "testa", "b", "");
	for (int i = 0; i < 6; i++)
		for (int j = 0; j < i; j++)
			assert_memory_not_equal(
			    &seeds[i], &seeds[j], sizeof(seeds[0]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(timing_starts_stay_where_they_always_were),
	    cmocka_unit_test(
		timing_starts_rise_and_are_the_same_from_any_instant),
	    cmocka_unit_test(timing_ends_with_its_calendar),
	    cmocka_unit_test(timing_counts_what_it_starts),
	    cmocka_unit_test(timing_counts_long_spans_at_once),
	    cmocka_unit_test(timing_periodic_keeps_its_phase_all_day),
	    cmocka_unit_test(timing_does_not_drift_in_a_million_starts),
	    cmocka_unit_test(timing_once_is_once),
	    cmocka_unit_test(
		timing_of_a_stream_has_an_interval_at_each_multiple),
	    cmocka_unit_test(timing_step_is_the_interval_rounded_up),
	    cmocka_unit_test(timing_seed_depends_on_every_part),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
