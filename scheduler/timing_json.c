/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>
#include <stdlib.h>

#include "common/error.h"
#include "common/member.h"
#include "common/name.h"
#include "common/record.h"
#include "common/unit.h"
#include "common/yaml.h"
#include "scheduler/timing.h"

static const char *const names[] = {
    [TIMING_PERIODIC] = "periodic",
    [TIMING_UNIFORM] = "uniform",
    [TIMING_POISSON] = "poisson",
    [TIMING_ONCE] = "once",
    [TIMING_CONTINUOUS] = "continuous",
    NULL,
};

/* The member beside "kind". */
static const char *const members[] = {
    [TIMING_PERIODIC] = "every",
    [TIMING_UNIFORM] = "every",
    [TIMING_POISSON] = "every",
    [TIMING_ONCE] = "at",
    [TIMING_CONTINUOUS] = "report",
};

static int
set_every(struct timing *timing, double seconds, struct error *err)
{
	bool stream = timing->kind == TIMING_CONTINUOUS;
	nanoseconds least = stream ? TIMING_REPORT_SHORTEST : TIMING_SHORTEST;
	nanoseconds most = stream ? TIMING_REPORT_LONGEST : TIMING_LONGEST;

	if (!(seconds >= clock_seconds(least) &&
		seconds <= clock_seconds(most)))
		return (error_set(err,
		    "%.10g s is out of range, expected an interval from %s",
		    seconds, stream ? "1s to 1d" : "100ms to 366d"));
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
	if (clock_parse(text, 0, &at, NULL) == -1)
		return (error_set(err,
		    "\"%.80s\": expected an instant in UTC such as "
		    "2026-11-21T10:05Z, or Unix seconds",
		    text));
	if (at <= 0 || at > TIMING_LAST)
		return (error_set(err,
		    "\"%.80s\" is not an instant of its own, expected one such as "
		    "2026-11-21T10:05Z",
		    text));
	if (at < RECORD_EARLIEST * NS_PER_S)
		return (error_set(
		    err, "\"%.80s\" is before 2020, and no record is", text));
	timing->at = at;
	return (0);
}

/* Where the interval or instant stands; NULL with err set. */
static const struct yml *
find_value(
    const struct timing *timing, const struct yml *node, struct error *err)
{
	static const char *const keys[] = {"report", NULL};
	const struct yml *value = node->items[0];

	if (timing->kind != TIMING_CONTINUOUS)
		return (value);
	if (yml_expect(value, YML_MAP,
		"how often it reports, such as {report: 60s}", err) == -1 ||
	    yml_known(value, keys, err) == -1)
		return (NULL);
	if (value->count == 0)
		return (yml_error(value, err,
			    "continuous: expected {report: INTERVAL}"),
		    NULL);
	return (value->items[0]);
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
	if (yml_known(node, names, err) == -1)
		return (-1);
	timing->kind = (enum timing_kind)name_index(names, node->keys[0]);
	value = find_value(timing, node, err);
	if (value == NULL)
		return (-1);
	if (yml_expect(value, YML_SCALAR,
		timing->kind == TIMING_ONCE ? "an instant" : "an interval",
		err) == -1)
		return (-1);
	if (read_value(timing, value->text, &why) == -1)
		return (yml_error(
		    value, err, "%s: %s", names[timing->kind], why.text));
	return (0);
}

static int
parse_kind(struct timing *timing, struct json_object *json, struct error *err)
{
	const char *name;
	char *all;
	int kind;

	if (member_text(json, "kind", &name, err) == -1)
		return (-1);
	kind = name_index(names, name);
	if (kind < 0) {
		all = name_join(names);
		error_set(err,
		    "member \"kind\": \"%.80s\", expected one of: %s", name,
		    all);
		free(all);
		return (-1);
	}
	timing->kind = (enum timing_kind)kind;
	return (0);
}

int
timing_parse(struct timing *timing, struct json_object *json, struct error *err)
{
	const char *name;
	double seconds;

	*timing = (struct timing){0};
	if (parse_kind(timing, json, err) == -1)
		return (-1);
	name = members[timing->kind];
	if (member_number(json, name, &seconds, err) == -1)
		return (-1);
	if ((timing->kind == TIMING_ONCE ? set_at : set_every)(
		timing, seconds, err) == -1)
		return (error_place(err, "member \"%s\"", name));
	return (0);
}

struct json_object *
timing_json(const struct timing *timing)
{
	struct json_object *json = json_object_new_object();

	member_add_text(json, "kind", names[timing->kind]);
	member_add_duration(json, members[timing->kind],
	    timing->kind == TIMING_ONCE ? timing->at : timing->every);
	return (json);
}
