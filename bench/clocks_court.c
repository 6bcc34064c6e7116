/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clocks_court - one sitting over a whole mesh, beside a dense solver.
 *
 *   clocks_court BOXES SITTINGS
 *
 * Routes of 1 to 100 ms, a tenth of them longer one way, clocks within what they
 * claim, three of them lying. Says as JSON how long a sitting takes, who was
 * named, how far offsets are off, and how long as many rounds of weighted least
 * squares take with a dense matrix.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/court.h"
#include "common/memory.h"

#define CLAIM 1e-3
#define ROUNDS 17 /* as many as the court has */
#define LIARS 3
#define NOW (1795300000 * NS_PER_S)

struct stage {
	size_t boxes, count;
	struct court_claim *claims;
	double *truth;
	struct court_pair *pairs;
};

/* Of a minute with 2 ms of jitter. */
static double
minimum(void)
{
	return (-2e-3 / 120 * log(1 - drand48()));
}

static double
between(double least, double most)
{
	return (least + (most - least) * drand48());
}

static void
make(struct stage *stage)
{
	size_t n = stage->boxes;

	stage->claims = memory_new(n, sizeof(*stage->claims));
	stage->truth = memory_new(n, sizeof(*stage->truth));
	stage->pairs = memory_new(n * n / 2, sizeof(*stage->pairs));
	for (size_t i = 0; i < n; i++) {
		stage->claims[i] = (struct court_claim){true, CLAIM};
		stage->truth[i] = between(-CLAIM / 3, CLAIM / 3);
	}
	for (size_t i = 0; i < LIARS; i++)
		stage->truth[i * n / LIARS] += 5e-3 * (double)(i + 1);
	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n; j++) {
			double way = between(1e-3, 100e-3);
			double apart = stage->truth[j] - stage->truth[i];
			double more = drand48() < 0.1 ? 5e-3 : 0;

			stage->pairs[stage->count++] =
			    (struct court_pair){.a = (uint32_t)i,
				.b = (uint32_t)j,
				.there = way + more + apart + minimum(),
				.back = way - apart + minimum(),
				.last_there = way + more + apart + minimum(),
				.last_back = way - apart + minimum(),
				.at = NOW - 30 * NS_PER_S,
				.span = 60};
		}
}

static double
sit(const struct stage *stage, struct court *court, int number)
{
	nanoseconds began = clock_monotonic();

	court_sit(court, NOW + number * 60 * NS_PER_S, stage->claims,
	    stage->pairs, stage->count);
	return (clock_seconds(clock_monotonic() - began));
}

/* In place, of the lower half; the right-hand side becomes the solution. */
static void
solve_dense(double *m, double *x, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j <= i; j++) {
			double sum = m[i * n + j];

			for (size_t k = 0; k < j; k++)
				sum -= m[i * n + k] * m[j * n + k];
			m[i * n + j] = i == j ? sqrt(sum) : sum / m[j * n + j];
		}
		for (size_t k = 0; k < i; k++)
			x[i] -= m[i * n + k] * x[k];
		x[i] /= m[i * n + i];
	}
	for (size_t i = n; i-- > 0;) {
		for (size_t k = i + 1; k < n; k++)
			x[i] -= m[k * n + i] * x[k];
		x[i] /= m[i * n + i];
	}
}

/* One round: normal equations with box 0 as zero. */
static void
round_dense(const struct stage *stage, double *m, double *x)
{
	size_t n = stage->boxes;
	double *old = memory_new(n, sizeof(*old));

	memcpy(old, x, n * sizeof(*old));
	memset(m, 0, n * n * sizeof(*m));
	memset(x, 0, n * sizeof(*x));
	for (size_t i = 0; i < stage->count; i++) {
		const struct court_pair *p = &stage->pairs[i];
		double y = (p->there - p->back) / 2;
		double w = 1 / fmax(fabs(y - old[p->b] + old[p->a]), 2e-6);

		m[p->a * n + p->a] += w;
		m[p->b * n + p->b] += w;
		m[p->b * n + p->a] -= w;
		x[p->b] += w * y;
		x[p->a] -= w * y;
	}
	m[0] *= 2;
	solve_dense(m, x, n);
	free(old);
}

static double
be_dense(const struct stage *stage)
{
	size_t n = stage->boxes;
	double *m = memory_new(n * n, sizeof(*m));
	double *x = memory_new(n, sizeof(*x));
	nanoseconds began = clock_monotonic();

	for (int i = 0; i < ROUNDS; i++)
		round_dense(stage, m, x);
	free(m);
	free(x);
	return (clock_seconds(clock_monotonic() - began));
}

int
main(int argc, char **argv)
{
	struct stage stage = {0};
	struct court *court;
	size_t wrong = 0, named = 0;
	double least = INFINITY, off = 0;

	if (argc != 3) {
		fprintf(stderr, "usage: clocks_court BOXES SITTINGS\n");
		return (2);
	}
	srand48(1);
	stage.boxes = strtoul(argv[1], NULL, 10);
	make(&stage);
	court = court_new(stage.boxes);
	for (int i = 0; i < atoi(argv[2]); i++)
		least = fmin(least, sit(&stage, court, i));
	for (size_t i = 0; i < stage.boxes; i++) {
		const struct court_finding *f = court_finding(court, i);
		bool is_named = f->verdict == COURT_WRONG;

		named += is_named;
		wrong += is_named != (fabs(stage.truth[i]) > 4e-3);
		off = fmax(off, fabs(f->offset - stage.truth[i]));
	}
	printf("{\"pairs\":%zu,\"sitting\":%.4f,\"named\":%zu,\"wrongly\":%zu,"
	       "\"off\":%.7f,\"dense\":%.4f}\n",
	    stage.count, least, named, wrong, off, be_dense(&stage));
	court_free(court);
	free(stage.claims);
	free(stage.truth);
	free(stage.pairs);
	return (0);
}
