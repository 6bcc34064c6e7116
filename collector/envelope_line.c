/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The line below points that have no step among them.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collector/envelope.h"
#include "common/memory.h"

#define GROUPS 8
#define GROUP_LEAST 10  /* points of one */
#define BLOCKS_MOST 320 /* for least squares */
#define BLOCKS_LEAST 10
#define TWICE 2.0 /* standard errors: 95 % */
#define SHY 12.0

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return ((x > y) - (x < y));
}

double
envelope_median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare);
	return (count % 2 == 1
		    ? values[count / 2]
		    : (values[count / 2 - 1] + values[count / 2]) / 2);
}

size_t
envelope_blocks(const struct envelope_point *points, size_t count,
    struct envelope_point *blocks, size_t most)
{
	size_t n = count < most ? count : most;

	for (size_t i = 0; i < n; i++) {
		size_t first = i * count / n, end = (i + 1) * count / n;

		blocks[i] = points[first];
		for (size_t j = first + 1; j < end; j++)
			if (points[j].delay < blocks[i].delay)
				blocks[i] = points[j];
	}
	return (n);
}

double
envelope_slope(const struct envelope_point *points, size_t count)
{
	double *slopes = memory_new(count * count / 2 + 1, sizeof(*slopes));
	double median = 0;
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t j = i + 1; j < count; j++)
			if (points[j].at > points[i].at)
				slopes[n++] =
				    (points[j].delay - points[i].delay) /
				    (points[j].at - points[i].at);
	if (n > 0)
		median = envelope_median(slopes, n);
	free(slopes);
	return (median);
}

/* Does b lie above the line from a to c, or on it? */
static bool
is_above(const struct envelope_point *a, const struct envelope_point *b,
    const struct envelope_point *c)
{
	return ((b->delay - a->delay) * (c->at - a->at) >=
		(c->delay - a->delay) * (b->at - a->at));
}

/* Every step-th point from the first on: the lower hull's edge over their mean
 * time. hull has room for all. */
static double
hull_slope(const struct envelope_point *points, size_t first, size_t step,
    size_t count, size_t without, size_t *hull)
{
	size_t n = 0, used = 0;
	double mean = 0;

	for (size_t i = first; i < count; i += step) {
		if (i == without)
			continue;
		mean += points[i].at;
		used++;
		while (n >= 2 && is_above(&points[hull[n - 2]],
				     &points[hull[n - 1]], &points[i]))
			n--;
		hull[n++] = i;
	}
	if (n < 2)
		return (0);
	mean /= (double)used;
	for (size_t i = 1; i < n; i++) {
		const struct envelope_point *a = &points[hull[i - 1]];
		const struct envelope_point *b = &points[hull[i]];

		if (b->at >= mean || i == n - 1)
			return ((b->delay - a->delay) / (b->at - a->at));
	}
	return (0);
}

static double
spread_of(const double *values, size_t count)
{
	double mean = 0, squares = 0;

	for (size_t i = 0; i < count; i++)
		mean += values[i] / (double)count;
	for (size_t i = 0; i < count; i++)
		squares += (values[i] - mean) * (values[i] - mean);
	return (squares);
}

/* Of many points: dealt out to groups, each of which has its own hull. What the
 * groups differ by falls at least with the root of their number. Of few: what
 * becomes of it without each of them (the jackknife). */
static double
hull_error(const struct envelope_point *points, size_t count, size_t *hull)
{
	size_t groups =
	    count / GROUP_LEAST < GROUPS ? count / GROUP_LEAST : GROUPS;
	bool deal = groups >= 4;
	size_t n = deal ? groups : count;
	double *slopes = memory_new(n, sizeof(*slopes)), squares;

	for (size_t i = 0; i < n; i++)
		slopes[i] = deal ? hull_slope(points, i, n, count, count, hull)
				 : hull_slope(points, 0, 1, count, i, hull);
	squares = spread_of(slopes, n);
	free(slopes);
	return (TWICE * (deal ? sqrt(squares / (double)((n - 1) * n))
			      : sqrt(squares * (double)(n - 1) / (double)n)));
}

/* Least squares through the blocks' minima. */
static double
block_slope(const struct envelope_point *b, size_t n, double *error)
{
	double at = 0, delay = 0, across = 0, along = 0, left = 0, slope;

	for (size_t i = 0; i < n; i++) {
		at += b[i].at / (double)n;
		delay += b[i].delay / (double)n;
	}
	for (size_t i = 0; i < n; i++) {
		across += (b[i].at - at) * (b[i].delay - delay);
		along += (b[i].at - at) * (b[i].at - at);
	}
	slope = across / along;
	for (size_t i = 0; i < n; i++) {
		double r = b[i].delay - delay - slope * (b[i].at - at);

		left += r * r;
	}
	*error = TWICE * sqrt(left / (double)(n - 2) / along);
	return (slope);
}

static double
lowest(
    const struct envelope_point *points, size_t count, double slope, double at)
{
	double least = INFINITY;

	for (size_t i = 0; i < count; i++)
		least =
		    fmin(least, points[i].delay - slope * (points[i].at - at));
	return (least);
}

/* Several estimates of one slope, each by what it is worth. They rest on the
 * same points, so their errors do not fall with their number. */
struct blend {
	double weight, slopes, errors;
};

static void
blend_add(struct blend *blend, double slope, double error)
{
	double weight;

	/* nothing is known to more than a part in 10^12 */
	error = fmax(error, 1e-12);
	weight = 1 / (error * error);
	blend->weight += weight;
	blend->slopes += weight * slope;
	blend->errors += weight * error;
}

bool
envelope_line(
    const struct envelope_point *points, size_t count, struct envelope_line *l)
{
	struct envelope_point blocks[BLOCKS_MOST];
	struct blend blend = {0};
	size_t *hull;
	double slope, error;

	if (count < ENVELOPE_LEAST || points[count - 1].at <= points[0].at)
		return (false);
	hull = memory_new(count, sizeof(*hull));
	slope = hull_slope(points, 0, 1, count, count, hull);
	blend_add(&blend, slope, hull_error(points, count, hull));
	free(hull);
	for (size_t most = BLOCKS_MOST; most >= BLOCKS_LEAST; most /= 2) {
		size_t n = envelope_blocks(points, count, blocks, most);

		if (n < count || most / 2 < BLOCKS_LEAST) {
			slope = block_slope(blocks, n, &error);
			blend_add(&blend, slope, error);
		}
	}
	l->slope = blend.slopes / blend.weight;
	/* few points do not show how far they may be spread, either */
	l->error = blend.errors / blend.weight * (1 + SHY / (double)count);
	l->at = (points[0].at + points[count - 1].at) / 2;
	l->level = lowest(points, count, l->slope, l->at);
	return (true);
}
