/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who is meant by the members of a mesh, or by the ends of a test.
 */
#include <string.h>

#include "collector/reader.h"
#include "common/member.h"

static bool
has_group(json_object *json, const char *group)
{
	json_object *groups = member_get(json, "groups");
	size_t count = groups == NULL ? 0 : json_object_array_length(groups);

	for (size_t i = 0; i < count; i++)
		if (strcmp(json_object_get_string(
			       json_object_array_get_idx(groups, i)),
			group) == 0)
			return (true);
	return (false);
}

static void
add_boxes_of(struct reader *r, const char *site, json_object *axis)
{
	json_object *boxes = member_get(r->site_boxes, site);

	for (size_t i = 0; i < json_object_array_length(boxes); i++)
		reader_add_once(axis, json_object_get_string(
					  json_object_array_get_idx(boxes, i)));
}

/* Targets, of one group or all. */
static void
add_targets(struct reader *r, const char *group, json_object *axis)
{
	for (size_t i = 0; i < json_object_array_length(r->ends); i++) {
		json_object *end = json_object_array_get_idx(r->ends, i);

		if (member_get(end, "site") == NULL &&
		    (group == NULL || has_group(end, group)))
			reader_add_once(axis, member_text_or(end, "name", ""));
	}
}

static void
add_group(struct reader *r, const struct yml *item, bool destination,
    json_object *axis)
{
	const char *group = item->text + 1;
	size_t before = json_object_array_length(axis);

	for (size_t i = 0; i < json_object_array_length(r->sites); i++) {
		json_object *site = json_object_array_get_idx(r->sites, i);

		if (has_group(site, group))
			add_boxes_of(r, member_text_or(site, "name", ""), axis);
	}
	if (destination)
		add_targets(r, group, axis);
	if (json_object_array_length(axis) == before)
		reader_problem(r, item,
		    "no %s is in a group \"%.80s\", or all of it is "
		    "here already",
		    destination ? "site or target" : "site", group);
}

static void
add_member(struct reader *r, const struct yml *item, bool destination,
    json_object *axis)
{
	json_object *end = member_get(r->by_name, item->text);

	if (item->text[0] == '@')
		add_group(r, item, destination, axis);
	else if (destination && strcmp(item->text, "targets") == 0)
		add_targets(r, NULL, axis);
	else if (member_get(r->site_boxes, item->text) != NULL)
		add_boxes_of(r, item->text, axis);
	else if (end == NULL)
		reader_problem(r, item,
		    "nothing is named \"%.80s\": expected a site, a "
		    "box%s or @group",
		    item->text, destination ? ", a target, targets" : "");
	else if (!destination && member_get(end, "site") == NULL)
		reader_problem(r, item,
		    "target %s runs no agent and cannot be a "
		    "source",
		    item->text);
	else
		reader_add_once(axis, item->text);
}

/* An axis: a list of members as the names of ends. New reference. */
json_object *
members_axis(struct reader *r, const struct yml *node, bool destination,
    const char *what)
{
	json_object *axis = json_object_new_array();

	if (!reader_is(r, node, YML_LIST, "a list of members"))
		return (axis);
	if (node->count == 0)
		reader_problem(r, node, "%s: expected at least one", what);
	for (size_t i = 0; i < node->count; i++)
		if (reader_is(r, node->items[i], YML_SCALAR, "a member"))
			add_member(r, node->items[i], destination, axis);
	return (axis);
}

/* Adds from and to: of members, or of from/to. False when neither is given. */
bool
members_axes(struct reader *r, const struct yml *node, json_object *json)
{
	const struct yml *from = yml_get(node, "from");
	const struct yml *to = yml_get(node, "to");

	if (from == NULL && to == NULL)
		return (false);
	if (from == NULL || to == NULL) {
		reader_problem(r, node, "\"from\" and \"to\" belong together");
		return (true);
	}
	json_object_object_add(
	    json, "from", members_axis(r, from, false, "from"));
	json_object_object_add(json, "to", members_axis(r, to, true, "to"));
	return (true);
}
