/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/told_clock.h"

#include <math.h>
#include <string.h>

#include "agent/calibration.h"
#include "common/discipline.h"
#include "common/member.h"

#define FRESH (10 * NS_PER_MS) /* the kernel's word; it grows by 500 ppm */
#define PAST 256               /* words that have been replaced */
#define UNSEEN_LEAST 0.0005    /* seconds: less is how both were read */

/* What was true until then. */
struct past {
	nanoseconds until; /* monotonic */
	double error;      /* seconds, the largest; INFINITY: no bound */
};

static struct {
	struct discipline clock; /* source "": nobody has told */
	nanoseconds host;
	double kernel;          /* its worst word since the clock was told */
	double unseen;          /* seconds that it does not know of: a sleep */
	struct past past[PAST]; /* a ring */
	size_t next, count;
	struct past forgotten; /* all before them, as one */
} told = {.host = CALIBRATION_UNKNOWN};

/* It is asked with each packet, so the worst of what it said is that of them. */
static const struct discipline *
kernel_clock(nanoseconds now)
{
	static struct discipline kernel;
	static nanoseconds when;

	if (when != 0 && now - when <= FRESH)
		return (&kernel);
	discipline_read(&kernel);
	when = now;
	told.kernel = fmax(told.kernel, discipline_error_at(&kernel, now));
	return (&kernel);
}

static bool
is_the_kernels(void)
{
	return (told.clock.source[0] == '\0' ||
		(strcmp(told.clock.source, "kernel") == 0 && !told.clock.held));
}

/* seconds; INFINITY: no bound */
static double
error_at(nanoseconds now)
{
	const struct discipline *clock = &told.clock;
	double unseen = 0;

	if (is_the_kernels()) {
		clock = kernel_clock(now);
		unseen = told.unseen;
	}
	return (discipline_error_at(clock, now) + unseen +
		clock_seconds(told.host));
}

/* The largest since the clock was told. */
static double
worst_at(nanoseconds now)
{
	double error = error_at(now);

	return (is_the_kernels() ? fmax(error, told.kernel + told.unseen +
						   clock_seconds(told.host))
				 : error);
}

/* By the word that is about to be replaced. */
static void
remember(nanoseconds now)
{
	struct past *past = &told.past[told.next];

	if (told.count == PAST) {
		told.forgotten.until = past->until;
		told.forgotten.error = fmax(told.forgotten.error, past->error);
	} else {
		told.count++;
	}
	*past = (struct past){now, worst_at(now)};
	told.next = (told.next + 1) % PAST;
	told.kernel = 0;
}

struct json_object *
told_clock_json(const struct discipline *clock, nanoseconds host)
{
	json_object *json = discipline_json(clock, clock_monotonic());

	member_add_duration(json, "host", host);
	return (json);
}

/* A parent that has seen the host sleep has that in its word; the kernel has not. */
static void
find_unseen(nanoseconds now)
{
	double word = discipline_error_at(&told.clock, now);
	double kernel;

	told.unseen = 0;
	if (!is_the_kernels() || !isfinite(word))
		return;
	kernel = discipline_error_at(kernel_clock(now), now);
	if (isfinite(kernel) && word - kernel > UNSEEN_LEAST)
		told.unseen = word - kernel;
}

void
told_clock_take(struct json_object *order)
{
	nanoseconds now = clock_monotonic();
	double host = member_number_or(order, "host", -1);
	struct discipline clock;

	if (discipline_from_json(&clock, order, now, NULL) == -1)
		return;
	remember(now);
	told.clock = clock;
	told.host = host >= 0 && host < 1 ? clock_of_seconds(host)
					  : CALIBRATION_UNKNOWN;
	find_unseen(now);
}

static bool
give(double seconds, nanoseconds *error)
{
	if (!isfinite(seconds))
		return (false);
	*error = clock_of_seconds(seconds);
	return (true);
}

bool
told_clock_error(nanoseconds *error)
{
	return (give(error_at(clock_monotonic()), error));
}

bool
told_clock_worst(nanoseconds since, nanoseconds *error)
{
	double worst = worst_at(clock_monotonic());

	for (size_t i = 0; i < told.count; i++)
		if (told.past[i].until >= since)
			worst = fmax(worst, told.past[i].error);
	if (told.forgotten.until >= since)
		worst = fmax(worst, told.forgotten.error);
	return (give(worst, error));
}
