/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/store_shape.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collector/fleet.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/member.h"
#include "common/memory.h"
#include "tests/unit/sample.h"

const struct shape shape_usual = {0};
const struct shape shape_without_par = {
    .revision = 2, .axis = "[\"lon\",\"nyc\"]"};

static void
add_end(json_object *sites, json_object *ends, const char *name, int number)
{
	char text[256];

	snprintf(text, sizeof(text), "{\"name\":\"%s\",\"groups\":[]}", name);
	json_object_array_add(sites, json_tokener_parse(text));
	snprintf(text, sizeof(text),
	    "{\"name\":\"%s\",\"site\":\"%s\",\"addresses\":[\"192.0.2.%d\"]}",
	    name, name, number);
	json_object_array_add(ends, json_tokener_parse(text));
}

static json_object *
test_json(const char *name, const char *axis, int every)
{
	char *text = memory_print(
	    "{\"test\":\"%s\",\"mesh\":\"m\",\"probe\":\"sample\","
	    "\"schedule\":{\"kind\":\"periodic\",\"every\":%d},"
	    "\"history\":true,\"options\":{},\"from\":%s,\"to\":%s,"
	    "\"rectangle\":false}",
	    name, every, axis, axis);
	json_object *json = json_tokener_parse(text);

	free(text);
	assert_non_null(json);
	return (json);
}

static json_object *
shape_json(const struct shape *shape)
{
	const char *lon = shape->lon != NULL ? shape->lon : "lon";
	char *all = memory_print("[\"%s\",\"nyc\",\"par\"]", lon);
	const char *axis = shape->axis != NULL ? shape->axis : all;
	json_object *json = json_object_new_object();
	json_object *sites = json_object_new_array();
	json_object *ends = json_object_new_array();
	json_object *tests = json_object_new_array();
	json_object *manifests = json_object_new_array();

	add_end(sites, ends, lon, 1);
	add_end(sites, ends, "nyc", 2);
	add_end(sites, ends, "par", 3);
	json_object_array_add(tests,
	    test_json("core", axis, shape->every > 0 ? shape->every : 10));
	if (shape->keep != NULL)
		json_object_object_add(json_object_array_get_idx(tests, 0),
		    "keep", json_tokener_parse(shape->keep));
	if (shape->also != NULL)
		json_object_array_add(tests, test_json(shape->also, axis, 10));
	json_object_array_add(manifests, manifest_json(&sample_manifest));
	member_add_whole(json, "v", 1);
	member_add_whole(
	    json, "revision", shape->revision > 0 ? shape->revision : 1);
	json_object_object_add(json, "sites", sites);
	json_object_object_add(json, "ends", ends);
	json_object_object_add(json, "meshes", json_object_new_object());
	json_object_object_add(json, "tests", tests);
	json_object_object_add(json, "manifests", manifests);
	if (shape->renames != NULL)
		json_object_object_add(
		    json, "renames", json_tokener_parse(shape->renames));
	free(all);
	return (json);
}

void
shape_write(struct stage *stage, const struct shape *shape)
{
	json_object *json = shape_json(shape);
	const char *text = json_object_to_json_string(json);
	char *path = stage_path(stage, "fleet.json");
	struct error err;

	assert_int_equal(
	    daemon_write_file(path, text, strlen(text), 0640, &err), 0);
	fleet_free(stage->fleet);
	stage->fleet = fleet_load(path, &err);
	if (stage->fleet == NULL)
		fail_msg("%s", err.text);
	json_object_put(json);
	free(path);
}

void
shape_change(struct stage *stage, const struct shape *shape)
{
	shape_write(stage, shape);
	stage_say(stage, "{\"m\":\"fleet\"}\n");
}
