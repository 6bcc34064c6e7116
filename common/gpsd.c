/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/gpsd.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/member.h"
#include "common/unit.h"

#define SECONDS_MOST INT64_C(8000000000)
#define WINDOW (16 * NS_PER_S) /* over which the rate is taken */
#define FREE_RUN 500e-6 /* the most that a clock of nobody's runs wrong by */
#define WANDER 15e-6    /* of a clock whose rate is known: RFC 5905's PHI */
#define PRECISION_LEAST 1e-6 /* of the stamp of a pulse: an interrupt */
#define WRONG 0.1            /* seconds, that are certain */
#define TEXT_LATE 1.0        /* seconds: within its second, or it is wrong */

/* real_sec, real_nsec, clock_sec, clock_nsec. */
static int
read_mark(struct gpsd_mark *mark, json_object *o, struct error *err)
{
	static const char *const names[] = {
	    "real_sec", "real_nsec", "clock_sec", "clock_nsec"};
	int64_t parts[4];

	for (int i = 0; i < 4; i++) {
		if (member_whole(o, names[i], &parts[i], err) == -1)
			return (-1);
		if (parts[i] < 0 ||
		    parts[i] >= (i % 2 == 1 ? NS_PER_S : SECONDS_MOST))
			return (
			    error_set(err, "member \"%s\": no time", names[i]));
	}
	mark->offset = (parts[2] - parts[0]) * NS_PER_S + parts[3] - parts[1];
	return (0);
}

/* A rate between two pulses is as good as both stamps over their distance. */
static void
pace(struct gpsd_state *state)
{
	const struct gpsd_mark *first = &state->first, *last = &state->pulse;
	nanoseconds took = last->at - first->at;

	if (first->at == 0 || took > 4 * WINDOW) {
		state->first = *last;
		return;
	}
	if (took < WINDOW)
		return;
	state->rate =
	    1e6 * (double)(last->offset - first->offset) / (double)took;
	state->paced = fabs(state->rate) < FREE_RUN * 1e6;
	state->first = *last;
}

static int
hear_tpv(
    struct gpsd_state *state, json_object *o, nanoseconds at, struct error *err)
{
	int64_t mode = member_whole_or(o, "mode", 0);
	double ept = member_number_or(o, "ept", 0);

	if (mode < 0 || mode > 3 || !(ept >= 0 && ept < (double)SECONDS_MOST))
		return (error_set(err, "TPV: no fix can be like that"));
	/* a report of one sentence only has no time in it */
	if (mode >= 2 && member_get(o, "time") == NULL)
		return (0);
	state->heard = at;
	state->fix = mode >= 2 ? (int)mode : 0;
	if (state->fix == 0)
		return (0);
	state->fixed = at;
	state->ept = ept;
	return (0);
}

static int
hear_sky(
    struct gpsd_state *state, json_object *o, nanoseconds at, struct error *err)
{
	json_object *list = member_get(o, "satellites"), *one;
	int used = 0;

	if (list == NULL)
		return (0); /* this one is about something else */
	if (!json_object_is_type(list, json_type_array))
		return (error_set(err, "SKY: satellites: expected a list"));
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		one = json_object_array_get_idx(list, i);
		used +=
		    json_object_get_boolean(member_get(one, "used")) ? 1 : 0;
	}
	state->satellites = used < 1000 ? used : 1000;
	return (0);
}

static int
hear_toff(
    struct gpsd_state *state, json_object *o, nanoseconds at, struct error *err)
{
	if (read_mark(&state->text, o, err) == -1)
		return (-1);
	state->text.at = at;
	return (0);
}

static int
hear_pps(
    struct gpsd_state *state, json_object *o, nanoseconds at, struct error *err)
{
	int64_t precision = member_whole_or(o, "precision", -20);

	if (precision < -64 || precision > 0)
		return (error_set(err, "PPS: precision: expected -64 to 0"));
	if (read_mark(&state->pulse, o, err) == -1)
		return (-1);
	state->pulse.at = at;
	state->pulse.precision =
	    fmax(ldexp(1, (int)precision), PRECISION_LEAST);
	pace(state);
	return (0);
}

static const struct {
	const char *name;
	int (*hear)(struct gpsd_state *state, json_object *o, nanoseconds at,
	    struct error *err);
} classes[] = {
    {"TPV", hear_tpv},
    {"SKY", hear_sky},
    {"TOFF", hear_toff},
    {"PPS", hear_pps},
};

int
gpsd_hear(struct gpsd_state *state, const char *line, size_t length,
    nanoseconds at, struct error *err)
{
	json_object *o = member_parse(line, length, err);
	const char *class;
	int result = 0;

	if (o == NULL)
		return (error_place(err, "gpsd"));
	if (member_text(o, "class", &class, err) == -1)
		result = error_place(err, "gpsd");
	for (size_t i = 0;
	     result == 0 && i < sizeof(classes) / sizeof(classes[0]); i++)
		if (strcmp(classes[i].name, class) == 0 &&
		    classes[i].hear(state, o, at, err) == -1)
			result = error_place(err, "gpsd: %s", class);
	json_object_put(o);
	return (result);
}

void
gpsd_forget(struct gpsd_state *state)
{
	state->text.at = state->pulse.at = state->first.at = 0;
}

/*
 * Judging.
 */

static bool
is_fresh(nanoseconds at, nanoseconds now)
{
	return (at != 0 && now - at <= GPSD_FRESH);
}

static void
judge_pulse(struct discipline *clock, const struct gpsd_state *state)
{
	const struct gpsd_mark *pulse = &state->pulse;

	strcpy(clock->reference, "PPS");
	strcpy(clock->formula, "|offset| + dispersion (stamp of the pulse)");
	clock->at = pulse->at;
	clock->parts.offset = clock_seconds(pulse->offset);
	clock->parts.dispersion = pulse->precision;
	clock->growth = FREE_RUN;
	clock->tuned = state->paced;
	if (!state->paced)
		return;
	clock->frequency = state->rate;
	clock->skew = 1e6 * pulse->precision / clock_seconds(WINDOW);
	clock->growth = fabs(state->rate) * 1e-6 + WANDER;
}

/* Its text came between the begin of its second and that of the next. */
static void
judge_text(struct discipline *clock, const struct gpsd_state *state)
{
	strcpy(clock->reference, "GPS");
	strcpy(
	    clock->formula, "|offset| + dispersion (text is up to 1 s late)");
	clock->at = state->text.at;
	clock->parts.offset = clock_seconds(state->text.offset) - TEXT_LATE / 2;
	clock->parts.dispersion = TEXT_LATE / 2 + state->ept;
	clock->growth = FREE_RUN;
}

static void
judge_loss(
    struct discipline *clock, const struct gpsd_state *state, nanoseconds now)
{
	char ago[UNIT_TEXT];

	clock->at = now;
	clock->fix = 0;
	if (state->fixed == 0)
		snprintf(clock->trouble, sizeof(clock->trouble),
		    "gpsd's receiver has no fix yet; does its antenna see the "
		    "sky?");
	else
		snprintf(clock->trouble, sizeof(clock->trouble),
		    "gpsd's receiver had its last fix %s ago; does its antenna "
		    "see the sky?",
		    unit_format(UNIT_SECONDS,
			round(clock_seconds(now - state->fixed)), ago));
}

void
gpsd_judge(
    struct discipline *clock, const struct gpsd_state *state, nanoseconds now)
{
	const struct discipline_parts *parts = &clock->parts;
	bool fixed = state->fix != 0 && is_fresh(state->fixed, now);
	char text[UNIT_TEXT];
	double certain;

	strcpy(clock->source, "gps");
	clock->fix = state->fix;
	clock->satellites = state->satellites;
	clock->leap = LEAP_NONE;
	if (fixed && is_fresh(state->pulse.at, now)) {
		judge_pulse(clock, state);
	} else if (fixed && is_fresh(state->text.at, now)) {
		judge_text(clock, state);
	} else {
		if (!fixed)
			judge_loss(clock, state, now);
		clock->at = now;
		return;
	}
	clock->error = fabs(parts->offset) + parts->dispersion;
	clock->bounded = clock->error < DISCIPLINE_MOST;
	certain = fabs(parts->offset) - parts->dispersion;
	if (certain > WRONG)
		snprintf(clock->trouble, sizeof(clock->trouble),
		    "this clock is %s or more %s GPS; set it right, unless the "
		    "receiver has not heard of all leap seconds",
		    unit_format(UNIT_SECONDS, certain, text),
		    parts->offset > 0 ? "ahead of" : "behind");
}
