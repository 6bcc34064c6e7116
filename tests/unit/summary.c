/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/summary.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/draft.h"
#include "common/member.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static double
figure(const struct summary *s, const char *name)
{
	double value;

	if (!summary_get(s, name, &value))
		fail_msg("%s is absent", name);
	return (value);
}

static void
assert_figure(const struct summary *s, const char *name, double expected)
{
	double value = figure(s, name);

	if (fabs(value - expected) > 1e-12 * fmax(1, fabs(expected)))
		fail_msg("%s: %.17g, expected %.17g", name, value, expected);
}

static void
assert_absent(const struct summary *s, const char *name)
{
	double value;

	if (summary_get(s, name, &value))
		fail_msg("%s: %g, expected none", name, value);
}

/* The quick writer and json-c agree to the letter. */
static void
assert_written(const struct summary *s)
{
	json_object *json = summary_json(s);
	struct draft draft = {0};

	summary_write(s, &draft, draft_measure);
	assert_string_equal(draft.text,
	    json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN));
	draft_clear(&draft);
	json_object_put(json);
}

/* Same figures, bit by bit, and the same bins. */
static void
assert_same(const struct summary *a, const struct summary *b)
{
	json_object *x = summary_json(a), *y = summary_json(b);

	assert_written(a);
	assert_string_equal(
	    json_object_to_json_string(x), json_object_to_json_string(y));
	json_object_put(x);
	json_object_put(y);
}

static struct summary
of_seconds(const double *seconds, size_t n)
{
	struct summary s = {0};
	int64_t samples[256];

	assert_true(n <= COUNT(samples));
	for (size_t i = 0; i < n; i++)
		samples[i] = clock_of_seconds(seconds[i]);
	summary_fill(&s, samples, n);
	return (s);
}

static void
rfc2330_example(void **state)
{
	static const double sample[] = {-2, 7, 7, 4, 18, -5};
	struct summary s = of_seconds(sample, COUNT(sample));

	assert_figure(&s, "n", 6);
	assert_figure(&s, "min", -5);
	assert_figure(&s, "p25", -2);
	assert_figure(&s, "p50", 4);
	assert_figure(&s, "median", 5.5);
	assert_figure(&s, "p75", 7);
	assert_figure(&s, "max", 18);
	assert_figure(&s, "mean", 29.0 / 6);
	assert_figure(&s, "sd", sqrt((467 - 29.0 * 29.0 / 6) / 5));
	assert_absent(&s, "p5");
	assert_absent(&s, "p95");
	assert_absent(&s, "p90");
	summary_clear(&s);
}

static void
rfc7679_arrivals(void **state)
{
	static const double odd[] = {0.1, 0.11, 0.09, 0.5};
	static const double few[] = {0.1, 0.11, 0.09};
	struct summary s = of_seconds(odd, COUNT(odd));

	assert_figure(&s, "median", 0.105);
	assert_figure(&s, "p50", 0.1);
	assert_figure(&s, "min", 0.09);
	summary_clear(&s);
	s = of_seconds(few, COUNT(few));
	assert_figure(&s, "median", 0.1);
	summary_clear(&s);
}

static void
quantiles_that_n_cannot_hold_are_absent(void **state)
{
	static const struct {
		const char *name;
		size_t least;
	} holds[] = {{"p5", 20}, {"p25", 4}, {"p50", 1}, {"p75", 4},
	    {"p95", 20}, {"p99", 100}, {"sd", 2}, {"median", 1}, {"max", 1}};
	double samples[100];
	struct summary s;

	for (size_t i = 0; i < COUNT(samples); i++)
		samples[i] = (double)(i + 1);
	for (size_t i = 0; i < COUNT(holds); i++) {
		s = of_seconds(samples, holds[i].least);
		figure(&s, holds[i].name);
		summary_clear(&s);
		s = of_seconds(samples, holds[i].least - 1);
		assert_absent(&s, holds[i].name);
		summary_clear(&s);
	}
	s = of_seconds(samples, 100);
	assert_figure(&s, "p5", 5);
	assert_figure(&s, "p95", 95);
	assert_figure(&s, "p99", 99);
	summary_clear(&s);
}

static void
nothing_has_no_figures(void **state)
{
	struct summary s = {0};

	summary_fill(&s, NULL, 0);
	assert_absent(&s, "n");
	assert_absent(&s, "mean");
	summary_merge(&s, &s);
	assert_int_equal(s.n, 0);
}

static uint64_t
next(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (*seed >> 11);
}

static double
random_gap(double mean)
{
	return (-mean * log1p(-drand48()));
}

static void
merging_agrees_with_all_at_once(void **state)
{
	static const char *const exact[] = {"n", "min", "max", "mean", "sd"};
	static const char *const near[] = {
	    "p5", "p25", "p50", "median", "p75", "p95"};
	struct summary whole = {0}, sum = {0}, part = {0};
	int64_t samples[90];
	uint64_t seed = 3;

	for (size_t i = 0; i < 90; i++)
		samples[i] = 40000000 + (int64_t)(next(&seed) % 30000000);
	for (size_t i = 0; i < 3; i++) {
		summary_fill(&part, samples + 30 * i, 30);
		summary_merge(&sum, &part);
		assert_int_equal(sum.merged, i > 0);
	}
	summary_fill(&whole, samples, 90);
	for (size_t i = 0; i < COUNT(exact); i++)
		assert_figure(&sum, exact[i], figure(&whole, exact[i]));
	for (size_t i = 0; i < COUNT(near); i++)
		assert_true(fabs(figure(&sum, near[i]) -
				 figure(&whole, near[i])) < 30e-3 / 16);
	summary_clear(&part);
	summary_clear(&whole);
	summary_clear(&sum);
}

static void
merged_quantiles_stay_between_min_and_max(void **state)
{
	static const double low[] = {0.0361, 0.0361}, high[] = {0.0362};
	struct summary a = of_seconds(low, 2), b = of_seconds(high, 1);

	summary_merge(&a, &b);
	assert_true(a.quantile[SUMMARY_P50] >= 0.0361);
	assert_true(a.median <= 0.0362);
	summary_merge(&a, &a);
	assert_int_equal(a.n, 6);
	assert_true(a.quantile[SUMMARY_P25] >= 0.0361);
	assert_true(a.quantile[SUMMARY_P75] <= 0.0362);
	summary_clear(&a);
	summary_clear(&b);
}

static void
json_reads_back_bit_by_bit(void **state)
{
	struct summary s = {0}, part = {0}, back = {0};
	int64_t samples[130];
	uint64_t seed = 99;
	json_object *json;

	for (size_t round = 0; round < 40; round++) {
		size_t n = 1 + next(&seed) % 130;
		/* from a loopback to a clock that is fifty years off */
		int64_t most = INT64_C(1) << (12 + round);

		for (size_t i = 0; i < n; i++)
			samples[i] = (int64_t)(next(&seed) % most) - most / 3;
		summary_fill(&part, samples, n);
		summary_merge(&s, &part);
		json = summary_json(&s);
		assert_int_equal(summary_parse(&back, json, NULL), 0);
		assert_same(&s, &back);
		assert_int_equal(s.merged, back.merged);
		assert_int_equal(s.histogram.base, back.histogram.base);
		json_object_put(json);
	}
	summary_clear(&s);
	summary_clear(&part);
	summary_clear(&back);
}

static void
json_has_the_documented_shape(void **state)
{
	static const double sample[] = {0.002, 0.002, 0.004, 0.008};
	struct summary s = of_seconds(sample, COUNT(sample));
	json_object *json = summary_json(&s);

	assert_string_equal(
	    json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN),
	    "{\"n\":4,\"min\":0.002,\"p25\":0.002,\"p50\":0.002,"
	    "\"median\":0.003,\"p75\":0.004,\"max\":0.008,\"mean\":0.004,"
	    "\"sd\":0.00282842712474619,\"base\":0.001048576,"
	    "\"bins\":[[506,2],[557,1],[597,1]]}");
	json_object_put(json);
	summary_clear(&s);
}

static void
impossible_distributions_are_refused(void **state)
{
	static const char good[] =
	    "{\"n\":4,\"min\":2,\"p25\":2,\"p50\":2,"
	    "\"median\":3,\"p75\":4,\"max\":8,\"mean\":4,\"sd\":2.8,"
	    "\"base\":0,\"bins\":[[5,3],[6,1]]}";
	static const struct {
		const char *member, *value, *says;
	} bad[] = {
	    {"n", "0", "\"n\""},
	    {"n", "-3", "\"n\""},
	    {"n", "3", "\"p25\""},
	    {"n", "5", "n, which is 5"},
	    {"n", "4.0", "\"n\""},
	    {"n", "\"4\"", "\"n\""},
	    {"min", "9", "\"min\""},
	    {"min", "-1e10", "\"min\""},
	    {"max", "1e300", "\"max\""},
	    {"mean", "1.9", "\"mean\""},
	    {"mean", "8.1", "\"mean\""},
	    {"mean", "null", "\"mean\""},
	    {"sd", "-1", "\"sd\""},
	    {"sd", "5", "\"sd\""},
	    {"p50", "1", "\"p50\""},
	    {"p75", "1.5", "\"p75\""},
	    {"p95", "5", "\"p95\""},
	    {"median", "9", "\"median\""},
	    {"base", "0.5", "base"},
	    {"base", "1e10", "\"base\""},
	    {"bins", "[[5,3]]", "\"bins\""},
	    {"bins", "[[5,3],[6,2]]", "\"bins\""},
	    {"bins", "[[6,1],[5,3]]", "bins[1]"},
	    {"bins", "{}", "\"bins\""},
	};
	struct summary s = {0};
	struct error err;
	json_object *json = json_tokener_parse(good);

	assert_int_equal(summary_parse(&s, json, &err), 0);
	json_object_put(json);
	for (size_t i = 0; i < COUNT(bad); i++) {
		json = json_tokener_parse(good);
		json_object_object_add(
		    json, bad[i].member, json_tokener_parse(bad[i].value));
		assert_int_equal(summary_parse(&s, json, &err), -1);
		if (strstr(err.text, bad[i].says) == NULL ||
		    strstr(err.text, "expected") == NULL)
			fail_msg("%s: %s: %s", bad[i].member, bad[i].value,
			    err.text);
		assert_int_equal(s.n, 0);
		/* only quantiles may be missing */
		json_object_object_del(json, bad[i].member);
		assert_int_equal(summary_parse(&s, json, &err),
		    bad[i].member[0] == 'p' ? 0 : -1);
		json_object_put(json);
	}
	assert_int_equal(summary_parse(&s, NULL, &err), -1);
}

static void
anderson_darling_steps(void **state)
{
	static const struct {
		size_t n;
		double level;
	} periodic[] = {{5, 0.05}, {8, 0.01}, {10, 0.001}, {20, 0}, {128, 0}};
	double gaps[128], uniform[128];

	for (size_t i = 0; i < 128; i++)
		gaps[i] = 0.5;
	for (size_t i = 0; i < COUNT(periodic); i++)
		assert_float_equal(
		    summary_exponential(gaps, periodic[i].n, 0.5),
		    periodic[i].level, 1e-9);
	for (size_t i = 0; i < 10; i++)
		gaps[i] = -log1p(-((double)i + 0.5) / 10);
	assert_float_equal(summary_exponential(gaps, 10, 1), 0.99, 1e-9);
	for (size_t i = 0; i < 40; i++)
		uniform[i] = 2 * ((double)i + 0.5) / 40;
	assert_float_equal(summary_exponential(uniform, 40, 1), 0.05, 1e-9);
	for (size_t i = 0; i < 128; i++)
		uniform[i] = 2 * ((double)i + 0.5) / 128;
	assert_float_equal(summary_exponential(uniform, 128, 1), 0, 1e-9);
}

static void
anderson_darling_statistic(void **state)
{
	static const struct {
		size_t n;
		double periodic, midpoints;
	} known[] = {{5, 2.293, 0}, {8, 3.669, 0}, {10, 4.587, 0.07658},
	    {20, 9.174, 0}, {128, 58.71, 0.009302}};
	double gaps[128], a2;

	for (size_t i = 0; i < COUNT(known); i++) {
		size_t n = known[i].n;

		for (size_t k = 0; k < n; k++)
			gaps[k] = 0.5;
		assert_true(summary_misfit(gaps, n, 0.5, &a2));
		assert_float_equal(a2, known[i].periodic, 0.005);
		for (size_t k = 0; k < n; k++)
			gaps[k] = -log1p(-((double)k + 0.5) / (double)n);
		assert_true(summary_misfit(gaps, n, 1, &a2));
		if (known[i].midpoints > 0)
			assert_float_equal(a2, known[i].midpoints, 1e-5);
	}
	for (size_t i = 0; i < 128; i++)
		gaps[i] = 2 * ((double)i + 0.5) / 128;
	assert_true(summary_misfit(gaps, 128, 1, &a2));
	assert_float_equal(a2, 7.51, 0.005);
	assert_false(summary_misfit(gaps, 4, 1, &a2));
}

static void
anderson_darling_passes_poisson_gaps(void **state)
{
	static const double first[] = {
	    0.021260857, 0.303019312, 0.900351325, 0.204726045, 0.416767473};
	double gaps[128];
	size_t misfits = 0;

	srand48(1); /* glibc's, with RFC 2330's random_exponential */
	for (size_t i = 0; i < COUNT(gaps); i++)
		gaps[i] = random_gap(0.5);
	for (size_t i = 0; i < COUNT(first); i++)
		assert_float_equal(gaps[i], first[i], 1e-9);
	for (size_t round = 0; round < 1000; round++) {
		for (size_t i = 0; i < COUNT(gaps); i++)
			gaps[i] = random_gap(0.5);
		misfits += summary_exponential(gaps, COUNT(gaps), 0.5) < 0.05;
	}
	assert_in_range(misfits, 25, 75); /* 5 %, and 3.6 sd */
}

static void
anderson_darling_has_no_answer_for_few_or_bad_gaps(void **state)
{
	double gaps[] = {1, 2, 3, 4, 5};

	assert_true(summary_exponential(gaps, 4, 1) == -1);
	gaps[2] = 0;
	assert_true(summary_exponential(gaps, 5, 1) == -1);
	gaps[2] = INFINITY;
	assert_true(summary_exponential(gaps, 5, 1) == -1);
	gaps[2] = NAN;
	assert_true(summary_exponential(gaps, 5, 1) == -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc2330_example),
	    cmocka_unit_test(rfc7679_arrivals),
	    cmocka_unit_test(quantiles_that_n_cannot_hold_are_absent),
	    cmocka_unit_test(nothing_has_no_figures),
	    cmocka_unit_test(merging_agrees_with_all_at_once),
	    cmocka_unit_test(merged_quantiles_stay_between_min_and_max),
	    cmocka_unit_test(json_reads_back_bit_by_bit),
	    cmocka_unit_test(json_has_the_documented_shape),
	    cmocka_unit_test(impossible_distributions_are_refused),
	    cmocka_unit_test(anderson_darling_steps),
	    cmocka_unit_test(anderson_darling_statistic),
	    cmocka_unit_test(anderson_darling_passes_poisson_gaps),
	    cmocka_unit_test(
		anderson_darling_has_no_answer_for_few_or_bad_gaps),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
