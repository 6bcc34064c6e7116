/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The normal form of a fleet, which STATE/fleet.json holds:
 *
 *   {"v":1,"revision":41,
 *    "sites":[{"name":"lon","label":{"en":"London"},"groups":["eu"],
 *              "location":[51.5,-0.1]}],
 *    "ends":[{"name":"lon","site":"lon","addresses":["198.51.100.7"],
 *             "inbound":false,"was":"london"},
 *            {"name":"www.example.org","groups":["eu"],"addresses":[]}],
 *    "meshes":{"core":{"from":["nyc","lon"],"to":["nyc","lon"]}},
 *    "tests":[{"test":"core-ping","mesh":"core","probe":"ping",
 *              "schedule":{"kind":"uniform","every":60},"family":4,
 *              "history":true,
 *              "keep":{"records":31536000,"size":0,..},"options":{"count":10},
 *              "from":["nyc","lon"],"to":["nyc","lon"],"rectangle":false,
 *              "calibrates":false}],
 *    "renames":[{"revision":40,"was":"london","name":"lon"}],
 *    "manifests":[..]}
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/fleet.h"
#include "common/manifest.h"
#include "common/member.h"
#include "common/memory.h"

static json_object *
names_json(char (*names)[NAME_TEXT], size_t count)
{
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < count; i++)
		json_object_array_add(array, json_object_new_string(names[i]));
	return (array);
}

json_object *
fleet_site_json(const struct fleet_site *site)
{
	json_object *json = json_object_new_object();

	member_add_text(json, "name", site->name);
	if (site->label != NULL)
		json_object_object_add(
		    json, "label", json_object_get(site->label));
	json_object_object_add(
	    json, "groups", names_json(site->groups, site->group_count));
	if (site->located) {
		json_object *location = json_object_new_array();

		json_object_array_add(
		    location, member_new_number(site->latitude));
		json_object_array_add(
		    location, member_new_number(site->longitude));
		json_object_object_add(json, "location", location);
	}
	return (json);
}

json_object *
fleet_end_json(const struct fleet *fleet, const struct fleet_end *end)
{
	json_object *json = json_object_new_object();
	json_object *addresses = json_object_new_array();

	member_add_text(json, "name", end->name);
	if (end->is_box)
		member_add_text(json, "site", fleet->sites[end->site].name);
	else
		json_object_object_add(
		    json, "groups", names_json(end->groups, end->group_count));
	for (size_t i = 0; i < end->address_count; i++)
		json_object_array_add(
		    addresses, json_object_new_string(end->addresses[i]));
	json_object_object_add(json, "addresses", addresses);
	if (!end->inbound)
		json_object_object_add(
		    json, "inbound", json_object_new_boolean(false));
	if (end->was[0] != '\0')
		member_add_text(json, "was", end->was);
	return (json);
}

json_object *
fleet_axis_json(const struct fleet *fleet, const size_t *ends, size_t count)
{
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < count; i++)
		json_object_array_add(
		    array, json_object_new_string(fleet->ends[ends[i]].name));
	return (array);
}

#define AGES 3153600000 /* a hundred years */
#define AT(field) offsetof(struct fleet_keep, field)

const struct setting fleet_keep_settings[] = {
    {"records", OPTION_DURATION, "1y", 0, AGES, NULL,
	"How long every record is kept; 0: no bound", AT(records)},
    {"size", OPTION_SIZE, "0", 0, 1e15, NULL,
	"How much the test's records may take up; 0: no bound", AT(size)},
    {"hours", OPTION_DURATION, "2y", 0, AGES, NULL,
	"How long what is merged by hour is kept; 0: no bound", AT(hours)},
    {"days", OPTION_DURATION, "20y", 0, AGES, NULL,
	"How long what is merged by day is kept; 0: no bound", AT(days)},
    {NULL}};

const struct fleet_keep *
fleet_keep_usual(void)
{
	static struct fleet_keep usual;

	if (usual.records == 0)
		option_load(fleet_keep_settings, &usual, NULL, NULL);
	return (&usual);
}

static json_object *
keep_json(const struct fleet_keep *keep)
{
	json_object *json = json_object_new_object();

	member_add_duration(json, "records", keep->records);
	member_add_whole(json, "size", keep->size);
	member_add_duration(json, "hours", keep->hours);
	member_add_duration(json, "days", keep->days);
	return (json);
}

static json_object *
test_json(const struct fleet *fleet, const struct fleet_test *test)
{
	json_object *json = json_object_new_object();

	member_add_text(json, "test", test->name);
	if (test->mesh[0] != '\0')
		member_add_text(json, "mesh", test->mesh);
	member_add_text(json, "probe", test->manifest->name);
	json_object_object_add(json, "schedule", timing_json(&test->timing));
	if (test->family != 0)
		member_add_whole(json, "family", test->family);
	json_object_object_add(
	    json, "history", json_object_new_boolean(test->history));
	json_object_object_add(json, "keep", keep_json(&test->keep));
	json_object_object_add(json, "options", json_object_get(test->options));
	json_object_object_add(json, "from",
	    fleet_axis_json(fleet, test->sources, test->source_count));
	json_object_object_add(json, "to",
	    fleet_axis_json(
		fleet, test->destinations, test->destination_count));
	json_object_object_add(
	    json, "rectangle", json_object_new_boolean(test->rectangle));
	if (test->calibrates)
		json_object_object_add(
		    json, "calibrates", json_object_new_boolean(true));
	return (json);
}

json_object *
fleet_json(const struct fleet *fleet)
{
	json_object *json = json_object_new_object();
	json_object *sites = json_object_new_array();
	json_object *ends = json_object_new_array();
	json_object *tests = json_object_new_array();

	for (size_t i = 0; i < fleet->site_count; i++)
		json_object_array_add(sites, fleet_site_json(&fleet->sites[i]));
	for (size_t i = 0; i < fleet->end_count; i++)
		json_object_array_add(
		    ends, fleet_end_json(fleet, &fleet->ends[i]));
	for (size_t i = 0; i < fleet->test_count; i++)
		json_object_array_add(
		    tests, test_json(fleet, &fleet->tests[i]));
	member_add_whole(json, "v", 1);
	member_add_whole(json, "revision", fleet->revision);
	json_object_object_add(json, "sites", sites);
	json_object_object_add(json, "ends", ends);
	json_object_object_add(json, "meshes", json_object_get(fleet->meshes));
	json_object_object_add(json, "tests", tests);
	json_object_object_add(json, "renames", renames_json(&fleet->renames));
	json_object_object_add(json, "manifests", catalog_json(fleet->catalog));
	return (json);
}

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
