/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/envelope.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"

#define BLOCKS 40      /* in which steps are looked for */
#define SIDE 3         /* of them on both sides say how large it is */
#define CLEAR 8.0      /* standard deviations that make a step */
#define FLOOR 30e-6    /* seconds: nothing under this is one */
#define FAR_BELOW 10.0 /* and these an outlier */
#define OUTLIERS 20    /* one in so many at most */
#define NORMAL 1.4826  /* standard deviations in a median deviation */

/* Points in stretches between steps; of one that has none the whole. */
struct stretches {
	struct envelope_point blocks[BLOCKS]; /* without their trend */
	size_t count;
	double spread; /* standard deviation of the blocks' minima */
	size_t cuts[ENVELOPE_STEPS];
	size_t cut_count;
};

/* The median of what is between neighbours has few steps in it. */
static double
trend_of(const struct envelope_point *blocks, size_t count)
{
	double slopes[BLOCKS];

	for (size_t i = 0; i + 1 < count; i++)
		slopes[i] = (blocks[i + 1].delay - blocks[i].delay) /
			    (blocks[i + 1].at - blocks[i].at);
	return (envelope_median(slopes, count - 1));
}

/* From the differences of neighbours, for the same reason. */
static double
spread_of(const struct envelope_point *blocks, size_t count)
{
	double apart[BLOCKS];

	for (size_t i = 0; i + 1 < count; i++)
		apart[i] = fabs(blocks[i + 1].delay - blocks[i].delay);
	return (NORMAL * envelope_median(apart, count - 1) / M_SQRT2);
}

static double
median_of(const struct envelope_point *blocks, size_t count)
{
	double values[SIDE];

	for (size_t i = 0; i < count; i++)
		values[i] = blocks[i].delay;
	return (envelope_median(values, count));
}

static double
step_at(const struct stretches *s, size_t block)
{
	return (median_of(&s->blocks[block], SIDE) -
		median_of(&s->blocks[block - SIDE], SIDE));
}

static bool
is_cut_near(const struct stretches *s, size_t block)
{
	for (size_t i = 0; i < s->cut_count; i++)
		if (block < s->cuts[i] + SIDE && block + SIDE > s->cuts[i])
			return (true);
	return (false);
}

static int
compare_cuts(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return ((x > y) - (x < y));
}

static void
find_cuts(struct stretches *s)
{
	double least = fmax(CLEAR * s->spread, FLOOR);

	while (s->cut_count < ENVELOPE_STEPS) {
		double largest = least;
		size_t best = 0;

		for (size_t i = SIDE; i + SIDE <= s->count; i++)
			if (!is_cut_near(s, i) &&
			    fabs(step_at(s, i)) > largest) {
				largest = fabs(step_at(s, i));
				best = i;
			}
		if (best == 0)
			break;
		s->cuts[s->cut_count++] = best;
	}
	qsort(s->cuts, s->cut_count, sizeof(*s->cuts), compare_cuts);
}

static void
part(const struct envelope_point *points, size_t count, struct stretches *s)
{
	double trend;

	memset(s, 0, sizeof(*s));
	s->count = envelope_blocks(points, count, s->blocks, BLOCKS);
	trend = trend_of(s->blocks, s->count);
	for (size_t i = 0; i < s->count; i++)
		s->blocks[i].delay -= trend * (s->blocks[i].at - points[0].at);
	s->spread = spread_of(s->blocks, s->count);
	find_cuts(s);
}

/* Copies what is not far below all others. */
static size_t
without_outliers(const struct envelope_point *points, size_t count,
    struct envelope_point *kept)
{
	struct envelope_point blocks[BLOCKS];
	size_t n = envelope_blocks(points, count, blocks, BLOCKS), left = 0;
	double slope = envelope_slope(blocks, n), values[BLOCKS], middle, far;

	for (size_t i = 0; i < n; i++)
		values[i] = blocks[i].delay - slope * blocks[i].at;
	middle = envelope_median(values, n);
	for (size_t i = 0; i < n; i++)
		values[i] = fabs(values[i] - middle);
	far = fmax(FAR_BELOW * NORMAL * envelope_median(values, n), FLOOR);
	for (size_t i = 0; i < count; i++)
		if (points[i].delay - slope * points[i].at > middle - far)
			kept[left++] = points[i];
	if (count - left > 1 + count / OUTLIERS) {
		memcpy(kept, points, count * sizeof(*kept));
		return (count);
	}
	return (left);
}

/* Stretches are weighed by what they are worth; the last one says the level. */
struct sum {
	double weight, slopes;
	bool known; /* the last line */
	struct envelope_line last;
};

static void
add_stretch(const struct envelope_point *points, size_t count,
    struct envelope_point *room, struct sum *sum, struct envelope *e)
{
	struct envelope_line line;
	size_t left = 0;

	if (count > 2)
		left = without_outliers(points, count, room);
	e->outliers += count - left;
	sum->known = envelope_line(room, left, &line);
	if (!sum->known)
		return;
	sum->weight += 1 / (line.error * line.error);
	sum->slopes += line.slope / (line.error * line.error);
	sum->last = line;
	e->from = points[0].at;
	e->to = points[count - 1].at;
}

/* Where a step is inside a block, neither side has that block. */
static void
add_stretches(const struct envelope_point *points, size_t count,
    const struct stretches *s, struct sum *sum, struct envelope *e)
{
	struct envelope_point *room = memory_new(count, sizeof(*room));
	size_t lost = count > s->count ? 1 : 0, from = 0;

	for (size_t i = 0; i <= s->cut_count; i++) {
		bool last = i == s->cut_count;
		size_t cut = last ? s->count : s->cuts[i] - lost;
		size_t end = cut * count / s->count;

		add_stretch(&points[from], end - from, room, sum, e);
		if (!last) {
			e->steps[e->step_count++] = (struct envelope_step){
			    s->blocks[s->cuts[i]].at, step_at(s, s->cuts[i])};
			from = (s->cuts[i] + lost) * count / s->count;
		}
	}
	free(room);
}

void
envelope_fit(const struct envelope_point *points, size_t count, double span,
    struct envelope *envelope)
{
	struct stretches stretches;
	struct sum sum = {0};

	*envelope = (struct envelope){.points = count, .span = span};
	if (count < ENVELOPE_LEAST) {
		envelope->why = "too few points";
		return;
	}
	part(points, count, &stretches);
	add_stretches(points, count, &stretches, &sum, envelope);
	if (!sum.known) {
		envelope->why = "too few points since the last step";
		return;
	}
	envelope->skew = sum.slopes / sum.weight;
	envelope->error = 1 / sqrt(sum.weight);
	envelope->at = sum.last.at;
	envelope->least = sum.last.level;
}

double
envelope_least(const struct envelope *envelope, double at)
{
	return (envelope->least + envelope->skew * (at - envelope->at));
}

void
envelope_join(const struct envelope *there, const struct envelope *back,
    struct envelope_both *both)
{
	double a, b, apart, least_there, least_back;

	*both = (struct envelope_both){
	    .why = there->why != NULL ? there->why : back->why};
	if (both->why != NULL)
		return;
	/* errors are estimates themselves: the lesser is not all that counts */
	a = 1 / there->error;
	b = 1 / back->error;
	both->skew = (a * there->skew - b * back->skew) / (a + b);
	both->error = M_SQRT2 / (a + b);
	apart = fabs(there->skew + back->skew);
	both->crooked = apart > 2 * (there->error + back->error);
	if (both->crooked)
		both->error += apart / 2;
	both->at = fmin(there->to, back->to);
	least_there = envelope_least(there, both->at);
	least_back = envelope_least(back, both->at);
	both->offset = (least_there - least_back) / 2;
	both->bound = (least_there + least_back) / 2 +
		      (fabs(both->skew) + both->error) *
			  fmax(there->span, back->span) / 2;
	both->impossible = both->bound < 0;
}
