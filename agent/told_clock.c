/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/told_clock.h"

#include <math.h>
#include <string.h>

#include "agent/calibration.h"
#include "common/discipline.h"
#include "common/member.h"

#define FRESH (10 * NS_PER_MS) /* the kernel's word; it grows by 500 ppm */
#define PAST 256               /* words that have been replaced */

/* What was true until then. */
struct past {
	nanoseconds until; /* monotonic */
	double error;      /* seconds; INFINITY: no bound */
};

static struct {
	struct discipline clock; /* source "": nobody has told */
	nanoseconds host;
	struct past past[PAST]; /* a ring */
	size_t next, count;
} told = {.host = CALIBRATION_UNKNOWN};

static const struct discipline *
kernel_clock(nanoseconds now)
{
	static struct discipline kernel;
	static nanoseconds when;

	if (when == 0 || now - when > FRESH) {
		discipline_read(&kernel);
		when = now;
	}
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
	const struct discipline *clock =
	    is_the_kernels() ? kernel_clock(now) : &told.clock;

	return (discipline_error_at(clock, now) + clock_seconds(told.host));
}

/* By the word that is about to be replaced. The oldest is not forgotten but
 * stands for the next one, too. */
static void
remember(nanoseconds now)
{
	struct past *past = &told.past[told.next];
	double oldest = past->error;

	if (told.count == PAST) {
		struct past *after = &told.past[(told.next + 1) % PAST];

		after->error = fmax(after->error, oldest);
	}
	*past = (struct past){now,
	    discipline_error_at(&told.clock, now) + clock_seconds(told.host)};
	told.next = (told.next + 1) % PAST;
	if (told.count < PAST)
		told.count++;
}

struct json_object *
told_clock_json(const struct discipline *clock, nanoseconds host)
{
	json_object *json = discipline_json(clock, clock_monotonic());

	member_add_duration(json, "host", host);
	return (json);
}

void
told_clock_take(struct json_object *order)
{
	nanoseconds now = clock_monotonic();
	double host = member_number_or(order, "host", -1);
	struct discipline clock;

	if (discipline_from_json(&clock, order, now, NULL) == -1)
		return;
	if (told.clock.source[0] != '\0')
		remember(now);
	told.clock = clock;
	told.host = host >= 0 && host < 1 ? clock_of_seconds(host)
					  : CALIBRATION_UNKNOWN;
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
	double worst = error_at(clock_monotonic());

	for (size_t i = 0; i < told.count; i++)
		if (told.past[i].until >= since)
			worst = fmax(worst, told.past[i].error);
	return (give(worst, error));
}
