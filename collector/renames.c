/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/renames.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/member.h"
#include "common/memory.h"

void
renames_add(struct renames *renames, int64_t revision, const char *was,
    const char *name)
{
	struct rename *rename;

	renames->list = memory_resize(
	    renames->list, renames->count + 1, sizeof(*renames->list));
	rename = &renames->list[renames->count++];
	rename->revision = revision;
	snprintf(rename->was, sizeof(rename->was), "%s", was);
	snprintf(rename->name, sizeof(rename->name), "%s", name);
}

void
renames_clear(struct renames *renames)
{
	free(renames->list);
	*renames = (struct renames){NULL, 0};
}

json_object *
renames_json(const struct renames *renames)
{
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < renames->count; i++) {
		json_object *json = json_object_new_object();

		member_add_whole(json, "revision", renames->list[i].revision);
		member_add_text(json, "was", renames->list[i].was);
		member_add_text(json, "name", renames->list[i].name);
		json_object_array_add(array, json);
	}
	return (array);
}

static int
parse_one(struct renames *renames, json_object *json, struct error *err)
{
	const char *was, *name;
	int64_t revision;

	if (member_whole(json, "revision", &revision, err) == -1 ||
	    member_text(json, "was", &was, err) == -1 ||
	    member_text(json, "name", &name, err) == -1)
		return (-1);
	if (!name_valid(was) || !name_valid(name) ||
	    revision < renames_last(renames))
		return (error_set(err, "\"%s\" was \"%s\" at %lld: no rename",
		    name, was, (long long)revision));
	renames_add(renames, revision, was, name);
	return (0);
}

int
renames_parse(struct renames *renames, json_object *json, struct error *err)
{
	size_t count = json_object_is_type(json, json_type_array)
			   ? json_object_array_length(json)
			   : 0;

	for (size_t i = 0; i < count; i++)
		if (parse_one(
			renames, json_object_array_get_idx(json, i), err) == -1)
			return (error_place(err, "member \"renames\""));
	return (0);
}

const char *
renames_now(const struct renames *renames, const char *name, int64_t revision)
{
	for (size_t i = 0; i < renames->count; i++) {
		const struct rename *rename = &renames->list[i];

		/* one of each revision: the new name may be another's old */
		if (rename->revision > revision &&
		    strcmp(rename->was, name) == 0) {
			name = rename->name;
			revision = rename->revision;
		}
	}
	return (name);
}

bool
renames_had(const struct renames *renames, const char *box, const char *name)
{
	for (size_t i = 0; i < renames->count; i++) {
		const struct rename *rename = &renames->list[i];

		if (strcmp(rename->was, name) == 0 &&
		    strcmp(renames_now(renames, rename->name, rename->revision),
			box) == 0)
			return (true);
	}
	return (false);
}

int64_t
renames_last(const struct renames *renames)
{
	return (renames->count == 0
		    ? 0
		    : renames->list[renames->count - 1].revision);
}
