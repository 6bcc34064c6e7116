/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/timekeeper.h"

#include <event2/event.h>
#include <math.h>
#include <stdlib.h>

#include "common/gpsd.h"
#include "common/memory.h"
#include "common/timekeeper_parts.h"

#define READINGS 8
#define UNDISTURBED (20 * NS_PER_US) /* both clocks read, nothing between */
#define STEP_LEAST NS_PER_MS
#define STEP_RATE 2000 /* ns that may be 1 ns: 500 ppm, apart without a step */
#define OWN_STEP (2 * NS_PER_S) /* chronyd sets the clock as it updates */

/*
 * Steps.
 */

/* The reading that took least. */
static nanoseconds
read_offset(void)
{
	nanoseconds shortest = INT64_MAX, offset = 0;

	for (int i = 0; i < READINGS && shortest > UNDISTURBED; i++) {
		nanoseconds before = clock_monotonic(), wall = clock_wall();
		nanoseconds took = clock_monotonic() - before;

		if (took >= shortest)
			continue;
		shortest = took;
		offset = wall - before - took / 2;
	}
	return (offset);
}

static bool
is_step(const struct timekeeper *keeper, nanoseconds moved)
{
	nanoseconds passed = clock_monotonic() - keeper->looked;

	return (llabs(moved) > STEP_LEAST + passed / STEP_RATE);
}

static void
note_step(struct timekeeper *keeper, nanoseconds by)
{
	double size = fabs(clock_seconds(by));

	keeper->steps.count++;
	keeper->steps.size = clock_seconds(by);
	keeper->steps.last = clock_wall();
	if (keeper->surprise.size == 0)
		keeper->surprise.updated = keeper->tracking.updated;
	keeper->surprise.size += size;
	keeper->surprise.when = keeper->steps.last;
	keeper->last.error += size;
	gpsd_step(keeper->gpsd);
}

/* True: the clock was set. */
static bool
take_step(struct timekeeper *keeper)
{
	nanoseconds offset = read_offset(), by = offset - keeper->offset;
	bool step = is_step(keeper, by);

	if (step)
		note_step(keeper, by);
	keeper->offset = offset;
	keeper->looked = clock_monotonic();
	return (step);
}

/* Has chronyd looked at its servers since, or set the clock itself? */
static void
settle_surprise(struct timekeeper *keeper)
{
	struct surprise *surprise = &keeper->surprise;
	nanoseconds updated = keeper->tracking.updated;

	if (updated != surprise->updated &&
	    updated >= surprise->when - OWN_STEP &&
	    updated <= clock_wall() + NS_PER_S)
		surprise->size = 0;
}

/*
 * Asking.
 */

static void
on_tracking(void *arg, const struct chrony_tracking *tracking, const char *why)
{
	struct timekeeper *keeper = arg;

	keeper->asking = false;
	keeper->tracked = tracking != NULL;
	keeper->why.text[0] = '\0';
	if (why != NULL)
		error_set(&keeper->why, "%s", why);
	take_step(keeper);
	if (tracking != NULL) {
		keeper->tracking = *tracking;
		keeper->tracked_at = clock_monotonic();
		settle_surprise(keeper);
	}
	timekeeper_conclude(keeper);
}

static void
ask(struct timekeeper *keeper)
{
	keeper->asking = true;
	gpsd_look(keeper->gpsd);
	chrony_ask(keeper->chrony);
}

void
timekeeper_look(struct timekeeper *keeper)
{
	take_step(keeper);
	ask(keeper);
	timekeeper_conclude(keeper);
}

void
timekeeper_notice(struct timekeeper *keeper)
{
	if (!take_step(keeper))
		return;
	ask(keeper);
	timekeeper_conclude(keeper);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct timekeeper *keeper = arg;

	take_step(keeper);
	ask(keeper);
}

bool
timekeeper_settled(const struct timekeeper *keeper)
{
	return (!keeper->asking && !gpsd_pending(keeper->gpsd));
}

const struct discipline *
timekeeper_state(const struct timekeeper *keeper)
{
	return (&keeper->state);
}

struct timekeeper *
timekeeper_new(struct event_base *base, const struct timekeeper_about *about)
{
	const struct timeval every = {TIMEKEEPER_EVERY / NS_PER_S, 0};
	struct timekeeper *keeper = memory_new(1, sizeof(*keeper));
	const struct chrony_about chrony = {
	    .socket = about->chrony_socket,
	    .port = about->chrony_port,
	    .answer = on_tracking,
	    .arg = keeper,
	};

	keeper->about = *about;
	if (about->adjtime == NULL)
		keeper->about.adjtime = ntp_adjtime;
	keeper->about.changed = NULL; /* not from inside */
	keeper->steal = -1;
	keeper->offset = read_offset();
	keeper->looked = clock_monotonic();
	keeper->chrony = chrony_new(base, &chrony);
	keeper->gpsd = gpsd_new(base, about->gpsd_port);
	keeper->timer = event_new(base, -1, EV_PERSIST, on_timer, keeper);
	event_add(keeper->timer, &every);
	timekeeper_look(keeper);
	keeper->about.changed = about->changed;
	return (keeper);
}

void
timekeeper_free(struct timekeeper *keeper)
{
	if (keeper == NULL)
		return;
	event_free(keeper->timer);
	gpsd_free(keeper->gpsd);
	chrony_free(keeper->chrony);
	free(keeper);
}
