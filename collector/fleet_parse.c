/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads the normal form that fleet_json.c writes.
 */
#include <stdio.h>
#include <string.h>

#include "collector/fleet.h"
#include "common/manifest.h"
#include "common/member.h"
#include "common/memory.h"

/* Copies a text member that must be a name; targets are hosts as well. */
static int
read_name(json_object *json, const char *member, bool (*valid)(const char *),
    char name[static NAME_TEXT], struct error *err)
{
	const char *text;

	if (member_text(json, member, &text, err) == -1)
		return (-1);
	if (strlen(text) >= NAME_TEXT || !valid(text))
		return (error_set(
		    err, "member \"%s\": \"%.80s\" is no name", member, text));
	snprintf(name, NAME_TEXT, "%s", text);
	return (0);
}

static int
read_groups(json_object *json, char (**groups)[NAME_TEXT], size_t *count,
    struct error *err)
{
	json_object *array = member_get(json, "groups");

	*count = 0;
	*groups = NULL;
	if (array == NULL)
		return (0);
	if (!json_object_is_type(array, json_type_array))
		return (error_set(err, "member \"groups\": expected an array"));
	*groups = memory_new(json_object_array_length(array), NAME_TEXT);
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		const char *text =
		    json_object_get_string(json_object_array_get_idx(array, i));

		if (text == NULL || !name_valid(text))
			return (error_set(
			    err, "member \"groups\": expected names"));
		snprintf((*groups)[(*count)++], NAME_TEXT, "%s", text);
	}
	return (0);
}

static int
parse_site(json_object *json, struct fleet_site *site, struct error *err)
{
	json_object *location = member_get(json, "location");

	if (read_name(json, "name", name_valid, site->name, err) == -1 ||
	    read_groups(json, &site->groups, &site->group_count, err) == -1)
		return (-1);
	site->label = json_object_get(member_get(json, "label"));
	if (location != NULL &&
	    json_object_is_type(location, json_type_array) &&
	    json_object_array_length(location) == 2) {
		site->located = true;
		site->latitude = json_object_get_double(
		    json_object_array_get_idx(location, 0));
		site->longitude = json_object_get_double(
		    json_object_array_get_idx(location, 1));
	}
	return (0);
}

static int
find_site(const struct fleet *fleet, const char *name, size_t *site)
{
	for (size_t i = 0; i < fleet->site_count; i++)
		if (strcmp(fleet->sites[i].name, name) == 0) {
			*site = i;
			return (0);
		}
	return (-1);
}

static int
parse_addresses(json_object *json, struct fleet_end *end, struct error *err)
{
	json_object *array;

	if (member_array(json, "addresses", &array, err) == -1)
		return (-1);
	if (json_object_array_length(array) > FLEET_ADDRESSES)
		return (error_set(err, "%s: more than %d addresses", end->name,
		    FLEET_ADDRESSES));
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		const char *text =
		    json_object_get_string(json_object_array_get_idx(array, i));
		union address address;

		if (text == NULL || !address_parse(text, 0, &address))
			return (error_set(
			    err, "%s: no Internet address", end->name));
		end->families[end->address_count] = address_family(&address);
		snprintf(end->addresses[end->address_count++], ADDRESS_TEXT,
		    "%s", text);
	}
	return (0);
}

static int
parse_end(struct fleet *fleet, json_object *json, struct fleet_end *end,
    struct error *err)
{
	const char *site = member_text_or(json, "site", NULL);
	bool inbound;

	if (read_name(json, "name", name_valid_target, end->name, err) == -1 ||
	    read_groups(json, &end->groups, &end->group_count, err) == -1 ||
	    parse_addresses(json, end, err) == -1)
		return (-1);
	end->inbound =
	    member_flag(json, "inbound", &inbound, NULL) == -1 || inbound;
	if (member_get(json, "was") != NULL &&
	    read_name(json, "was", name_valid, end->was, err) == -1)
		return (-1);
	end->is_box = site != NULL;
	if (end->is_box && find_site(fleet, site, &end->site) == -1)
		return (error_set(
		    err, "box %s: there is no site %s", end->name, site));
	return (0);
}

static int
parse_axis(struct fleet *fleet, json_object *json, const char *member,
    size_t **axis, size_t *count, struct error *err)
{
	json_object *array;

	if (member_array(json, member, &array, err) == -1)
		return (-1);
	*axis = memory_new(json_object_array_length(array), sizeof(**axis));
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		const char *name =
		    json_object_get_string(json_object_array_get_idx(array, i));
		const struct fleet_end *end =
		    name == NULL ? NULL : fleet_end(fleet, name);

		if (end == NULL)
			return (error_set(err,
			    "member \"%s\": nothing is named "
			    "\"%.80s\"",
			    member, name == NULL ? "null" : name));
		(*axis)[(*count)++] = (size_t)(end - fleet->ends);
	}
	return (0);
}

static int
parse_test_options(
    json_object *json, struct fleet_test *test, struct error *err)
{
	json_object *options, *schedule;

	if (member_object(json, "schedule", &schedule, err) == -1 ||
	    timing_parse(&test->timing, schedule, err) == -1 ||
	    member_object(json, "options", &options, err) == -1 ||
	    option_check(test->manifest->settings, options, err) == -1)
		return (-1);
	if (test->timing.kind == TIMING_CONTINUOUS && !test->manifest->streams)
		return (error_set(err,
		    "schedule: continuous, but the runs of %s come to an end",
		    test->manifest->name));
	test->options = json_object_get(options);
	return (0);
}

static int
parse_test(struct fleet *fleet, json_object *json, struct fleet_test *test,
    struct error *err)
{
	const char *probe;
	bool flag;

	if (read_name(json, "test", name_valid, test->name, err) == -1 ||
	    member_text(json, "probe", &probe, err) == -1)
		return (-1);
	if ((test->manifest = catalog_find(fleet->catalog, probe)) == NULL)
		return (error_set(
		    err, "test %s: unknown probe %s", test->name, probe));
	snprintf(test->mesh, sizeof(test->mesh), "%s",
	    member_text_or(json, "mesh", ""));
	test->family = (int)member_whole_or(json, "family", 0);
	test->history = member_flag(json, "history", &flag, NULL) == -1 || flag;
	test->rectangle =
	    member_flag(json, "rectangle", &flag, NULL) == 0 && flag;
	test->calibrates =
	    member_flag(json, "calibrates", &flag, NULL) == 0 && flag;
	if (parse_test_options(json, test, err) == -1 ||
	    option_load(fleet_keep_settings, &test->keep,
		member_get(json, "keep"), err) == -1 ||
	    parse_axis(fleet, json, "from", &test->sources, &test->source_count,
		err) == -1 ||
	    parse_axis(fleet, json, "to", &test->destinations,
		&test->destination_count, err) == -1)
		return (error_place(err, "test %s", test->name));
	return (0);
}

static int
parse_catalog(struct fleet *fleet, json_object *json, struct error *err)
{
	json_object *array;

	fleet->catalog = catalog_new();
	if (member_array(json, "manifests", &array, err) == -1)
		return (-1);
	for (size_t i = 0; i < json_object_array_length(array); i++)
		if (catalog_add(fleet->catalog,
			json_object_array_get_idx(array, i), err) == -1)
			return (-1);
	return (0);
}

static int
parse_all(struct fleet *fleet, json_object *json, struct error *err)
{
	json_object *sites, *ends, *tests;

	if (member_whole(json, "revision", &fleet->revision, err) == -1 ||
	    parse_catalog(fleet, json, err) == -1 ||
	    member_array(json, "sites", &sites, err) == -1 ||
	    member_array(json, "ends", &ends, err) == -1 ||
	    member_array(json, "tests", &tests, err) == -1)
		return (-1);
	if (renames_parse(&fleet->renames, member_get(json, "renames"), err) ==
	    -1)
		return (-1);
	fleet->meshes = json_object_get(member_get(json, "meshes"));
	fleet->sites =
	    memory_new(json_object_array_length(sites), sizeof(*fleet->sites));
	fleet->ends =
	    memory_new(json_object_array_length(ends), sizeof(*fleet->ends));
	fleet->tests =
	    memory_new(json_object_array_length(tests), sizeof(*fleet->tests));
	for (size_t i = 0; i < json_object_array_length(sites); i++)
		if (parse_site(json_object_array_get_idx(sites, i),
			&fleet->sites[fleet->site_count++], err) == -1)
			return (-1);
	for (size_t i = 0; i < json_object_array_length(ends); i++)
		if (parse_end(fleet, json_object_array_get_idx(ends, i),
			&fleet->ends[fleet->end_count++], err) == -1)
			return (-1);
	for (size_t i = 0; i < json_object_array_length(tests); i++)
		if (parse_test(fleet, json_object_array_get_idx(tests, i),
			&fleet->tests[fleet->test_count++], err) == -1)
			return (-1);
	return (0);
}

struct fleet *
fleet_parse(json_object *json, struct error *err)
{
	struct fleet *fleet = memory_new(1, sizeof(*fleet));

	if (parse_all(fleet, json, err) == -1) {
		fleet_free(fleet);
		return (NULL);
	}
	return (fleet);
}
