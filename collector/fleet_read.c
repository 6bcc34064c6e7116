/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the YAML that people write to the normal form of fleet_json.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/fleet.h"
#include "collector/planner.h"
#include "collector/reader.h"
#include "common/manifest.h"
#include "common/member.h"
#include "common/yaml.h"

static void
read_mesh(struct reader *r, const struct yml *node, json_object *mesh)
{
	static const char *const keys[] = {"members", "from", "to", NULL};
	const struct yml *members = yml_get(node, "members");
	json_object *axis;

	if (!reader_is(r, node, YML_MAP, "a mesh such as {members: [a, b]}"))
		return;
	reader_only(r, node, keys);
	if (members == NULL) {
		if (!members_axes(r, node, mesh))
			reader_problem(
			    r, node, "expected members, or from and to");
		return;
	}
	if (yml_get(node, "from") != NULL || yml_get(node, "to") != NULL)
		reader_problem(
		    r, node, "expected members, or from and to, not both");
	axis = members_axis(r, members, false, "members");
	json_object_object_add(mesh, "from", axis);
	json_object_object_add(mesh, "to", json_object_get(axis));
}

static void
read_meshes(struct reader *r, const struct yml *node)
{
	json_object *meshes = json_object_new_object();

	json_object_object_add(r->json, "meshes", meshes);
	if (yml_null(node) || !reader_is(r, node, YML_MAP, "a map of meshes"))
		return;
	for (size_t i = 0; i < node->count; i++) {
		json_object *mesh = json_object_new_object();

		if (!name_valid(node->keys[i]))
			reader_problem(r, node->items[i],
			    "mesh \"%.80s\": expected %s", node->keys[i],
			    name_rule);
		json_object_object_add(meshes, node->keys[i], mesh);
		read_mesh(r, node->items[i], mesh);
	}
}

static void
read_test_axes(struct reader *r, const struct yml *node, json_object *test)
{
	const struct yml *name = yml_get(node, "mesh");
	json_object *mesh;

	if (name == NULL) {
		if (!members_axes(r, node, test))
			reader_problem(
			    r, node, "expected a mesh, or from and to");
		json_object_object_add(
		    test, "rectangle", json_object_new_boolean(true));
		return;
	}
	if (yml_get(node, "from") != NULL || yml_get(node, "to") != NULL)
		reader_problem(
		    r, node, "expected a mesh, or from and to, not both");
	if (!reader_is(r, name, YML_SCALAR, "the name of a mesh"))
		return;
	mesh = member_get(member_get(r->json, "meshes"), name->text);
	if (mesh == NULL) {
		reader_problem(
		    r, name, "there is no mesh \"%.80s\"", name->text);
		return;
	}
	member_add_text(test, "mesh", name->text);
	json_object_object_add(
	    test, "from", json_object_get(member_get(mesh, "from")));
	json_object_object_add(
	    test, "to", json_object_get(member_get(mesh, "to")));
	json_object_object_add(test, "rectangle",
	    json_object_new_boolean(
		member_get(mesh, "from") != member_get(mesh, "to")));
}

static void
read_probe(struct reader *r, const struct yml *node, json_object *test)
{
	const struct yml *name = yml_get(node, "probe");
	const struct manifest *manifest;
	json_object *options;
	struct error err;
	size_t before;

	if (name == NULL) {
		reader_problem(r, node, "expected a probe");
		return;
	}
	if (!reader_is(r, name, YML_SCALAR, "the name of a probe"))
		return;
	if ((manifest = catalog_find(r->catalog, name->text)) == NULL) {
		reader_problem(r, name,
		    "unknown probe \"%.80s\": it is not installed "
		    "here and no agent has told of it",
		    name->text);
		return;
	}
	if (manifest->of_host)
		reader_problem(r, name,
		    "probe %s: each box finds that of its own host without "
		    "being asked; leave this test out",
		    name->text);
	member_add_text(test, "probe", name->text);
	before = json_object_array_length(r->problems);
	options = yml_settings_each(
	    yml_get(node, "options"), manifest->settings, r->problems);
	if (json_object_array_length(r->problems) == before &&
	    option_check(manifest->settings, options, &err) == -1)
		reader_problem(r, node, "%s", err.text);
	json_object_object_add(test, "options", options);
}

/* Of a probe that is unknown that has been said already. */
static bool
can_stream(struct reader *r, json_object *test)
{
	const struct manifest *manifest =
	    catalog_find(r->catalog, member_text_or(test, "probe", ""));

	return (manifest == NULL || manifest->streams);
}

static void
read_schedule(struct reader *r, const struct yml *node, json_object *test)
{
	const struct yml *schedule = yml_get(node, "schedule");
	struct timing timing;
	struct error err;

	if (schedule == NULL)
		reader_problem(
		    r, node, "expected a schedule, such as {uniform: 60s}");
	else if (timing_read(&timing, schedule, &err) == -1)
		reader_say(r->problems, &err);
	else if (timing.kind == TIMING_CONTINUOUS && !can_stream(r, test))
		reader_problem(r, schedule,
		    "schedule: continuous, but the runs of %s come to an end, "
		    "expected one such as {uniform: 60s}",
		    member_text_or(test, "probe", "this probe"));
	else
		json_object_object_add(test, "schedule", timing_json(&timing));
}

static void
read_family(struct reader *r, const struct yml *node, json_object *test)
{
	if (yml_null(node) || !reader_is(r, node, YML_SCALAR, "4 or 6"))
		return;
	if (strcmp(node->text, "4") != 0 && strcmp(node->text, "6") != 0)
		reader_problem(
		    r, node, "family: \"%.80s\", expected 4 or 6", node->text);
	else
		member_add_whole(test, "family", node->text[0] - '0');
}

static void
read_history(struct reader *r, const struct yml *node, json_object *test)
{
	if (yml_null(node) ||
	    !reader_is(r, node, YML_SCALAR, "none, or leave it out"))
		return;
	if (strcmp(node->text, "none") != 0)
		reader_problem(r, node,
		    "history: \"%.80s\", expected none, or leave it "
		    "out",
		    node->text);
	json_object_object_add(test, "history", json_object_new_boolean(false));
}

static void
read_keep(struct reader *r, const struct yml *node, json_object *test)
{
	json_object_object_add(test, "keep",
	    yml_settings_each(node, fleet_keep_settings, r->problems));
}

static void
read_test(struct reader *r, const struct yml *node, const char *name,
    json_object *tests)
{
	static const char *const keys[] = {"mesh", "from", "to", "probe",
	    "schedule", "options", "family", "history", "keep", NULL};
	json_object *test;

	if (!name_valid(name)) {
		reader_problem(
		    r, node, "test \"%.80s\": expected %s", name, name_rule);
		return;
	}
	if (!reader_is(r, node, YML_MAP,
		"a test such as {mesh: core, probe: ping, schedule: {uniform: 60s}}"))
		return;
	reader_only(r, node, keys);
	test = json_object_new_object();
	json_object_array_add(tests, test);
	member_add_text(test, "test", name);
	read_test_axes(r, node, test);
	read_probe(r, node, test);
	read_schedule(r, node, test);
	read_family(r, yml_get(node, "family"), test);
	read_history(r, yml_get(node, "history"), test);
	read_keep(r, yml_get(node, "keep"), test);
	doubts_pairs(r, node, test);
}

static void
read_tests(struct reader *r, const struct yml *node)
{
	json_object *tests = reader_add_array(r->json, "tests");

	if (yml_null(node) || !reader_is(r, node, YML_MAP, "a map of tests"))
		return;
	for (size_t i = 0; i < node->count; i++)
		read_test(r, node->items[i], node->keys[i], tests);
}

static void
read_document(struct reader *r, const struct yml *tree)
{
	static const char *const keys[] = {"sites", "targets", "meshes",
	    "tests", "calibration", "clock", NULL};

	if (!reader_is(r, tree, YML_MAP, "sites, targets, meshes and tests"))
		return;
	reader_only(r, tree, keys);
	sites_read(r, yml_get(tree, "sites"));
	sites_read_targets(r, yml_get(tree, "targets"));
	was_check(r);
	read_meshes(r, yml_get(tree, "meshes"));
	read_tests(r, yml_get(tree, "tests"));
	calibration_read(r, yml_get(tree, "calibration"));
	clock_read(r, yml_get(tree, "clock"));
}

static struct fleet *
build(struct reader *r, const char *path)
{
	struct fleet *fleet;
	struct error err;

	json_object_object_add(r->json, "manifests", catalog_json(r->catalog));
	if ((fleet = fleet_parse(r->json, &err)) == NULL) {
		error_place(&err, "%s", path);
		reader_say(r->problems, &err);
		return (NULL);
	}
	if (planner_check(fleet, &err) == -1) {
		error_place(&err, "%s", path);
		reader_say(r->problems, &err);
		fleet_free(fleet);
		return (NULL);
	}
	for (size_t i = 0; i < fleet->test_count; i++)
		doubts_untested(r, fleet, &fleet->tests[i]);
	return (fleet);
}

struct fleet *
fleet_read(const char *path, struct catalog *catalog, json_object **problems,
    json_object **warnings)
{
	struct reader r = {.catalog = catalog};
	struct fleet *fleet = NULL;
	struct error err;
	struct yml *tree;

	*problems = r.problems = json_object_new_array();
	*warnings = r.warnings = json_object_new_array();
	r.json = json_object_new_object();
	member_add_whole(r.json, "v", 1);
	member_add_whole(r.json, "revision", 0);
	r.sites = reader_add_array(r.json, "sites");
	r.ends = reader_add_array(r.json, "ends");
	r.by_name = json_object_new_object();
	r.by_address = json_object_new_object();
	r.site_boxes = json_object_new_object();
	if ((tree = yml_read(path, &err)) == NULL)
		reader_say(r.problems, &err);
	else
		read_document(&r, tree);
	if (json_object_array_length(r.problems) == 0)
		fleet = build(&r, path);
	yml_free(tree);
	free(r.was);
	json_object_put(r.by_name);
	json_object_put(r.by_address);
	json_object_put(r.site_boxes);
	json_object_put(r.json);
	catalog_free(catalog);
	return (fleet);
}
