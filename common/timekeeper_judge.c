/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is to be believed of what chronyd, gpsd and the kernel say.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/gpsd.h"
#include "common/phc.h"
#include "common/timekeeper_parts.h"
#include "common/unit.h"
#include "common/witness.h"

#define CARD "ptp0"
#define CARD_PATH "/dev/" CARD

static void
say_surprise(struct discipline *chrony, const struct surprise *surprise)
{
	double set = surprise->size - surprise->slept;
	char by[UNIT_TEXT], what[64] = "this host slept";

	if (set > 0)
		snprintf(what, sizeof(what), "this clock was set by %s",
		    unit_format(UNIT_SECONDS, set, by));
	snprintf(chrony->trouble, sizeof(chrony->trouble),
	    "%s, and chronyd has not looked at its servers since; chronyc "
	    "burst 2/4 makes it",
	    what);
}

static void
add_surprise(struct discipline *chrony, const struct surprise *surprise)
{
	if (surprise->size == 0 || !chrony->bounded)
		return;
	chrony->error += surprise->size;
	chrony->parts.dispersion += surprise->size;
	say_surprise(chrony, surprise);
}

/* A kernel that is set forgets its bound by itself; one that slept does not. */
static void
add_sleep(struct discipline *kernel, struct surprise *surprise, long maxerror)
{
	if (maxerror < surprise->maxerror)
		surprise->kernel = 0;
	if (surprise->kernel == 0 || !kernel->bounded)
		return;
	kernel->error += surprise->kernel;
	snprintf(kernel->trouble, sizeof(kernel->trouble),
	    "this host slept, and what keeps its clock has not looked since");
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

/* The first one; most hosts have none. */
static void
read_card(struct discipline_card *card)
{
	struct phc_offset offset;

	*card = (struct discipline_card){.name = ""};
	if (access(CARD_PATH, R_OK) == -1 ||
	    phc_read(CARD_PATH, &offset, NULL) == -1)
		return;
	strcpy(card->name, CARD);
	card->offset = clock_seconds(offset.offset);
	card->error = clock_seconds(offset.error);
}

static void
read_host(struct timekeeper *keeper, struct discipline *host)
{
	nanoseconds now = clock_monotonic();

	if (keeper->ticked == 0 || now - keeper->ticked >= NS_PER_S) {
		keeper->steal = host_steal(&keeper->ticks);
		read_card(&keeper->card);
		keeper->ticked = now;
	}
	*host = (struct discipline){.steal = keeper->steal,
	    .guest = host_is_guest(),
	    .steps = keeper->steps,
	    .card = keeper->card};
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
	best->card = host->card;
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

void
timekeeper_conclude(struct timekeeper *keeper)
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
	add_sleep(&best, &keeper->surprise, keeper->kernel.maxerror);
	judge_kept(keeper, &best);
	judge_gps(keeper, &host, &best, now);
	if (keeper->last.bounded)
		witness_hold(
		    &best, &keeper->last, of_chrony ? drift(keeper) : 0, now);
	say_trouble(&best, nobody);
	remember(keeper, &best);
	vouch_judge(&keeper->vouch, &best, now);
	publish(keeper, &best, &host);
	if (keeper->about.changed != NULL)
		keeper->about.changed(keeper->about.arg);
}
