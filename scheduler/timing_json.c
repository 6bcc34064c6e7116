/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "common/error.h"
#include "common/member.h"
#include "common/unit.h"
#include "common/yaml.h"
#include "scheduler/timing.h"

static const char *const names[] = {
    [TIMING_PERIODIC] = "periodic",
    [TIMING_UNIFORM] = "uniform",
    [TIMING_POISSON] = "poisson",
    [TIMING_ONCE] = "once",
    NULL,
};

static int
find_kind(const char *name, enum timing_kind *kind, struct error *err)
{
	int i;

	for (i = 0; names[i] != NULL; i++)
		if (strcmp(name, names[i]) == 0) {
			*kind = (enum timing_kind)i;
			return (0);
		}
	return (error_set(err,
	    "\"%s\" is no kind of schedule, expected one of: periodic, "
	    "uniform, poisson, once",
	    name));
}

static int
set_every(struct timing *timing, double seconds, struct error *err)
{
	if (!(seconds >= clock_seconds(TIMING_SHORTEST) &&
		seconds <= clock_seconds(TIMING_LONGEST)))
		return (error_set(err,
		    "%.10g s is out of range, expected an interval from 100ms "
		    "to 366d",
		    seconds));
	timing->every = clock_of_seconds(seconds);
	return (0);
}

static int
set_at(struct timing *timing, double seconds, struct error *err)
{
	if (!(seconds > 0 && seconds < clock_seconds(TIMING_LAST)))
		return (error_set(err,
		    "%.10g is out of range, expected Unix seconds from 1970 to "
		    "2116",
		    seconds));
	timing->at = clock_of_seconds(seconds);
	return (0);
}

static int
read_value(struct timing *timing, const char *text, struct error *err)
{
	nanoseconds at;
	double seconds;

	if (timing->kind != TIMING_ONCE) {
		if (unit_parse(UNIT_SECONDS, text, &seconds, err) == -1)
			return (-1);
		return (set_every(timing, seconds, err));
	}
	/* at the epoch, so that "now" and "-1h" are out of range: a file must
	 * mean the same whenever it is read */
	if (clock_parse(text, 0, &at, err) == -1)
		return (-1);
	if (at <= 0 || at > TIMING_LAST)
		return (error_set(err,
		    "\"%s\" is no instant that stays, expected one such as "
		    "2026-11-21T10:05Z",
		    text));
	timing->at = at;
	return (0);
}

int
timing_read(struct timing *timing, const struct yml *node, struct error *err)
{
	const struct yml *value;
	struct error why;

	*timing = (struct timing){0};
	if (yml_expect(
		node, YML_MAP, "a schedule such as {uniform: 60s}", err) == -1)
		return (-1);
	if (node->count != 1)
		return (yml_error(node, err,
		    "a schedule of %zu kinds, expected one such as "
		    "{uniform: 60s}",
		    node->count));
	value = node->items[0];
	if (find_kind(node->keys[0], &timing->kind, &why) == -1)
		return (yml_error(value, err, "%s", why.text));
	if (yml_expect(value, YML_SCALAR, names[timing->kind], err) == -1)
		return (-1);
	if (read_value(timing, value->text, &why) == -1)
		return (yml_error(
		    value, err, "%s: %s", names[timing->kind], why.text));
	return (0);
}

int
timing_parse(struct timing *timing, struct json_object *json, struct error *err)
{
	const char *kind;
	double seconds;
	bool once;

	*timing = (struct timing){0};
	if (member_text(json, "kind", &kind, err) == -1)
		return (-1);
	if (find_kind(kind, &timing->kind, err) == -1)
		return (error_place(err, "member \"kind\""));
	once = timing->kind == TIMING_ONCE;
	if (member_number(json, once ? "at" : "every", &seconds, err) == -1)
		return (-1);
	if (once && set_at(timing, seconds, err) == -1)
		return (error_place(err, "member \"at\""));
	if (!once && set_every(timing, seconds, err) == -1)
		return (error_place(err, "member \"every\""));
	return (0);
}

struct json_object *
timing_json(const struct timing *timing)
{
	struct json_object *json = json_object_new_object();

	member_add_text(json, "kind", names[timing->kind]);
	if (timing->kind == TIMING_ONCE)
		member_add_duration(json, "at", timing->at);
	else
		member_add_duration(json, "every", timing->every);
	return (json);
}
