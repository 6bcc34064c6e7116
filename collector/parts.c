/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/parts.h"

#include <json-c/json.h>

#include "collector/parent.h"
#include "common/child.h"
#include "common/member.h"

void
parts_beat(struct part_state *part, json_object *beat)
{
	json_object_put(part->beat);
	part->beat = json_object_get(beat);
	part->heard = clock_monotonic();
}

void
parts_ended(struct part_state *part)
{
	json_object_put(part->beat);
	part->beat = NULL;
	part->heard = clock_monotonic();
}

static json_object *
part_json(const struct part_state *part, nanoseconds now)
{
	json_object *json = json_object_new_object();

	member_add_text(json, "name", part_names[part->part]);
	member_add_whole(json, "pid", child_pid(part->child));
	member_add_whole(json, "restarts", child_restarts(part->child));
	member_add_duration(json, "age", now - part->heard);
	if (part->beat != NULL)
		json_object_object_add(
		    json, "beat", json_object_get(part->beat));
	return (json);
}

json_object *
parts_json(const struct collector *collector)
{
	json_object *parts = json_object_new_array();
	nanoseconds now = clock_monotonic();

	for (int part = 0; part < PARTS; part++)
		json_object_array_add(
		    parts, part_json(&collector->parts[part], now));
	return (parts);
}

void
parts_tell_web(struct collector *collector)
{
	struct child *web = collector->parts[PART_WEB].child;
	json_object *message;

	/* one that does not read will be told of the next */
	if (child_pending(web) > 0)
		return;
	message = json_object_new_object();
	member_add_text(message, "m", "parts");
	json_object_object_add(message, "parts", parts_json(collector));
	child_send(web, message);
}
