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
#define NAP_LEAST (100 * NS_PER_MS)
#define NAP_ERROR \
	1.0 /* seconds: the clock that goes on meanwhile has whole ones */
#define NAP_RATE 500e-6         /* and is wrong by this, at most */
#define OWN_STEP (2 * NS_PER_S) /* chronyd sets the clock as it updates */

/*
 * Steps.
 */

/* How far it is from the monotonic one, by the reading that took least. */
static struct vouch_apart
read_apart(nanoseconds (*other)(void))
{
	nanoseconds shortest = INT64_MAX;
	struct vouch_apart apart = {0, 0};

	for (int i = 0; i < READINGS && shortest > UNDISTURBED; i++) {
		nanoseconds before = clock_monotonic(), read = other();
		nanoseconds took = clock_monotonic() - before;

		if (took >= shortest)
			continue;
		shortest = took;
		apart.by = read - before - took / 2;
		apart.doubt = took / 2;
	}
	return (apart);
}

static bool
is_step(const struct timekeeper *keeper, nanoseconds moved)
{
	nanoseconds passed = clock_monotonic() - keeper->looked;

	return (llabs(moved) > STEP_LEAST + passed / STEP_RATE);
}

/* The clock is anywhere within so much of where it was thought to be. */
static void
doubt(struct timekeeper *keeper, double size)
{
	struct surprise *surprise = &keeper->surprise;

	if (surprise->size == 0) {
		surprise->updated = keeper->tracking.updated;
		surprise->slept = 0;
	}
	surprise->size += size;
	surprise->when = clock_wall();
	surprise->maxerror = keeper->kernel.maxerror;
	keeper->last.error += size;
	gpsd_step(keeper->gpsd);
}

static void
note_step(struct timekeeper *keeper, nanoseconds by)
{
	keeper->steps.count++;
	keeper->steps.size = clock_seconds(by);
	keeper->steps.last = clock_wall();
	doubt(keeper, fabs(clock_seconds(by)));
}

static void
note_sleep(struct timekeeper *keeper, nanoseconds slept)
{
	double size = NAP_ERROR + clock_seconds(slept) * NAP_RATE;

	doubt(keeper, size);
	keeper->surprise.slept += size;
	keeper->surprise.kernel += size;
}

/* True: the clock was set, or the host slept. */
static bool
take_step(struct timekeeper *keeper)
{
	struct vouch_apart apart = read_apart(clock_wall);
	nanoseconds offset = apart.by, slept = read_apart(clock_boot).by;
	nanoseconds nap = slept - keeper->slept, by = offset - keeper->offset;
	bool slumber = nap > NAP_LEAST, step, ended;

	step = is_step(keeper, slumber ? by - nap : by);
	if (slumber)
		note_sleep(keeper, nap);
	if (step)
		note_step(keeper, slumber ? by - nap : by);
	ended = vouch_look(&keeper->vouch, &apart, slumber);
	keeper->offset = offset;
	keeper->slept = slept;
	keeper->looked = clock_monotonic();
	return (step || slumber || ended);
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

/* A receiver found its fix, or lost it: that does not wait for the next look. */
static void
on_fix(void *arg)
{
	struct timekeeper *keeper = arg;

	take_step(keeper);
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

void
timekeeper_vouch(struct timekeeper *keeper, const struct vouch_word *word)
{
	struct vouch_apart apart = read_apart(clock_wall);

	vouch_give(&keeper->vouch, word, &apart);
	timekeeper_conclude(keeper);
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
	const struct gpsd_about gpsd = {
	    .port = about->gpsd_port, .changed = on_fix, .arg = keeper};

	keeper->about = *about;
	if (about->adjtime == NULL)
		keeper->about.adjtime = ntp_adjtime;
	keeper->about.changed = NULL; /* not from inside */
	keeper->steal = -1;
	keeper->offset = read_apart(clock_wall).by;
	keeper->slept = read_apart(clock_boot).by;
	keeper->looked = clock_monotonic();
	keeper->chrony = chrony_new(base, &chrony);
	keeper->gpsd = gpsd_new(base, &gpsd);
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
