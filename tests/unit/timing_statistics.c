/* SPDX-License-Identifier: BSD-2-Clause */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/summary.h"
#include "scheduler/dice.h"
#include "tests/unit/starts.h"

/* The seeds are fixed, so what holds today holds tomorrow; the bounds are 4
 * standard deviations of what chance allows. */
#define SEEDS 1000
#define GAPS 128 /* at a time, as RFC 2330 has it */

static const struct timing periodic = {TIMING_PERIODIC, 60 * NS_PER_S};
static const struct timing uniform = {TIMING_UNIFORM, 60 * NS_PER_S};
static const struct timing poisson = {TIMING_POISSON, 60 * NS_PER_S};

/* How many of SEEDS samples have a significance under 0.05, and from 0.95. */
static void
judge_gaps(const struct timing *timing, int *misfits, int *too_good)
{
	struct timing_seed seed;
	double gaps[GAPS];

	*misfits = *too_good = 0;
	for (int i = 0; i < SEEDS; i++) {
		double level;

		starts_seed(&seed, i);
		starts_gaps(timing, &seed, NOW, gaps, GAPS);
		level = summary_exponential(gaps, GAPS, 1);
		if (level < 0)
			fail_msg("seed %d: Anderson-Darling has no answer", i);
		*misfits += level < 0.05;
		*too_good += level >= 0.95;
	}
}

static void
poisson_gaps_are_exponential(void **state)
{
	int misfits, too_good;

	judge_gaps(&poisson, &misfits, &too_good);
	if (misfits < 50 - 28 || misfits > 50 + 28)
		fail_msg("%d of %d misfits, expected 50", misfits, SEEDS);
	if (too_good < 50 - 28 || too_good > 50 + 28)
		fail_msg("%d of %d too good, expected 50", too_good, SEEDS);
}

static void
periodic_and_uniform_gaps_are_not(void **state)
{
	int misfits, too_good;

	judge_gaps(&periodic, &misfits, &too_good);
	assert_int_equal(misfits, SEEDS);
	judge_gaps(&uniform, &misfits, &too_good);
	assert_int_equal(misfits, SEEDS);
}

/* Window after window has a Poisson number of starts: mean and variance are
 * the same, and one window says nothing of the next. */
static void
poisson_windows_have_poisson_counts(void **state)
{
	enum { WINDOWS = 20000 };
	const nanoseconds window = 50 * poisson.every; /* not the code's own */
	double sum = 0, squares = 0, products = 0, before = 0, n;
	struct timing_seed seed;

	starts_seed(&seed, 0);
	for (int i = 0; i < WINDOWS; i++) {
		n = (double)timing_count(&poisson, &seed, NOW + i * window,
			NOW + (i + 1) * window) -
		    50;
		sum += n;
		squares += n * n;
		products += n * before;
		before = n;
	}
	assert_true(fabs(sum / WINDOWS) < 4 * sqrt(50.0 / WINDOWS));
	assert_true(fabs(squares / WINDOWS / 50 - 1) < 4 * sqrt(2.0 / WINDOWS));
	assert_true(fabs(products / WINDOWS / 50) < 4 * sqrt(1.0 / WINDOWS));
}

static int
compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return ((left > right) - (left < right));
}

/* Kolmogorov-Smirnov against the uniform distribution on [0, 1): D times the
 * root of n, which exceeds 1.95 once in 1000 and is under 0.37 as rarely. */
static void
assert_uniform(double *values, size_t n, const char *what)
{
	double most = 0;

	qsort(values, n, sizeof(*values), compare);
	assert_true(values[0] >= 0 && values[n - 1] < 1);
	for (size_t i = 0; i < n; i++) {
		most = fmax(most, (double)(i + 1) / (double)n - values[i]);
		most = fmax(most, values[i] - (double)i / (double)n);
	}
	most *= sqrt((double)n);
	if (most < 0.37 || most > 1.95)
		fail_msg("%s: Kolmogorov-Smirnov %g", what, most);
}

/* Where in its window the start of the window of `when` lies, from 0 to 1. */
static double
phase(const struct timing *timing, const char *test, const char *src,
    const char *dst, nanoseconds when)
{
	struct timing_seed seed;
	nanoseconds start;

	timing_seed(&seed, "key", 3, test, src, dst);
	start = timing_next(timing, &seed, when - when % timing->every - 1);
	return ((double)(start % timing->every) / (double)timing->every);
}

static void
phases_are_uniform_over(const struct timing *timing, int test, int src, int dst,
    nanoseconds step, const char *what)
{
	enum { PHASES = 5000 };
	double phases[PHASES];
	char names[3][20];

	for (int i = 0; i < PHASES; i++) {
		snprintf(names[0], sizeof(names[0]), "test%d", i * test);
		snprintf(names[1], sizeof(names[1]), "box%d", i * src);
		snprintf(names[2], sizeof(names[2]), "host%d", i * dst);
		phases[i] =
		    phase(timing, names[0], names[1], names[2], NOW + i * step);
	}
	assert_uniform(phases, PHASES, what);
}

static void
phases_are_uniform_over_tests_pairs_and_days(void **state)
{
	phases_are_uniform_over(&periodic, 1, 0, 0, 0, "periodic, tests");
	phases_are_uniform_over(&periodic, 0, 1, 0, 0, "periodic, sources");
	phases_are_uniform_over(&periodic, 0, 0, 1, 0, "periodic, targets");
	phases_are_uniform_over(&periodic, 0, 0, 0, DAY, "periodic, days");
	phases_are_uniform_over(&uniform, 1, 0, 0, 0, "uniform, tests");
	phases_are_uniform_over(&uniform, 0, 1, 1, 0, "uniform, pairs");
	phases_are_uniform_over(
	    &uniform, 0, 0, 0, uniform.every, "uniform, periods");
}

/* Two pairs know nothing of each other: their phases do not correlate day by
 * day, and two Poisson processes together are one of twice the rate. */
static void
pairs_are_independent(void **state)
{
	enum { DAYS = 5000 };
	double sum = 0;

	for (int i = 0; i < DAYS; i++)
		sum += (phase(&periodic, "t", "a", "b", i * DAY) - 0.5) *
		       (phase(&periodic, "t", "b", "a", i * DAY) - 0.5) * 12;
	assert_true(fabs(sum / DAYS) < 4 / sqrt(DAYS));
}

static void
two_poisson_pairs_make_one_of_twice_the_rate(void **state)
{
	int misfits = 0;

	for (int i = 0; i < SEEDS; i++) {
		struct timing_seed seeds[2];
		nanoseconds start = NOW;
		double gaps[GAPS];

		starts_seed(&seeds[0], 2 * i);
		starts_seed(&seeds[1], 2 * i + 1);
		for (int j = 0; j < GAPS; j++) {
			nanoseconds a = timing_next(&poisson, &seeds[0], start);
			nanoseconds b = timing_next(&poisson, &seeds[1], start);
			nanoseconds next = a < b ? a : b;

			gaps[j] = (double)(next - start);
			start = next;
		}
		misfits += summary_exponential(
			       gaps, GAPS, (double)poisson.every / 2) < 0.05;
	}
	if (misfits < 50 - 28 || misfits > 50 + 28)
		fail_msg("%d of %d misfits, expected 50", misfits, SEEDS);
}

/* Of many gaps, the share above the silence, in ten thousandths. */
static double
silent_share(const struct timing *timing, double factor)
{
	enum { TIMES = 200, ROW = 1500 };
	double silence =
	    factor * (double)timing_silence(timing) / (double)timing->every;
	static double gaps[ROW];
	int above = 0;

	for (int i = 0; i < TIMES; i++) {
		struct timing_seed seed;

		starts_seed(&seed, i);
		starts_gaps(timing, &seed, NOW, gaps, ROW);
		for (int j = 0; j < ROW; j++)
			above += gaps[j] > silence;
	}
	return (above * 1e4 / (TIMES * ROW));
}

static void
silence_is_one_gap_in_ten_thousand(void **state)
{
	static const struct timing timings[] = {
	    {TIMING_POISSON, 60 * NS_PER_S},
	    {TIMING_UNIFORM, 60 * NS_PER_S},
	    {TIMING_PERIODIC, 1800 * NS_PER_S},
	    {TIMING_PERIODIC, 6 * 3600 * NS_PER_S},
	    {TIMING_PERIODIC, DAY},
	    {TIMING_PERIODIC, 2 * DAY + 1},
	};

	for (size_t i = 0; i < COUNT(timings); i++) {
		double share = silent_share(&timings[i], 1);

		/* of 300,000 gaps 30 exceed it, give or take 4 x 5.5 */
		if (share < 0.27 || share > 1.73)
			fail_msg("timing %zu: %g of 10,000 gaps exceed it", i,
			    share);
	}
}

static void
silence_has_the_values_that_theory_gives(void **state)
{
	const double s = (double)NS_PER_S;

	assert_float_equal(timing_silence(&poisson) / s, 60 * 9.210340, 1e-4);
	assert_float_equal(timing_silence(&uniform) / s, 60 * 1.985858, 1e-4);
	for (int every = 10; every < 400000; every *= 2) {
		struct timing t = {TIMING_PERIODIC, every * NS_PER_S};
		double silence = (double)timing_silence(&t) / (every * s);

		assert_true(silence >= 1 && silence < 2);
		/* where midnight is rarer than 1 gap in 5000 */
		assert_true((silence == 1) == (every <= 17));
	}
}

static void
dice_are_fair(void **state)
{
	enum { SIDES = 48, THROWS = 48000 };
	static const uint8_t seed[DICE_SEED] = "a seed";
	int seen[SIDES] = {0};
	struct dice dice;
	double chi = 0;

	dice_start(&dice, seed, -1);
	for (int i = 0; i < THROWS; i++)
		seen[dice_below(&dice, SIDES)]++;
	for (int i = 0; i < SIDES; i++)
		chi += pow(seen[i] - 1000.0, 2) / 1000;
	if (chi < 47 - 4 * sqrt(94) || chi > 47 + 4 * sqrt(94))
		fail_msg("chi square is %g, expected 47", chi);
	/* a bound just over half the range: a plain remainder would put two
	 * thirds of the throws under half of it */
	for (int i = chi = 0; i < THROWS; i++)
		chi += dice_below(&dice, UINT64_C(3) << 62) < UINT64_C(3) << 61;
	assert_true(fabs(chi / THROWS - 0.5) < 4 * 0.5 / sqrt(THROWS));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(poisson_gaps_are_exponential),
	    cmocka_unit_test(periodic_and_uniform_gaps_are_not),
	    cmocka_unit_test(poisson_windows_have_poisson_counts),
	    cmocka_unit_test(phases_are_uniform_over_tests_pairs_and_days),
	    cmocka_unit_test(pairs_are_independent),
	    cmocka_unit_test(two_poisson_pairs_make_one_of_twice_the_rate),
	    cmocka_unit_test(silence_is_one_gap_in_ten_thousand),
	    cmocka_unit_test(silence_has_the_values_that_theory_gives),
	    cmocka_unit_test(dice_are_fair),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
