/* SPDX-License-Identifier: BSD-2-Clause */
/* Skew out of delays with queues in them, in virtual time. */
#include "collector/envelope.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/memory.h"
#include "tests/unit/chance.h"

#define MS 1e-3
#define PPM 1e-6
#define SECONDS 600
#define RATE 2.0 /* packets a second */
#define RUNS 100
#define JITTER (2 * MS)
#define MOST 4000 /* points */

enum queue { EXPONENTIAL, UNIFORM, GAMMA_2, GAMMA_4, QUEUES };
static const char *const queue_names[QUEUES] = {
    "exponential", "uniform", "gamma of shape 2", "gamma of shape 4"};

/* All with JITTER as their mean. */
static double
wait_in(struct chance *chance, enum queue queue)
{
	switch (queue) {
	case EXPONENTIAL:
		return (chance_exponential(chance, JITTER));
	case UNIFORM:
		return (chance_between(chance, 0, 2 * JITTER));
	default:
		return (queue == GAMMA_2
			    ? chance_gamma(chance, 2, JITTER / sqrt(2))
			    : chance_gamma(chance, 4, JITTER / 2));
	}
}

struct scene {
	double skew, base;
	double step_at, step; /* of the destination's clock; 0: none */
	double loss;
	enum queue queue;
};

static size_t
measure(const struct scene *scene, struct chance *chance, double seconds,
    struct envelope_point *points)
{
	size_t n = 0;

	for (double t = chance_exponential(chance, 1 / RATE); t < seconds;
	     t += chance_exponential(chance, 1 / RATE)) {
		double delay = scene->base + scene->skew * t +
			       wait_in(chance, scene->queue);

		if (chance_uniform(chance) < scene->loss || n == MOST)
			continue;
		if (scene->step != 0 && t > scene->step_at)
			delay += scene->step;
		points[n++] = (struct envelope_point){t, delay};
	}
	return (n);
}

static void
skew_is_found_in_ten_minutes(void **state)
{
	static struct envelope_point points[MOST];
	struct envelope e;

	for (enum queue queue = 0; queue < QUEUES; queue++) {
		double worst = 0, widest = 0;
		unsigned inside = 0;

		for (uint64_t seed = 1; seed <= RUNS; seed++) {
			struct chance chance = {seed * 1000 + queue};
			struct scene scene = {.queue = queue,
			    .base = chance_between(&chance, MS, 100 * MS),
			    .skew =
				chance_between(&chance, -200 * PPM, 200 * PPM),
			    .loss = 0.02};
			size_t n = measure(&scene, &chance, SECONDS, points);
			double off;

			envelope_fit(points, n, 0, &e);
			assert_null(e.why);
			off = fabs(e.skew - scene.skew);
			worst = fmax(worst, off);
			widest = fmax(widest, e.error);
			inside += off <= e.error;
			if (off > 0.5 * PPM || e.step_count != 0)
				fail_msg("%s, seed %u: off by %.3f ppm, "
					 "%zu steps",
				    queue_names[queue],
				    (unsigned)(seed * 1000 + queue), off / PPM,
				    e.step_count);
		}
		print_message("# %s: worst %.3f ppm, +- at most %.3f ppm, "
			      "right in %u of %d\n",
		    queue_names[queue], worst / PPM, widest / PPM, inside,
		    RUNS);
		assert_true(inside >= RUNS * 9 / 10);
		assert_true(widest < PPM);
	}
}

static void
a_step_parts_the_points(void **state)
{
	static struct envelope_point points[MOST];
	struct envelope e;

	for (uint64_t seed = 1; seed <= RUNS; seed++) {
		struct chance chance = {seed};
		struct scene scene = {.base = 10 * MS,
		    .skew = chance_between(&chance, -50 * PPM, 50 * PPM),
		    .step_at = chance_between(&chance, 120, 480),
		    .step = (seed % 2 == 0 ? -1 : 1) *
			    chance_between(&chance, 5 * MS, 1)};
		size_t n = measure(&scene, &chance, SECONDS, points);

		envelope_fit(points, n, 0, &e);
		assert_null(e.why);
		if (e.step_count != 1 ||
		    fabs(e.steps[0].at - scene.step_at) > 60 ||
		    fabs(e.steps[0].by - scene.step) > MS ||
		    fabs(e.skew - scene.skew) > 1.5 * PPM)
			fail_msg("seed %u: %zu steps, of %.4f instead of %.4f "
				 "at %.0f instead of %.0f, skew off by %.3f "
				 "ppm",
			    (unsigned)seed, e.step_count, e.steps[0].by,
			    scene.step, e.steps[0].at, scene.step_at,
			    fabs(e.skew - scene.skew) / PPM);
	}
}

static void
outliers_are_left_out(void **state)
{
	static struct envelope_point points[MOST];
	struct chance chance = {7};
	struct scene scene = {.base = 10 * MS, .skew = 20 * PPM};
	size_t n = measure(&scene, &chance, SECONDS, points);
	struct envelope e;

	/* a stamp that is wrong, and a packet that waited for ages */
	points[n / 3].delay -= 40 * MS;
	points[n / 2].delay += 2;
	envelope_fit(points, n, 0, &e);
	assert_null(e.why);
	assert_int_equal(e.outliers, 1);
	assert_int_equal(e.step_count, 0);
	assert_true(fabs(e.skew - scene.skew) < 0.5 * PPM);
	assert_true(fabs(envelope_least(&e, 300) - 10 * MS - 300 * 20 * PPM) <
		    0.2 * MS);
}

static void
few_points_say_nothing(void **state)
{
	struct envelope_point points[ENVELOPE_LEAST];
	struct envelope e;
	struct envelope_both both;

	for (size_t i = 0; i < ENVELOPE_LEAST; i++)
		points[i] = (struct envelope_point){60.0 * (double)i, 10 * MS};
	envelope_fit(points, ENVELOPE_LEAST - 1, 60, &e);
	assert_string_equal(e.why, "too few points");
	envelope_join(&e, &e, &both);
	assert_string_equal(both.why, "too few points");
	envelope_fit(points, ENVELOPE_LEAST, 60, &e);
	assert_null(e.why);
	assert_true(fabs(e.skew) < 1e-9);
	for (size_t i = 0; i < ENVELOPE_LEAST; i++)
		points[i].at = 1;
	envelope_fit(points, ENVELOPE_LEAST, 60, &e);
	assert_non_null(e.why);
}

/* As bins have them: the least of each minute. */
static size_t
bin(const struct envelope_point *points, size_t count,
    struct envelope_point *bins)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		double at = floor(points[i].at / 60) * 60 + 30;

		if (n == 0 || bins[n - 1].at < at)
			bins[n++] =
			    (struct envelope_point){at, points[i].delay};
		bins[n - 1].delay = fmin(bins[n - 1].delay, points[i].delay);
	}
	return (n);
}

/* Offset and skew of a pair, from minutes alone. */
static void
both_directions_say_offset_and_skew(void **state)
{
	static struct envelope_point points[MOST], bins[SECONDS];
	unsigned inside = 0;

	for (uint64_t seed = 1; seed <= RUNS; seed++) {
		struct chance chance = {seed};
		double offset = chance_between(&chance, -0.3, 0.3);
		double skew = chance_between(&chance, -100 * PPM, 100 * PPM);
		double way = chance_between(&chance, MS, 50 * MS);
		double uneven = chance_between(&chance, 0, 5 * MS), truth;
		struct scene ways[] = {{.base = way + offset, .skew = skew},
		    {.base = way + uneven - offset, .skew = -skew}};
		struct envelope e[2];
		struct envelope_both both;

		for (int i = 0; i < 2; i++) {
			size_t n =
			    measure(&ways[i], &chance, 2 * SECONDS, points);

			n = bin(points, n, bins);
			envelope_fit(bins, n, 60, &e[i]);
			assert_null(e[i].why);
		}
		envelope_join(&e[0], &e[1], &both);
		assert_null(both.why);
		assert_false(both.impossible);
		truth = offset + skew * both.at;
		if (fabs(both.offset - truth) > both.bound + 0.1 * MS)
			fail_msg("seed %u: offset %.6f, true %.6f, +- %.6f",
			    (unsigned)seed, both.offset, truth, both.bound);
		if (fabs(both.skew - skew) > 3 * PPM)
			fail_msg("seed %u: skew off by %.3f ppm, +- %.3f",
			    (unsigned)seed, (both.skew - skew) / PPM,
			    both.error / PPM);
		inside += fabs(both.skew - skew) <= both.error;
	}
	print_message(
	    "# minutes alone: skew right in %u of %d\n", inside, RUNS);
	assert_true(inside >= RUNS * 9 / 10);
}

static void
minima_that_cannot_be_are_told(void **state)
{
	struct envelope_point there[10], back[10];
	struct envelope a, b;
	struct envelope_both both;

	for (size_t i = 0; i < 10; i++) {
		there[i] = (struct envelope_point){60.0 * (double)i, 5 * MS};
		back[i] = (struct envelope_point){60.0 * (double)i, -6 * MS};
	}
	envelope_fit(there, 10, 0, &a);
	envelope_fit(back, 10, 0, &b);
	envelope_join(&a, &b, &both);
	assert_true(both.impossible);
	/* and two directions that do not mirror each other */
	for (size_t i = 0; i < 10; i++) {
		there[i].delay = 50 * MS + 20 * PPM * there[i].at;
		back[i].delay = 50 * MS;
	}
	envelope_fit(there, 10, 0, &a);
	envelope_fit(back, 10, 0, &b);
	envelope_join(&a, &b, &both);
	assert_true(both.crooked);
	assert_true(both.error >= 10 * PPM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(skew_is_found_in_ten_minutes),
	    cmocka_unit_test(a_step_parts_the_points),
	    cmocka_unit_test(outliers_are_left_out),
	    cmocka_unit_test(few_points_say_nothing),
	    cmocka_unit_test(both_directions_say_offset_and_skew),
	    cmocka_unit_test(minima_that_cannot_be_are_told),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
