/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GET /api/v1/clocks: what each box says of its clock, and what the fleet thinks.
 */
#include <string.h>

#include "collector/fleet.h"
#include "collector/registry.h"
#include "collector/verdicts.h"
#include "collector/web.h"
#include "common/member.h"

/* By name; new reference. */
static json_object *
index_of(json_object *last)
{
	json_object *index = json_object_new_object(), *boxes;
	size_t count = 0;

	if (member_array(last, "boxes", &boxes, NULL) == 0)
		count = json_object_array_length(boxes);
	for (size_t i = 0; i < count; i++) {
		json_object *box = json_object_array_get_idx(boxes, i);

		json_object_object_add(index, member_text_or(box, "name", ""),
		    json_object_get(box));
	}
	return (index);
}

/* All that was found, but not what the court remembers. */
static json_object *
box_json(struct web *web, json_object *index, const struct fleet_end *end)
{
	const struct registry_box *known = web_box(web, end->name);
	json_object *json = json_object_new_object();
	json_object *found = member_get(index, end->name);

	member_add_text(json, "name", end->name);
	json_object_object_add(
	    json, "silent", json_object_new_boolean(web_is_silent(web, end)));
	json_object_object_add(json, "says",
	    known == NULL ? NULL
			  : json_object_get(member_get(known->hello, "clock")));
	if (found == NULL) {
		json_object_object_add(json, "verdict", NULL);
		return (json);
	}
	json_object_object_foreach (found, name, value)
		if (strcmp(name, "memory") != 0 && strcmp(name, "name") != 0)
			json_object_object_add(
			    json, name, json_object_get(value));
	return (json);
}

void
web_get_clocks(struct http_request *request, void *arg)
{
	struct web *web = arg;
	const struct fleet *fleet = web_fleet(web, request);
	json_object *json, *boxes, *last, *index;

	if (fleet == NULL)
		return;
	last = verdicts_last(web->verdicts);
	json = json_object_new_object();
	boxes = json_object_new_array();
	index = index_of(last);
	for (size_t i = 0; i < fleet->end_count; i++)
		if (fleet->ends[i].is_box)
			json_object_array_add(
			    boxes, box_json(web, index, &fleet->ends[i]));
	json_object_object_add(
	    json, "at", json_object_get(member_get(last, "at")));
	json_object_object_add(
	    json, "took", json_object_get(member_get(last, "took")));
	json_object_object_add(json, "boxes", boxes);
	json_object_put(index);
	web_reply(request, json);
}
