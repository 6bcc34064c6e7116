/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/clock_tally.h"

#include <math.h>
#include <stdbool.h>

#include "common/member.h"

#define PPM 1e-6

static void
mean_add(struct clock_mean *mean, double value)
{
	mean->sum += value;
	mean->count++;
}

static void
add_mean(json_object *metrics, const char *name, const struct clock_mean *mean,
    double unit)
{
	if (mean->count > 0)
		member_add_number(
		    metrics, name, mean->sum / mean->count * unit);
}

/* Does something keep it right, and does its word still say something? */
static bool
is_synced(const struct discipline *clock, nanoseconds now)
{
	return (!clock->held && discipline_bounded_at(clock, now));
}

/* What a source that has gone said of frequency and offset is not so any more, and
 * who vouches for a clock says nothing of them. */
static void
take_word(struct clock_tally *tally, nanoseconds now)
{
	const struct discipline *clock = &tally->word;

	tally->looks++;
	tally->worst = fmax(tally->worst, discipline_error_at(clock, now));
	if (clock->steal >= 0)
		mean_add(&tally->steal, clock->steal);
	if (!is_synced(clock, now))
		return;
	tally->synced++;
	if (discipline_is_vouched(clock))
		return;
	mean_add(&tally->offset, clock->parts.offset);
	if (!clock->tuned)
		return;
	mean_add(&tally->frequency, clock->frequency);
	tally->skew = fmax(tally->skew, clock->skew);
}

void
clock_tally_begin(
    struct clock_tally *tally, const struct discipline *clock, nanoseconds now)
{
	*tally = (struct clock_tally){.word = *clock, .skew = -1};
	take_word(tally, now);
}

void
clock_tally_look(
    struct clock_tally *tally, const struct discipline *clock, nanoseconds now)
{
	tally->worst =
	    fmax(tally->worst, discipline_error_at(&tally->word, now));
	tally->word = *clock;
	take_word(tally, now);
}

static const char *
state_of(const struct discipline *clock, nanoseconds now)
{
	if (!discipline_bounded_at(clock, now))
		return ("unsynchronised");
	if (discipline_is_vouched(clock))
		return ("vouched");
	return (clock->held ? "held" : "synchronised");
}

static void
add_text(json_object *metrics, const char *name, const char *text)
{
	if (text[0] != '\0')
		member_add_text(metrics, name, text);
}

struct json_object *
clock_tally_metrics(struct clock_tally *tally, nanoseconds now)
{
	const struct discipline *clock = &tally->word;
	json_object *metrics = json_object_new_object();

	tally->worst = fmax(tally->worst, discipline_error_at(clock, now));
	if (isfinite(tally->worst))
		member_add_number(metrics, "bound", tally->worst);
	member_add_whole(metrics, "looks", (int64_t)tally->looks);
	member_add_whole(metrics, "synced", (int64_t)tally->synced);
	add_mean(metrics, "frequency", &tally->frequency, PPM);
	if (tally->skew >= 0)
		member_add_number(metrics, "skew", tally->skew * PPM);
	add_mean(metrics, "offset", &tally->offset, 1);
	add_mean(metrics, "steal", &tally->steal, 1);
	member_add_text(metrics, "state", state_of(clock, now));
	add_text(metrics, "source", clock->source);
	add_text(metrics, "reference", clock->reference);
	add_text(metrics, "clocksource", clock->clocksource);
	return (metrics);
}

/*
 * Steps.
 */

void
clock_steps_look(struct clock_steps *steps, const struct discipline *clock)
{
	unsigned more = clock->steps.count - steps->known;

	steps->known = clock->steps.count;
	steps->count += more;
	if (more == 0 || steps->listed == CLOCK_STEPS)
		return;
	steps->list[steps->listed].size = clock->steps.size;
	steps->list[steps->listed++].when = clock->steps.last;
}

static json_object *
list_json(const struct clock_steps *steps, double *largest)
{
	json_object *list = json_object_new_array();

	*largest = 0;
	for (unsigned i = 0; i < steps->listed; i++) {
		json_object *step = json_object_new_object();

		member_add_number(step, "size", steps->list[i].size);
		member_add_duration(step, "when", steps->list[i].when);
		json_object_array_add(list, step);
		*largest = fmax(*largest, fabs(steps->list[i].size));
	}
	return (list);
}

void
clock_steps_take(struct clock_steps *steps, struct json_object *metrics)
{
	double largest;

	member_add_whole(metrics, "steps", steps->count);
	if (steps->count > 0) {
		json_object_object_add(
		    metrics, "stepped", list_json(steps, &largest));
		member_add_number(metrics, "step", largest);
	}
	steps->count = steps->listed = 0;
}
