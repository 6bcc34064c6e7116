/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The state of a clock as JSON, and back.
 */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "common/discipline.h"
#include "common/error.h"
#include "common/member.h"

#define PPM 1e-6
#define RATIO_MOST 1.0   /* a clock that runs by twice the time is none */
#define SECONDS_MOST 9e9 /* of anything here */
#define AGE_MOST 1e9     /* seconds */

const char *const discipline_leaps[] = {
    "none", "insert", "delete", "unsynchronised", NULL};

static void
add_parts(json_object *o, const struct discipline *state)
{
	member_add_number(o, "offset", state->parts.offset);
	member_add_number(o, "dispersion", state->parts.dispersion);
	member_add_number(o, "delay", state->parts.delay);
}

static void
add_steps(json_object *o, const struct discipline_steps *steps)
{
	json_object *json = json_object_new_object();

	member_add_whole(json, "count", steps->count);
	member_add_number(json, "size", steps->size);
	member_add_duration(json, "last", steps->last);
	json_object_object_add(o, "steps", json);
}

static void
add_card(json_object *o, const struct discipline_card *card)
{
	json_object *json = json_object_new_object();

	member_add_text(json, "name", card->name);
	member_add_number(json, "offset", card->offset);
	member_add_number(json, "error", card->error);
	json_object_object_add(o, "card", json);
}

static void
add_bound(json_object *o, const struct discipline *state, nanoseconds now)
{
	member_add_duration(o, "age", now > state->at ? now - state->at : 0);
	member_add_number(o, "growth", state->growth);
	if (state->formula[0] != '\0')
		member_add_text(o, "formula", state->formula);
	add_parts(o, state);
	if (state->held)
		json_object_object_add(o, "held", json_object_new_boolean(1));
}

static void
add_source(json_object *o, const struct discipline *state)
{
	if (state->reference[0] != '\0')
		member_add_text(o, "reference", state->reference);
	if (state->stratum != 0)
		member_add_whole(o, "stratum", state->stratum);
	if (strcmp(state->source, "none") != 0)
		member_add_text(o, "leap", discipline_leaps[state->leap]);
	if (state->fix != 0)
		member_add_whole(o, "fix", state->fix);
	if (state->satellites != 0)
		member_add_whole(o, "satellites", state->satellites);
	if (!state->tuned)
		return;
	member_add_number(o, "frequency", state->frequency * PPM);
	member_add_number(o, "skew", state->skew * PPM);
}

json_object *
discipline_json(const struct discipline *state, nanoseconds now)
{
	json_object *o = json_object_new_object();
	bool bounded = discipline_bounded_at(state, now);

	member_add_text(o, "source", state->source);
	if (bounded)
		member_add_number(o, "error", discipline_error_at(state, now));
	if (state->clocksource[0] != '\0')
		member_add_text(o, "clocksource", state->clocksource);
	add_source(o, state);
	if (bounded)
		add_bound(o, state, now);
	if (state->steps.count > 0)
		add_steps(o, &state->steps);
	if (state->card.name[0] != '\0')
		add_card(o, &state->card);
	if (state->guest)
		json_object_object_add(o, "guest", json_object_new_boolean(1));
	if (state->steal >= 0)
		member_add_number(o, "steal", state->steal);
	if (state->trouble[0] != '\0')
		member_add_text(o, "trouble", state->trouble);
	return (o);
}

/*
 * Reading.
 */

/* Absent: left alone. */
static int
read_number(json_object *o, const char *name, double least, double most,
    double *value, struct error *err)
{
	double read;

	if (member_get(o, name) == NULL)
		return (0);
	if (member_number(o, name, &read, err) == -1)
		return (-1);
	if (!(read >= least && read <= most))
		return (error_set(err, "member \"%s\": %g, expected %g to %g",
		    name, read, least, most));
	*value = read;
	return (0);
}

static int
read_whole(
    json_object *o, const char *name, int most, int *value, struct error *err)
{
	int64_t read;

	if (member_get(o, name) == NULL)
		return (0);
	if (member_whole(o, name, &read, err) == -1)
		return (-1);
	if (read < 0 || read > most)
		return (error_set(
		    err, "member \"%s\": expected 0 to %d", name, most));
	*value = (int)read;
	return (0);
}

static int
read_flag(json_object *o, const char *name, bool *value, struct error *err)
{
	if (member_get(o, name) == NULL)
		return (0);
	return (member_flag(o, name, value, err));
}

/* It goes to terminals: nothing but what can be printed. */
static int
read_text(json_object *o, const char *name, char *text, size_t size,
    struct error *err)
{
	const char *read;
	size_t length;

	if (member_get(o, name) == NULL)
		return (0);
	if (member_text(o, name, &read, err) == -1)
		return (-1);
	length = strlen(read);
	if (length >= size)
		return (error_set(err,
		    "member \"%s\": expected less than %zu bytes", name, size));
	for (size_t i = 0; i < length; i++)
		if (iscntrl((unsigned char)read[i]))
			return (error_set(
			    err, "member \"%s\": a control character", name));
	memcpy(text, read, length + 1);
	return (0);
}

static int
read_source(struct discipline *state, json_object *o, struct error *err)
{
	int leap;

	if (read_text(o, "source", state->source, sizeof(state->source), err) ==
	    -1)
		return (-1);
	if (state->source[0] == '\0')
		return (error_set(err,
		    "member \"source\": expected a name, such as chrony or "
		    "none"));
	for (const char *c = state->source; *c != '\0'; c++)
		if (*c < 'a' || *c > 'z')
			return (error_set(
			    err, "member \"source\": expected small letters"));
	if (member_get(o, "leap") != NULL) {
		if (member_choice(o, "leap", discipline_leaps, &leap, err) ==
		    -1)
			return (-1);
		state->leap = (enum discipline_leap)leap;
	}
	state->tuned = member_get(o, "frequency") != NULL;
	return (0);
}

static int
read_bound(struct discipline *state, json_object *o, nanoseconds now,
    struct error *err)
{
	double age = 0;

	state->bounded = member_get(o, "error") != NULL;
	if (read_number(o, "error", 0, DISCIPLINE_MOST, &state->error, err) ==
		-1 ||
	    read_number(o, "growth", 0, RATIO_MOST, &state->growth, err) ==
		-1 ||
	    read_number(o, "age", 0, AGE_MOST, &age, err) == -1)
		return (-1);
	state->at = now - clock_of_seconds(age);
	state->error = fmax(0, state->error - age * state->growth);
	return (0);
}

static int
read_steps(struct discipline *state, json_object *o, struct error *err)
{
	json_object *steps = NULL;
	double last = 0;
	int count = 0;

	if (member_get(o, "steps") == NULL)
		return (0);
	if (member_object(o, "steps", &steps, err) == -1 ||
	    read_whole(steps, "count", INT32_MAX, &count, err) == -1 ||
	    read_number(steps, "size", -SECONDS_MOST, SECONDS_MOST,
		&state->steps.size, err) == -1 ||
	    read_number(
		steps, "last", -SECONDS_MOST, SECONDS_MOST, &last, err) == -1)
		return (error_place(err, "steps"));
	state->steps.count = (unsigned)count;
	state->steps.last = clock_of_seconds(last);
	return (0);
}

static int
read_card(struct discipline_card *card, json_object *o, struct error *err)
{
	json_object *json = NULL;

	if (member_get(o, "card") == NULL)
		return (0);
	if (member_object(o, "card", &json, err) == -1 ||
	    read_text(json, "name", card->name, sizeof(card->name), err) ==
		-1 ||
	    read_number(json, "offset", -SECONDS_MOST, SECONDS_MOST,
		&card->offset, err) == -1 ||
	    read_number(json, "error", 0, SECONDS_MOST, &card->error, err) ==
		-1)
		return (error_place(err, "card"));
	return (0);
}

static int
read_numbers(struct discipline *state, json_object *o, struct error *err)
{
	const struct {
		const char *name;
		double least, most, *value;
	} numbers[] = {
	    {"offset", -SECONDS_MOST, SECONDS_MOST, &state->parts.offset},
	    {"dispersion", 0, SECONDS_MOST, &state->parts.dispersion},
	    {"delay", -SECONDS_MOST, SECONDS_MOST, &state->parts.delay},
	    {"frequency", -RATIO_MOST, RATIO_MOST, &state->frequency},
	    {"skew", 0, RATIO_MOST, &state->skew},
	    {"steal", 0, 1, &state->steal},
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (read_number(o, numbers[i].name, numbers[i].least,
			numbers[i].most, numbers[i].value, err) == -1)
			return (-1);
	state->frequency /= PPM;
	state->skew /= PPM;
	return (0);
}

static int
read_texts(struct discipline *state, json_object *o, struct error *err)
{
	const struct {
		const char *name;
		char *text;
		size_t size;
	} texts[] = {
	    {"reference", state->reference, sizeof(state->reference)},
	    {"formula", state->formula, sizeof(state->formula)},
	    {"clocksource", state->clocksource, sizeof(state->clocksource)},
	    {"trouble", state->trouble, sizeof(state->trouble)},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (read_text(o, texts[i].name, texts[i].text, texts[i].size,
			err) == -1)
			return (-1);
	return (0);
}

int
discipline_from_json(struct discipline *state, json_object *o, nanoseconds now,
    struct error *err)
{
	memset(state, 0, sizeof(*state));
	state->steal = -1;
	if (!json_object_is_type(o, json_type_object))
		return (error_set(err, "a clock: expected an object"));
	if (read_source(state, o, err) == -1 ||
	    read_bound(state, o, now, err) == -1 ||
	    read_numbers(state, o, err) == -1 ||
	    read_texts(state, o, err) == -1 ||
	    read_steps(state, o, err) == -1 ||
	    read_card(&state->card, o, err) == -1 ||
	    read_flag(o, "held", &state->held, err) == -1 ||
	    read_flag(o, "guest", &state->guest, err) == -1 ||
	    read_whole(o, "stratum", 255, &state->stratum, err) == -1 ||
	    read_whole(o, "fix", 9, &state->fix, err) == -1 ||
	    read_whole(o, "satellites", 1000, &state->satellites, err) == -1)
		return (error_place(err, "clock"));
	return (0);
}
