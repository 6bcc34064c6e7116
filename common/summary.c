/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/memory.h"

const double summary_levels[SUMMARY_QUANTILES] = {
    [SUMMARY_P5] = 0.05,
    [SUMMARY_P25] = 0.25,
    [SUMMARY_P50] = 0.5,
    [SUMMARY_P75] = 0.75,
    [SUMMARY_P95] = 0.95,
    [SUMMARY_P99] = 0.99,
};

const char *const summary_names[SUMMARY_QUANTILES] = {
    [SUMMARY_P5] = "p5",
    [SUMMARY_P25] = "p25",
    [SUMMARY_P50] = "p50",
    [SUMMARY_P75] = "p75",
    [SUMMARY_P95] = "p95",
    [SUMMARY_P99] = "p99",
};

static double
within(double value, double least, double most)
{
	return (fmin(fmax(value, least), most));
}

static double
halfway(double a, double b)
{
	return ((a + b) / 2);
}

bool
summary_holds(uint64_t n, double q)
{
	return (n > 0 && (q == 0.5 || (double)n * fmin(q, 1 - q) >= 1));
}

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return ((x > y) - (x < y));
}

/* Mean and standard deviation of sorted samples, about the smallest of them so
 * that nothing cancels. */
static void
fill_moments(struct summary *s, const int64_t *sorted, size_t n)
{
	double least = (double)sorted[0], sum = 0, squares = 0, mean;

	for (size_t i = 0; i < n; i++)
		sum += (double)sorted[i] - least;
	mean = sum / (double)n;
	for (size_t i = 0; i < n; i++) {
		double d = (double)sorted[i] - least - mean;

		squares += d * d;
	}
	s->mean = within((least + mean) / NS_PER_S, s->min, s->max);
	s->sd = n > 1 ? sqrt(squares / (double)(n - 1)) / NS_PER_S : NAN;
}

void
summary_fill(struct summary *s, int64_t *samples, size_t n)
{
	summary_clear(s);
	if (n == 0)
		return;
	qsort(samples, n, sizeof(*samples), compare);
	s->n = n;
	s->min = clock_seconds(samples[0]);
	s->max = clock_seconds(samples[n - 1]);
	fill_moments(s, samples, n);
	s->median = halfway(
	    clock_seconds(samples[(n - 1) / 2]), clock_seconds(samples[n / 2]));
	for (size_t i = 0; i < SUMMARY_QUANTILES; i++) {
		size_t rank = histogram_rank(n, summary_levels[i]);

		s->quantile[i] = NAN;
		if (summary_holds(n, summary_levels[i]))
			s->quantile[i] = clock_seconds(samples[rank - 1]);
	}
	histogram_fill(&s->histogram, samples, n);
}

void
summary_clear(struct summary *s)
{
	histogram_clear(&s->histogram);
	*s = (struct summary){0};
}

static void
copy(struct summary *into, const struct summary *from)
{
	summary_clear(into);
	*into = *from;
	into->histogram = (struct histogram){0};
	histogram_merge(&into->histogram, &from->histogram);
}

/* Chan, Golub and LeVeque: exact for the union of both. */
static void
merge_moments(struct summary *into, const struct summary *from)
{
	double a = (double)into->n, b = (double)from->n;
	double apart = from->mean - into->mean, squares;

	squares = apart * apart * a * b / (a + b);
	if (into->n > 1)
		squares += into->sd * into->sd * (a - 1);
	if (from->n > 1)
		squares += from->sd * from->sd * (b - 1);
	into->mean =
	    within(into->mean + apart * b / (a + b), into->min, into->max);
	into->sd = within(sqrt(squares / (a + b - 1)), 0,
	    SUMMARY_SD_MOST * (into->max - into->min));
}

static double
value_at(const struct summary *s, uint64_t rank)
{
	return (within(
	    clock_seconds(histogram_at(&s->histogram, rank)), s->min, s->max));
}

void
summary_merge(struct summary *into, const struct summary *from)
{
	if (from->n == 0)
		return;
	if (into->n == 0) {
		copy(into, from);
		return;
	}
	into->min = fmin(into->min, from->min);
	into->max = fmax(into->max, from->max);
	merge_moments(into, from);
	histogram_merge(&into->histogram, &from->histogram);
	into->n = histogram_count(&into->histogram);
	into->merged = true;
	into->median = halfway(
	    value_at(into, (into->n + 1) / 2), value_at(into, into->n / 2 + 1));
	for (size_t i = 0; i < SUMMARY_QUANTILES; i++) {
		uint64_t rank = histogram_rank(into->n, summary_levels[i]);

		into->quantile[i] = NAN;
		if (summary_holds(into->n, summary_levels[i]))
			into->quantile[i] = value_at(into, rank);
	}
}

bool
summary_get(const struct summary *s, const char *name, double *value)
{
	const struct {
		const char *name;
		double value;
	} figures[] = {
	    {"n", (double)s->n},
	    {"min", s->min},
	    {"max", s->max},
	    {"mean", s->mean},
	    {"sd", s->sd},
	    {"median", s->median},
	};
	double found = NAN;

	for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++)
		if (strcmp(name, figures[i].name) == 0)
			found = figures[i].value;
	for (size_t i = 0; i < SUMMARY_QUANTILES; i++)
		if (strcmp(name, summary_names[i]) == 0)
			found = s->quantile[i];
	if (s->n == 0 || isnan(found))
		return (false);
	*value = found;
	return (true);
}

static int
compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return ((x > y) - (x < y));
}

/* A^2 of sorted gaps over their mean. With z = 1 - exp(-x) the logarithm of
 * 1 - z is just -x. */
static double
anderson_darling(const double *sorted, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)(2 * i + 1) * log(-expm1(-sorted[i])) -
		       (double)(2 * (n - i) - 1) * sorted[i];
	return (-(double)n - sum / (double)n);
}

static double
significance(double a2)
{
	/* D'Agostino and Stephens, as the code in RFC 2330's appendix */
	static const struct {
		double most, level;
	} steps[] = {
	    {0.201, 0.99},
	    {0.240, 0.975},
	    {0.283, 0.95},
	    {0.346, 0.90},
	    {0.399, 0.85},
	    {1.248, 0.25},
	    {1.610, 0.15},
	    {1.933, 0.10},
	    {2.492, 0.05},
	    {3.070, 0.025},
	    {3.880, 0.01},
	    {4.500, 0.005},
	    {6.000, 0.001},
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		if (a2 <= steps[i].most)
			return (steps[i].level);
	return (0);
}

bool
summary_misfit(const double *gaps, size_t n, double mean, double *a2)
{
	double *sorted;

	if (n < 5)
		return (false);
	for (size_t i = 0; i < n; i++)
		if (!(gaps[i] > 0 && isfinite(gaps[i])))
			return (false);
	sorted = memory_new(n, sizeof(*sorted));
	for (size_t i = 0; i < n; i++)
		sorted[i] = gaps[i] / mean;
	qsort(sorted, n, sizeof(*sorted), compare_doubles);
	*a2 = anderson_darling(sorted, n);
	free(sorted);
	return (true);
}

double
summary_exponential(const double *gaps, size_t n, double mean)
{
	double a2;

	return (summary_misfit(gaps, n, mean, &a2) ? significance(a2) : -1);
}
