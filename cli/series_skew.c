/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/series_skew.h"

#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>

#include "cli/api.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/unit.h"

#define PPM 1e6

json_object *
series_skew(struct api *api, const char *pair, const char *from, const char *to,
    struct error *err)
{
	char *path = memory_print("/api/v1/skew/%s", pair);
	json_object *skew;

	path = api_add_query(path, "from", from);
	path = api_add_query(path, "to", to);
	skew = api_get(api, path, err);
	free(path);
	return (skew);
}

struct correction {
	double skew, at; /* s/s; seconds */
	double start, step;
};

static json_object *
correct(json_object *values, const struct correction *c)
{
	json_object *array = json_object_new_array();
	size_t count = json_object_array_length(values);

	for (size_t i = 0; i < count; i++) {
		json_object *value = json_object_array_get_idx(values, i);
		double middle = c->start + ((double)i + 0.5) * c->step;

		json_object_array_add(array,
		    value == NULL
			? NULL
			: member_new_number(json_object_get_double(value) -
					    c->skew * (middle - c->at)));
	}
	return (array);
}

void
series_deskew(json_object *metrics, json_object *reply, json_object *skew)
{
	const char *metric = member_text_or(skew, "metric", "");
	json_object *raw = member_get(metrics, metric), *json, *columns;
	const struct correction c = {member_number_or(skew, "skew", NAN),
	    member_number_or(skew, "at", NAN),
	    member_number_or(reply, "start", 0),
	    member_number_or(reply, "step", 0)};
	char *name;

	if (raw == NULL || isnan(c.skew) || isnan(c.at))
		return;
	json = json_object_new_object();
	columns = json_object_new_object();
	json_object_object_foreach (member_get(raw, "columns"), column, values)
		json_object_object_add(columns, column, correct(values, &c));
	json_object_object_add(
	    json, "unit", json_object_get(member_get(raw, "unit")));
	json_object_object_add(json, "columns", columns);
	name = memory_print("%s_deskewed", metric);
	json_object_object_add(metrics, name, json);
	free(name);
}

char *
series_skew_words(json_object *skew)
{
	const char *why = member_text_or(skew, "why", NULL);
	bool impossible = false, crooked = false;
	char offset[UNIT_TEXT], bound[UNIT_TEXT];

	if (why != NULL)
		return (memory_print("skew: not known: %s", why));
	member_flag(skew, "impossible", &impossible, NULL);
	member_flag(skew, "crooked", &crooked, NULL);
	return (memory_print("skew: %s gains %+.3f +- %.3f ppm on %s; ahead by "
			     "%s +- %s, if the least delays are equal%s%s",
	    member_text_or(skew, "dst", "?"),
	    member_number_or(skew, "skew", 0) * PPM,
	    member_number_or(skew, "error", 0) * PPM,
	    member_text_or(skew, "src", "?"),
	    unit_format(
		UNIT_SECONDS, member_number_or(skew, "offset", 0), offset),
	    unit_format(
		UNIT_SECONDS, member_number_or(skew, "bound", 0), bound),
	    impossible ? "; they cannot be: a clock was set meanwhile" : "",
	    crooked ? "; the two directions do not mirror each other" : ""));
}
