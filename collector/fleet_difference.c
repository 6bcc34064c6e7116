/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an operator wants to see after a reload: one line for each thing that
 * came, went or changed.
 */
#include <stdlib.h>
#include <string.h>

#include "collector/fleet.h"
#include "common/member.h"
#include "common/memory.h"

static void
add_line(
    json_object *lines, const char *verb, const char *kind, const char *name)
{
	char *line = memory_print("%s %s %s", verb, kind, name);

	json_object_array_add(lines, member_new_text(line));
	free(line);
}

static json_object *
find(json_object *array, const char *key, const char *name)
{
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		json_object *item = json_object_array_get_idx(array, i);

		if (strcmp(member_text_or(item, key, ""), name) == 0)
			return (item);
	}
	return (NULL);
}

/* Compares two arrays of objects that have a name under key. */
static void
compare(json_object *lines, const char *kind, const char *key,
    json_object *before, json_object *after)
{
	for (size_t i = 0; i < json_object_array_length(after); i++) {
		json_object *item = json_object_array_get_idx(after, i);
		const char *name = member_text_or(item, key, "");
		json_object *old = find(before, key, name);

		if (old == NULL)
			add_line(lines, "added", kind, name);
		else if (!json_object_equal(old, item))
			add_line(lines, "changed", kind, name);
	}
	for (size_t i = 0; i < json_object_array_length(before); i++) {
		const char *name = member_text_or(
		    json_object_array_get_idx(before, i), key, "");

		if (find(after, key, name) == NULL)
			add_line(lines, "removed", kind, name);
	}
}

static void
rename_all(
    const struct fleet *before, const struct fleet *after, json_object *array)
{
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		json_object *item = json_object_array_get_idx(array, i);
		char *name = memory_text(renames_now(&after->renames,
		    member_text_or(item, "name", ""), before->revision));

		member_add_text(item, "name", name);
		free(name);
	}
}

/* By its new name, a box that has another one is the same, and its site. */
static void
follow(json_object *lines, const struct fleet *before,
    const struct fleet *after, json_object *old)
{
	for (size_t i = before->renames.count; i < after->renames.count; i++) {
		const struct rename *rename = &after->renames.list[i];
		char *line =
		    memory_print("%s to %s", rename->was, rename->name);

		add_line(lines, "renamed", "box", line);
		free(line);
	}
	rename_all(before, after, member_get(old, "sites"));
	rename_all(before, after, member_get(old, "ends"));
}

json_object *
fleet_difference(const struct fleet *before, const struct fleet *after)
{
	json_object *lines = json_object_new_array();
	json_object *old = fleet_json(before), *new = fleet_json(after);

	follow(lines, before, after, old);
	compare(lines, "site", "name", member_get(old, "sites"),
	    member_get(new, "sites"));
	compare(lines, "box or target", "name", member_get(old, "ends"),
	    member_get(new, "ends"));
	compare(lines, "test", "test", member_get(old, "tests"),
	    member_get(new, "tests"));
	compare(lines, "probe", "name", member_get(old, "manifests"),
	    member_get(new, "manifests"));
	json_object_put(old);
	json_object_put(new);
	return (lines);
}
