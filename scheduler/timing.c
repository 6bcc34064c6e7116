/* SPDX-License-Identifier: BSD-2-Clause */
#include "scheduler/timing.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/memory.h"
#include "scheduler/dice.h"

#define DAY (86400 * NS_PER_S)
#define WINDOW_MEAN 64 /* starts in a window of a poisson timing */
#define WINDOW_MOST 256
#define WINDOWS_DRAWN 1024

_Static_assert(sizeof(((struct timing_seed *)0)->bytes) == DICE_SEED,
    "a timing's seed is one for dice");

/*
 * Time is cut into windows of equal width, counted from the epoch; what starts
 * in one is a function of its number alone. So any instant can be asked about
 * without what came before.
 */
struct kind {
	/* The starts of a window, in any order, no two the same. */
	size_t (*fill)(const struct timing *timing,
	    const struct timing_seed *seed, int64_t window,
	    nanoseconds starts[static WINDOW_MOST]);
	nanoseconds (*width)(const struct timing *timing);
	/* What at most 1 gap in 10,000 exceeds, in intervals. */
	double (*silence)(const struct timing *timing);
	unsigned mean; /* starts in a window */
	bool steady;   /* never more, never fewer */
};

static int64_t
divide_down(int64_t a, int64_t b)
{
	return (a / b - (a % b < 0));
}

static nanoseconds
periodic_width(const struct timing *timing)
{
	return (timing->every);
}

static size_t
periodic_fill(const struct timing *timing, const struct timing_seed *seed,
    int64_t window, nanoseconds starts[static WINDOW_MOST])
{
	nanoseconds begin = window * timing->every;
	struct dice dice;

	dice_start(&dice, seed->bytes, divide_down(begin, DAY));
	starts[0] =
	    begin + (nanoseconds)dice_below(&dice, (uint64_t)timing->every);
	return (1);
}

/* The gap is 1 but where a new day brings another phase: there, like those of
 * uniform starts, it exceeds 2 - x with probability x^2 / 2, for x up to 1. */
static double
periodic_silence(const struct timing *timing)
{
	double changes = fmin(1, (double)timing->every / (double)DAY);

	return (2 - fmin(1, sqrt(2e-4 / changes)));
}

static size_t
uniform_fill(const struct timing *timing, const struct timing_seed *seed,
    int64_t window, nanoseconds starts[static WINDOW_MOST])
{
	struct dice dice;

	dice_start(&dice, seed->bytes, window);
	starts[0] = window * timing->every +
		    (nanoseconds)dice_below(&dice, (uint64_t)timing->every);
	return (1);
}

static double
uniform_silence(const struct timing *timing)
{
	return (2 - sqrt(2e-4)); /* the gap's density is a triangle on (0, 2) */
}

static nanoseconds
poisson_width(const struct timing *timing)
{
	return (WINDOW_MEAN * timing->every);
}

/* A Poisson number: how many factors uniform in (0, 1) it takes until their
 * product falls under exp(-WINDOW_MEAN), less one. */
static size_t
poisson_number(struct dice *dice)
{
	static const double floor = 0x1.969d47321e4ccp-93; /* exp(-64) */
	double product = 1;
	size_t n;

	for (n = 0; n < WINDOW_MOST; n++) {
		product *= (double)(dice_draw(dice) >> 11) * 0x1p-53;
		if (product < floor)
			break;
	}
	return (n);
}

/* The instants are WINDOW_MOST ns apart, and each adds its own number to keep
 * them from ever being the same. */
static size_t
poisson_fill(const struct timing *timing, const struct timing_seed *seed,
    int64_t window, nanoseconds starts[static WINDOW_MOST])
{
	nanoseconds begin = window * poisson_width(timing);
	uint64_t places = (uint64_t)poisson_width(timing) / WINDOW_MOST;
	struct dice dice;
	size_t i, n;

	dice_start(&dice, seed->bytes, window);
	n = poisson_number(&dice);
	for (i = 0; i < n; i++)
		starts[i] =
		    begin + (nanoseconds)i +
		    (nanoseconds)dice_below(&dice, places) * WINDOW_MOST;
	return (n);
}

static double
poisson_silence(const struct timing *timing)
{
	return (-log(1e-4));
}

static nanoseconds
once_width(const struct timing *timing)
{
	return (TIMING_LAST + 1); /* one window before the epoch, one after */
}

static size_t
once_fill(const struct timing *timing, const struct timing_seed *seed,
    int64_t window, nanoseconds starts[static WINDOW_MOST])
{
	starts[0] = timing->at;
	return (divide_down(timing->at, once_width(timing)) == window);
}

static double
once_silence(const struct timing *timing)
{
	return (0);
}

static size_t
continuous_fill(const struct timing *timing, const struct timing_seed *seed,
    int64_t window, nanoseconds starts[static WINDOW_MOST])
{
	starts[0] = window * timing->every;
	return (1);
}

static double
continuous_silence(const struct timing *timing)
{
	return (1);
}

static const struct kind kinds[] = {
    [TIMING_PERIODIC] = {periodic_fill, periodic_width, periodic_silence, 1,
	true},
    [TIMING_UNIFORM] = {uniform_fill, periodic_width, uniform_silence, 1, true},
    [TIMING_POISSON] = {poisson_fill, poisson_width, poisson_silence,
	WINDOW_MEAN, false},
    [TIMING_ONCE] = {once_fill, once_width, once_silence, 0, false},
    [TIMING_CONTINUOUS] = {continuous_fill, periodic_width, continuous_silence,
	1, true},
};

void
timing_seed(struct timing_seed *seed, const void *key, size_t length,
    const char *test, const char *src, const char *dst)
{
	/* no name holds the separator */
	char *text = memory_print("start/%s/%s/%s", test, src, dst);
	uint8_t digest[HASH_SIZE];

	hash_hmac(key, length, text, strlen(text), digest);
	memcpy(seed->bytes, digest, sizeof(seed->bytes));
	free(text);
}

nanoseconds
timing_next(const struct timing *timing, const struct timing_seed *seed,
    nanoseconds after)
{
	const struct kind *kind = &kinds[timing->kind];
	nanoseconds starts[WINDOW_MOST], next = INT64_MAX, width;
	int64_t window;
	size_t i, n;

	if (after < TIMING_FIRST)
		after = TIMING_FIRST;
	width = kind->width(timing);
	window = divide_down(after, width);
	for (; next == INT64_MAX && window <= TIMING_LAST / width; window++) {
		n = kind->fill(timing, seed, window, starts);
		for (i = 0; i < n; i++)
			if (starts[i] > after && starts[i] < next)
				next = starts[i];
	}
	return (next <= TIMING_LAST ? next : INT64_MAX);
}

static uint64_t
count_window(const struct timing *timing, const struct timing_seed *seed,
    int64_t window, nanoseconds after, nanoseconds until)
{
	nanoseconds starts[WINDOW_MOST];
	size_t i, n = kinds[timing->kind].fill(timing, seed, window, starts);
	uint64_t count = 0;

	for (i = 0; i < n; i++)
		count += starts[i] > after && starts[i] <= until;
	return (count);
}

/* Of all the windows from first up to but without end. */
static uint64_t
count_windows(const struct timing *timing, const struct timing_seed *seed,
    int64_t first, int64_t end)
{
	const struct kind *kind = &kinds[timing->kind];
	uint64_t count = 0;

	if (kind->steady || end - first > WINDOWS_DRAWN)
		return ((uint64_t)(end - first) * kind->mean);
	for (; first < end; first++)
		count += count_window(
		    timing, seed, first, TIMING_FIRST, TIMING_LAST);
	return (count);
}

uint64_t
timing_count(const struct timing *timing, const struct timing_seed *seed,
    nanoseconds after, nanoseconds until)
{
	nanoseconds width = kinds[timing->kind].width(timing);
	int64_t first, last;
	uint64_t count;

	if (after < TIMING_FIRST)
		after = TIMING_FIRST;
	if (until > TIMING_LAST)
		until = TIMING_LAST;
	if (after >= until)
		return (0);
	first = divide_down(after, width);
	last = divide_down(until, width);
	count = count_window(timing, seed, first, after, until);
	if (last > first)
		count += count_windows(timing, seed, first + 1, last) +
			 count_window(timing, seed, last, after, until);
	return (count);
}

nanoseconds
timing_silence(const struct timing *timing)
{
	return ((nanoseconds)((double)timing->every *
			      kinds[timing->kind].silence(timing)));
}

nanoseconds
timing_step(const struct timing *timing)
{
	static const int steps[] = {10, 30, 60, 300, 1800, 3600, 21600, 86400};
	size_t i = 0, last = sizeof(steps) / sizeof(*steps) - 1;

	if (timing->kind == TIMING_ONCE)
		return (DAY);
	while (i < last && steps[i] * NS_PER_S < timing->every)
		i++;
	return (steps[i] * NS_PER_S);
}
