/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/control_status.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/fleet.h"
#include "collector/parent.h"
#include "collector/parts.h"
#include "collector/publisher.h"
#include "collector/registry.h"
#include "collector/settings.h"
#include "common/member.h"
#include "common/memory.h"
#include "defines.h"

static json_object *
fleet_status(const struct collector *collector)
{
	const struct fleet *fleet = publisher_fleet(collector->publisher);
	json_object *problems = publisher_problems(collector->publisher);
	json_object *status = json_object_new_object();

	member_add_text(status, "file", collector->settings->fleet);
	member_add_whole(status, "revision", fleet->revision);
	member_add_whole(status, "sites", (int64_t)fleet->site_count);
	member_add_whole(status, "tests", (int64_t)fleet_written(fleet));
	if (problems != NULL)
		json_object_object_add(
		    status, "problems", json_object_get(problems));
	return (status);
}

static void
add_time(json_object *o, const char *name, nanoseconds wall)
{
	if (wall != 0)
		member_add_duration(o, name, wall);
	else
		json_object_object_add(o, name, NULL);
}

static const char *
state(const struct registry_box *box, nanoseconds now)
{
	if (box == NULL)
		return ("new");
	if (box->removed != 0)
		return ("removed");
	if (box->heard == 0)
		return ("never");
	return (registry_is_silent(box->heard, now) ? "silent" : "ok");
}

/* box: what the registry knows, or NULL. */
static json_object *
box_status(const char *name, const struct registry_box *box, bool in_fleet,
    nanoseconds now)
{
	static const char *const said[] = {
	    "version", "clock", "spool", "plan", "plan_refused"};
	json_object *status = json_object_new_object();

	member_add_text(status, "name", name);
	member_add_text(status, "state", state(box, now));
	add_time(status, "enrolled", box != NULL ? box->enrolled : 0);
	add_time(status, "removed", box != NULL ? box->removed : 0);
	add_time(status, "heard", box != NULL ? box->heard : 0);
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		json_object_object_add(status, said[i],
		    json_object_get(
			member_get(box != NULL ? box->hello : NULL, said[i])));
	member_add_whole(
	    status, "refused", box != NULL ? (int64_t)box->refused : 0);
	json_object_object_add(status, "second",
	    box != NULL && registry_has_second(box, now)
		? json_object_get(box->second)
		: NULL);
	json_object_object_add(
	    status, "in_fleet", json_object_new_boolean(in_fleet));
	return (status);
}

static const struct registry_box *
find_box(const struct registry_box *boxes, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (strcmp(boxes[i].name, name) == 0)
			return (&boxes[i]);
	return (NULL);
}

static bool
is_in_fleet(const struct fleet *fleet, const char *name)
{
	const struct fleet_end *end = fleet_end(fleet, name);

	return (end != NULL && end->is_box);
}

/* The fleet's boxes in its order, then members that it has no more. */
static json_object *
boxes_status(
    const struct fleet *fleet, const struct registry_box *boxes, int count)
{
	nanoseconds now = clock_wall();
	json_object *all = json_object_new_array();

	for (size_t i = 0; i < fleet->end_count; i++) {
		const char *name = fleet->ends[i].name;

		if (fleet->ends[i].is_box)
			json_object_array_add(
			    all, box_status(name, find_box(boxes, count, name),
				     true, now));
	}
	for (int i = 0; i < count; i++)
		if (!is_in_fleet(fleet, boxes[i].name))
			json_object_array_add(all,
			    box_status(boxes[i].name, &boxes[i], false, now));
	return (all);
}

/* Count or -1; none while intake has not made the registry. */
static int
read_boxes(const struct collector *collector, struct registry_box **boxes,
    struct error *err)
{
	char *path =
	    collector_settings_path(collector->settings, "registry.db");
	struct registry *registry;
	int count = 0;

	*boxes = NULL;
	if (access(path, F_OK) == 0) {
		registry = registry_open(path, true, err);
		count = registry == NULL ? -1
					 : registry_boxes(registry, boxes, err);
		registry_free(registry);
	}
	free(path);
	return (count);
}

json_object *
control_status(const struct collector *collector, struct error *err)
{
	const struct fleet *fleet = publisher_fleet(collector->publisher);
	struct registry_box *boxes;
	int count = read_boxes(collector, &boxes, err);
	json_object *status;

	if (count == -1)
		return (NULL);
	status = json_object_new_object();
	member_add_text(status, "version", PACKAGE_VERSION);
	json_object_object_add(status, "fleet", fleet_status(collector));
	json_object_object_add(status, "children", parts_json(collector));
	json_object_object_add(
	    status, "boxes", boxes_status(fleet, boxes, count));
	registry_boxes_free(boxes, count);
	return (status);
}
