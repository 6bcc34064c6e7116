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
#include "collector/fleet.h"
#include "common/manifest.h"
#include "common/member.h"

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
