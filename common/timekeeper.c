/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/timekeeper.h"

#include <event2/event.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>

#include "common/chrony.h"
#include "common/error.h"
#include "common/gpsd.h"
#include "common/host.h"
#include "common/memory.h"
#include "common/unit.h"
#include "common/witness.h"

#define READINGS 8
#define UNDISTURBED (20 * NS_PER_US) /* both clocks read, nothing between */
#define STEP_LEAST NS_PER_MS
#define STEP_RATE 2000 /* ns that may be 1 ns: 500 ppm, apart without a step */
#define OWN_STEP (2 * NS_PER_S) /* chronyd sets the clock as it updates */

/* A step that chronyd has not accounted for. */
struct surprise {
	double size;         /* seconds, >= 0; 0: none */
	nanoseconds when;    /* wall-clock, as set */
	nanoseconds updated; /* as chronyd had it before */
};

struct timekeeper {
	struct timekeeper_about about;
	struct chrony *chrony;
	struct gpsd *gpsd;
	struct event *timer;
	struct discipline state;
	struct discipline last; /* that had a bound, of its source's own */
	struct timex kernel;
	int verdict;
	struct host_ticks ticks;
	double steal;
	nanoseconds ticked;         /* monotonic */
	nanoseconds offset, looked; /* wall-clock less monotonic, and when */
	struct discipline_steps steps;
	struct surprise surprise;
	bool asking;
	bool tracked; /* chronyd has answered the last time, with this */
	struct chrony_tracking tracking;
	nanoseconds tracked_at; /* monotonic */
	struct error why;       /* it is there and did not; "" */
};

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
 * Judging.
 */

static void
add_surprise(struct discipline *chrony, const struct surprise *surprise)
{
	char by[UNIT_TEXT];

	if (surprise->size == 0 || !chrony->bounded)
		return;
	chrony->error += surprise->size;
	chrony->parts.dispersion += surprise->size;
	snprintf(chrony->trouble, sizeof(chrony->trouble),
	    "this clock was set by %s, and chronyd has not looked at its "
	    "servers since; chronyc burst 2/4 makes it",
	    unit_format(UNIT_SECONDS, surprise->size, by));
}

static void
say_silence(struct discipline *chrony, const struct chrony_tracking *tracking)
{
	double silence = chrony_silence(tracking, clock_wall());
	char text[UNIT_TEXT];

	if (silence > 0 && chrony->trouble[0] == '\0')
		snprintf(chrony->trouble, sizeof(chrony->trouble),
		    "chronyd has not heard of %s for %s, and the bound "
		    "grows; see chronyc sources",
		    chrony->reference,
		    unit_format(UNIT_SECONDS, silence, text));
}

/* ppm that nobody corrects: under chronyd -x, and when chronyd has gone. */
static double
drift(const struct timekeeper *keeper)
{
	return (keeper->tracking.frequency +
		discipline_kernel_rate(&keeper->kernel));
}

static void
judge_chrony(struct timekeeper *keeper, struct discipline *chrony)
{
	bool sets = (double)keeper->kernel.maxerror < DISCIPLINE_MOST * 1e6;

	chrony_judge(chrony, &keeper->tracking, keeper->tracked_at);
	if (!sets)
		chrony->growth += fabs(drift(keeper)) * 1e-6;
	add_surprise(chrony, &keeper->surprise);
	say_silence(chrony, &keeper->tracking);
}

/* Into kept, which is the kernel's word: chronyd's, if it has one. */
static void
judge_kept(struct timekeeper *keeper, struct discipline *kept)
{
	struct discipline chrony = *kept;

	if (!keeper->tracked) {
		if (keeper->why.text[0] != '\0')
			snprintf(kept->trouble, sizeof(kept->trouble), "%.190s",
			    keeper->why.text);
		return;
	}
	chrony.bounded = false;
	chrony.trouble[0] = chrony.formula[0] = '\0';
	judge_chrony(keeper, &chrony);
	if (chrony.bounded || !kept->bounded)
		*kept = chrony;
}

static void
judge_gps(const struct timekeeper *keeper, const struct discipline *host,
    struct discipline *best, nanoseconds now)
{
	const char *why;
	const struct gpsd_state *state = gpsd_state(keeper->gpsd, &why);
	struct discipline gps = *host, kept = *best;

	if (state == NULL || state->heard == 0) {
		if (why != NULL && best->trouble[0] == '\0')
			snprintf(best->trouble, sizeof(best->trouble), "%.190s",
			    why);
		return;
	}
	gpsd_judge(&gps, state, now);
	witness_pick(best, &kept, &gps, now);
}

static void
read_host(struct timekeeper *keeper, struct discipline *host)
{
	nanoseconds now = clock_monotonic();

	if (keeper->ticked == 0 || now - keeper->ticked >= NS_PER_S) {
		keeper->steal = host_steal(&keeper->ticks);
		keeper->ticked = now;
	}
	*host = (struct discipline){.steal = keeper->steal,
	    .guest = host_is_guest(),
	    .steps = keeper->steps};
	host_clocksource(host->clocksource, sizeof(host->clocksource));
}

/* Whose last word it is, and why there is no newer one. */
static void
say_gone(struct discipline *held)
{
	bool kernel = strcmp(held->source, "kernel") == 0;

	snprintf(held->trouble, sizeof(held->trouble),
	    "%s%s has gone, and the bound grows; start it again",
	    kernel ? "what kept the kernel's clock" : held->source,
	    kernel ? "" : "d");
}

static void
remember(struct timekeeper *keeper, const struct discipline *best)
{
	if (best->bounded)
		keeper->last = *best;
}

/* The host's own members are of now, whoever's word it is. */
static void
publish(struct timekeeper *keeper, struct discipline *best,
    const struct discipline *host)
{
	best->steps = host->steps;
	best->steal = host->steal;
	best->guest = host->guest;
	memcpy(best->clocksource, host->clocksource, sizeof(best->clocksource));
	keeper->state = *best;
}

/* What is wrong where nobody has said it. */
static void
say_trouble(struct discipline *best, const char *nobody)
{
	if (best->trouble[0] != '\0')
		return;
	if (best->held)
		say_gone(best);
	else if (!best->bounded)
		strcpy(best->trouble, nobody);
}

static void
conclude(struct timekeeper *keeper)
{
	nanoseconds now = clock_monotonic();
	struct discipline host, best;
	bool of_chrony = strcmp(keeper->last.source, "chrony") == 0;
	char nobody[DISCIPLINE_TROUBLE];

	keeper->kernel = (struct timex){.modes = 0};
	keeper->verdict = keeper->about.adjtime(&keeper->kernel);
	read_host(keeper, &host);
	best = host;
	discipline_of_kernel(&best, &keeper->kernel, keeper->verdict, now);
	strcpy(nobody, best.trouble);
	best.trouble[0] = '\0';
	judge_kept(keeper, &best);
	judge_gps(keeper, &host, &best, now);
	if (keeper->last.bounded)
		witness_hold(
		    &best, &keeper->last, of_chrony ? drift(keeper) : 0, now);
	say_trouble(&best, nobody);
	remember(keeper, &best);
	publish(keeper, &best, &host);
	if (keeper->about.changed != NULL)
		keeper->about.changed(keeper->about.arg);
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
	conclude(keeper);
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
	conclude(keeper);
}

void
timekeeper_notice(struct timekeeper *keeper)
{
	if (!take_step(keeper))
		return;
	ask(keeper);
	conclude(keeper);
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
