/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GET /api/v1/fleet
 */
#include "collector/fleet.h"

#include <string.h>

#include "collector/registry.h"
#include "collector/web.h"
#include "common/clock.h"
#include "common/manifest.h"
#include "common/member.h"

static void
add_copy(
    json_object *to, const char *name, json_object *from, const char *member)
{
	json_object_object_add(
	    to, name, json_object_get(member_get(from, member)));
}

static json_object *
box_json(struct web *web, const struct fleet_end *end)
{
	const struct registry_box *known = web_box(web, end->name);
	json_object *json = fleet_end_json(web->fleet, end);
	json_object *hello = known == NULL ? NULL : known->hello;
	const char *state = known == NULL || known->heard == 0 ? "never"
			    : web_is_silent(web, end)          ? "silent"
							       : "ok";

	member_add_text(json, "state", state);
	json_object_object_add(json, "heard",
	    known == NULL || known->heard == 0
		? NULL
		: member_new_number(clock_seconds(known->heard)));
	member_add_whole(
	    json, "refused", known == NULL ? 0 : (int64_t)known->refused);
	json_object_object_add(json, "second",
	    known != NULL && registry_has_second(known, clock_wall())
		? json_object_get(known->second)
		: NULL);
	add_copy(json, "version", hello, "version");
	add_copy(json, "clock", hello, "clock");
	add_copy(json, "spool", hello, "spool");
	add_copy(json, "plan", hello, "plan");
	add_copy(json, "plan_refused", hello, "plan_refused");
	return (json);
}

static json_object *
site_json(struct web *web, const struct fleet *fleet, size_t site)
{
	json_object *json = fleet_site_json(&fleet->sites[site]);
	json_object *boxes = json_object_new_array();

	for (size_t i = 0; i < fleet->end_count; i++)
		if (fleet->ends[i].is_box && fleet->ends[i].site == site)
			json_object_array_add(
			    boxes, box_json(web, &fleet->ends[i]));
	json_object_object_add(json, "boxes", boxes);
	return (json);
}

static json_object *
test_json(const struct fleet *fleet, const struct fleet_test *test)
{
	json_object *json = json_object_new_object();

	member_add_text(json, "test", test->name);
	member_add_text(
	    json, "mesh", test->mesh[0] == '\0' ? NULL : test->mesh);
	member_add_text(json, "probe", test->manifest->name);
	json_object_object_add(json, "schedule", timing_json(&test->timing));
	member_add_number(
	    json, "step", clock_seconds(timing_step(&test->timing)));
	member_add_number(
	    json, "stale_after", clock_seconds(fleet_stale_after(test)));
	json_object_object_add(json, "family",
	    test->family == 0 ? NULL : json_object_new_int(test->family));
	json_object_object_add(json, "options", json_object_get(test->options));
	json_object_object_add(json, "sources",
	    fleet_axis_json(fleet, test->sources, test->source_count));
	json_object_object_add(json, "destinations",
	    fleet_axis_json(
		fleet, test->destinations, test->destination_count));
	return (json);
}

static json_object *
targets_json(const struct fleet *fleet)
{
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < fleet->end_count; i++)
		if (!fleet->ends[i].is_box)
			json_object_array_add(
			    array, fleet_end_json(fleet, &fleet->ends[i]));
	return (array);
}

void
web_get_fleet(struct http_request *request, void *arg)
{
	struct web *web = arg;
	const struct fleet *fleet = web_fleet(web, request);
	json_object *json, *sites, *tests;

	if (fleet == NULL)
		return;
	json = json_object_new_object();
	sites = json_object_new_array();
	tests = json_object_new_array();
	for (size_t i = 0; i < fleet->site_count; i++)
		json_object_array_add(sites, site_json(web, fleet, i));
	for (size_t i = 0; i < fleet->test_count; i++)
		json_object_array_add(
		    tests, test_json(fleet, &fleet->tests[i]));
	member_add_whole(json, "revision", fleet->revision);
	json_object_object_add(json, "sites", sites);
	json_object_object_add(json, "targets", targets_json(fleet));
	json_object_object_add(json, "meshes", json_object_get(fleet->meshes));
	json_object_object_add(json, "tests", tests);
	json_object_object_add(json, "manifests", catalog_json(fleet->catalog));
	web_reply(request, json);
}
