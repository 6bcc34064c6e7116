/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the YAML that people write to the normal form of fleet_parse.c. Every
 * mistake is collected with its place; nothing is guessed.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/fleet.h"
#include "common/manifest.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/yaml.h"

struct reader {
	json_object *problems, *warnings; /* arrays of texts */
	json_object *json;                /* the normal form */
	json_object *sites, *ends;        /* in it */
	json_object *by_name;             /* end's name: the end */
	json_object *site_boxes;          /* site's name: names of its boxes */
	struct catalog *catalog;
};

static void
say(json_object *list, const struct error *err)
{
	json_object_array_add(list, json_object_new_string(err->text));
}

static void problem(struct reader *r, const struct yml *node, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));

static void
problem(struct reader *r, const struct yml *node, const char *fmt, ...)
{
	struct error err;
	char text[400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	yml_error(node, &err, "%s", text);
	say(r->problems, &err);
}

/* The node has this kind, or that is a problem. */
static bool
is(struct reader *r, const struct yml *node, enum yml_kind kind,
    const char *what)
{
	struct error err;

	if (yml_expect(node, kind, what, &err) == 0)
		return (true);
	say(r->problems, &err);
	return (false);
}

static void
only(struct reader *r, const struct yml *map, const char *const *keys)
{
	struct error err;

	if (yml_known(map, keys, &err) == -1)
		say(r->problems, &err);
}

static json_object *
add_array(json_object *json, const char *name)
{
	json_object *array = json_object_new_array();

	json_object_object_add(json, name, array);
	return (array);
}

static void
add_once(json_object *array, const char *text)
{
	for (size_t i = 0; i < json_object_array_length(array); i++)
		if (strcmp(json_object_get_string(
			       json_object_array_get_idx(array, i)),
			text) == 0)
			return;
	json_object_array_add(array, json_object_new_string(text));
}

/* yes, no and their kin; anything else is a problem. */
static bool
read_flag(struct reader *r, const struct yml *node, const char *what)
{
	static const char *const yes[] = {"yes", "true", "on"};
	static const char *const no[] = {"no", "false", "off"};

	if (!is(r, node, YML_SCALAR, what))
		return (false);
	for (size_t i = 0; i < 3; i++) {
		if (strcmp(node->text, yes[i]) == 0)
			return (true);
		if (strcmp(node->text, no[i]) == 0)
			return (false);
	}
	problem(r, node, "%s: \"%s\", expected yes or no", what, node->text);
	return (false);
}

static void
read_groups(struct reader *r, const struct yml *node, json_object *json)
{
	json_object *groups = add_array(json, "groups");

	if (yml_null(node) || !is(r, node, YML_LIST, "groups"))
		return;
	for (size_t i = 0; i < node->count; i++) {
		const struct yml *item = node->items[i];

		if (!is(r, item, YML_SCALAR, "a group"))
			continue;
		if (!name_valid(item->text))
			problem(r, item, "group \"%s\": expected %s",
			    item->text, name_rule);
		else
			add_once(groups, item->text);
	}
}

/* label: New York, or label: {en: New York, zh: ...} */
static void
read_label(struct reader *r, const struct yml *node, json_object *json)
{
	json_object *label;

	if (yml_null(node))
		return;
	label = json_object_new_object();
	json_object_object_add(json, "label", label);
	if (node->kind == YML_SCALAR) {
		member_add_text(label, "en", node->text);
		return;
	}
	if (!is(r, node, YML_MAP, "a label, or one for each language,"))
		return;
	for (size_t i = 0; i < node->count; i++)
		if (is(r, node->items[i], YML_SCALAR, "a label"))
			member_add_text(
			    label, node->keys[i], node->items[i]->text);
}

static bool
read_degrees(struct reader *r, const struct yml *node, double most,
    json_object *location)
{
	double value;
	char *end;

	if (!is(r, node, YML_SCALAR, "degrees"))
		return (false);
	value = strtod(node->text, &end);
	if (end == node->text || *end != '\0' ||
	    !(value >= -most && value <= most)) {
		problem(r, node, "\"%s\": expected degrees from %g to %g",
		    node->text, -most, most);
		return (false);
	}
	json_object_array_add(location, member_new_number(value));
	return (true);
}

static void
read_location(struct reader *r, const struct yml *node, json_object *json)
{
	json_object *location;

	if (yml_null(node) || !is(r, node, YML_LIST, "location"))
		return;
	if (node->count != 2) {
		problem(r, node, "location: expected [latitude, longitude]");
		return;
	}
	location = json_object_new_array();
	if (read_degrees(r, node->items[0], 90, location) &&
	    read_degrees(r, node->items[1], 180, location))
		json_object_object_add(
		    json, "location", json_object_get(location));
	json_object_put(location);
}

static void
read_address(struct reader *r, const struct yml *node, json_object *addresses)
{
	union address address;
	char text[ADDRESS_TEXT];

	if (!is(r, node, YML_SCALAR, "an address"))
		return;
	if (!address_parse(node->text, 0, &address))
		problem(r, node,
		    "\"%s\": expected an IPv4 or IPv6 address, not a name",
		    node->text);
	else if (json_object_array_length(addresses) >= FLEET_ADDRESSES)
		problem(r, node, "more than %d addresses", FLEET_ADDRESSES);
	else
		add_once(addresses, address_format(&address, text));
}

static void
read_addresses(struct reader *r, const struct yml *node, json_object *json)
{
	json_object *addresses = add_array(json, "addresses");

	if (yml_null(node))
		return;
	if (node->kind == YML_SCALAR) {
		read_address(r, node, addresses);
		return;
	}
	if (!is(r, node, YML_LIST, "an address or a list of them"))
		return;
	for (size_t i = 0; i < node->count; i++)
		read_address(r, node->items[i], addresses);
}

/* A name that nothing else has yet: boxes and targets share one space. */
static bool
is_new(struct reader *r, const struct yml *node, const char *name)
{
	if (json_object_object_get_ex(r->by_name, name, NULL)) {
		problem(r, node, "the name %s is taken", name);
		return (false);
	}
	return (true);
}

static json_object *
add_end(struct reader *r, const char *name)
{
	json_object *end = json_object_new_object();

	member_add_text(end, "name", name);
	json_object_array_add(r->ends, end);
	json_object_object_add(r->by_name, name, json_object_get(end));
	return (end);
}

static void
read_box(struct reader *r, const struct yml *node, const char *name,
    const char *site, json_object *boxes)
{
	const struct yml *inbound = yml_get(node, "inbound");
	json_object *end;

	if (!name_valid(name)) {
		problem(r, node, "box \"%s\": expected %s", name, name_rule);
		return;
	}
	if (!is_new(r, node, name))
		return;
	end = add_end(r, name);
	member_add_text(end, "site", site);
	read_addresses(r, yml_get(node, "address"), end);
	if (!yml_null(inbound) && !read_flag(r, inbound, "inbound"))
		json_object_object_add(
		    end, "inbound", json_object_new_boolean(false));
	json_object_array_add(boxes, json_object_new_string(name));
}

static void
read_boxes(struct reader *r, const struct yml *node, const char *site,
    json_object *boxes)
{
	static const char *const keys[] = {"address", "inbound", NULL};

	if (!is(r, node, YML_MAP, "boxes"))
		return;
	if (node->count == 0)
		problem(r, node, "boxes: expected at least one");
	for (size_t i = 0; i < node->count; i++) {
		const struct yml *box = node->items[i];

		if (!is(r, box, YML_MAP, "a box"))
			continue;
		only(r, box, keys);
		read_box(r, box, node->keys[i], site, boxes);
	}
}

static void
read_site(struct reader *r, const struct yml *node, const char *name)
{
	static const char *const keys[] = {
	    "address", "label", "groups", "location", "boxes", "inbound", NULL};
	const struct yml *boxes = yml_get(node, "boxes");
	json_object *site, *names;

	if (!name_valid(name)) {
		problem(r, node, "site \"%s\": expected %s", name, name_rule);
		return;
	}
	if (!is(r, node, YML_MAP, "a site"))
		return;
	only(r, node, keys);
	site = json_object_new_object();
	json_object_array_add(r->sites, site);
	member_add_text(site, "name", name);
	read_label(r, yml_get(node, "label"), site);
	read_groups(r, yml_get(node, "groups"), site);
	read_location(r, yml_get(node, "location"), site);
	names = add_array(r->site_boxes, name);
	if (yml_null(boxes)) {
		read_box(r, node, name, name, names);
		return;
	}
	if (yml_get(node, "address") != NULL ||
	    yml_get(node, "inbound") != NULL)
		problem(r, node,
		    "site %s has boxes: address and inbound "
		    "belong to each of them",
		    name);
	read_boxes(r, boxes, name, names);
}

static void
read_sites(struct reader *r, const struct yml *node)
{
	if (yml_null(node) || !is(r, node, YML_MAP, "sites"))
		return;
	for (size_t i = 0; i < node->count; i++)
		read_site(r, node->items[i], node->keys[i]);
}

static void
read_target(struct reader *r, const struct yml *node, const char *name)
{
	static const char *const keys[] = {"address", "groups", NULL};
	union address address;
	json_object *end;

	if (!name_valid_target(name)) {
		problem(r, node,
		    "target \"%s\": expected a host name or an "
		    "address of at most 63 characters",
		    name);
		return;
	}
	if (!is_new(r, node, name))
		return;
	end = add_end(r, name);
	if (!yml_null(node) && !is(r, node, YML_MAP, "a target"))
		node = NULL;
	if (!yml_null(node))
		only(r, node, keys);
	read_groups(r, yml_get(node, "groups"), end);
	read_addresses(r, yml_get(node, "address"), end);
	if (address_parse(name, 0, &address))
		add_once(member_get(end, "addresses"), name);
}

static void
read_targets(struct reader *r, const struct yml *node)
{
	if (yml_null(node) || !is(r, node, YML_MAP, "targets"))
		return;
	for (size_t i = 0; i < node->count; i++)
		read_target(r, node->items[i], node->keys[i]);
}

static bool
has_group(json_object *json, const char *group)
{
	json_object *groups = member_get(json, "groups");
	size_t count = groups == NULL ? 0 : json_object_array_length(groups);

	for (size_t i = 0; i < count; i++)
		if (strcmp(json_object_get_string(
			       json_object_array_get_idx(groups, i)),
			group) == 0)
			return (true);
	return (false);
}

static void
add_boxes_of(struct reader *r, const char *site, json_object *axis)
{
	json_object *boxes = member_get(r->site_boxes, site);

	for (size_t i = 0; i < json_object_array_length(boxes); i++)
		add_once(axis, json_object_get_string(
				   json_object_array_get_idx(boxes, i)));
}

/* Targets, of one group or all. */
static void
add_targets(struct reader *r, const char *group, json_object *axis)
{
	for (size_t i = 0; i < json_object_array_length(r->ends); i++) {
		json_object *end = json_object_array_get_idx(r->ends, i);

		if (member_get(end, "site") == NULL &&
		    (group == NULL || has_group(end, group)))
			add_once(axis, member_text_or(end, "name", ""));
	}
}

static void
add_group(struct reader *r, const struct yml *item, bool destination,
    json_object *axis)
{
	const char *group = item->text + 1;
	size_t before = json_object_array_length(axis);

	for (size_t i = 0; i < json_object_array_length(r->sites); i++) {
		json_object *site = json_object_array_get_idx(r->sites, i);

		if (has_group(site, group))
			add_boxes_of(r, member_text_or(site, "name", ""), axis);
	}
	if (destination)
		add_targets(r, group, axis);
	if (json_object_array_length(axis) == before)
		problem(r, item,
		    "no %s is in a group \"%s\", or all of it is "
		    "here already",
		    destination ? "site or target" : "site", group);
}

static void
add_member(struct reader *r, const struct yml *item, bool destination,
    json_object *axis)
{
	json_object *end = member_get(r->by_name, item->text);

	if (item->text[0] == '@')
		add_group(r, item, destination, axis);
	else if (destination && strcmp(item->text, "targets") == 0)
		add_targets(r, NULL, axis);
	else if (member_get(r->site_boxes, item->text) != NULL)
		add_boxes_of(r, item->text, axis);
	else if (end == NULL)
		problem(r, item,
		    "nothing is named \"%s\": expected a site, a "
		    "box%s or @group",
		    item->text, destination ? ", a target, targets" : "");
	else if (!destination && member_get(end, "site") == NULL)
		problem(r, item,
		    "target %s runs no agent and cannot be a "
		    "source",
		    item->text);
	else
		add_once(axis, item->text);
}

/* An axis: a list of members as the names of ends. New reference. */
static json_object *
read_axis(struct reader *r, const struct yml *node, bool destination,
    const char *what)
{
	json_object *axis = json_object_new_array();

	if (!is(r, node, YML_LIST, what))
		return (axis);
	if (node->count == 0)
		problem(r, node, "%s: expected at least one", what);
	for (size_t i = 0; i < node->count; i++)
		if (is(r, node->items[i], YML_SCALAR, "a member"))
			add_member(r, node->items[i], destination, axis);
	return (axis);
}

/* Adds from and to: of members, or of from/to. False when neither is given. */
static bool
read_axes(struct reader *r, const struct yml *node, json_object *json)
{
	const struct yml *from = yml_get(node, "from");
	const struct yml *to = yml_get(node, "to");

	if (from == NULL && to == NULL)
		return (false);
	if (from == NULL || to == NULL) {
		problem(r, node, "\"from\" and \"to\" belong together");
		return (true);
	}
	json_object_object_add(json, "from", read_axis(r, from, false, "from"));
	json_object_object_add(json, "to", read_axis(r, to, true, "to"));
	return (true);
}

static void
read_mesh(struct reader *r, const struct yml *node, json_object *mesh)
{
	static const char *const keys[] = {"members", "from", "to", NULL};
	const struct yml *members = yml_get(node, "members");
	json_object *axis;

	if (!is(r, node, YML_MAP, "a mesh"))
		return;
	only(r, node, keys);
	if (members == NULL) {
		if (!read_axes(r, node, mesh))
			problem(r, node, "expected members, or from and to");
		return;
	}
	if (yml_get(node, "from") != NULL || yml_get(node, "to") != NULL)
		problem(r, node, "expected members, or from and to, not both");
	axis = read_axis(r, members, false, "members");
	json_object_object_add(mesh, "from", axis);
	json_object_object_add(mesh, "to", json_object_get(axis));
}

static void
read_meshes(struct reader *r, const struct yml *node)
{
	json_object *meshes = json_object_new_object();

	json_object_object_add(r->json, "meshes", meshes);
	if (yml_null(node) || !is(r, node, YML_MAP, "meshes"))
		return;
	for (size_t i = 0; i < node->count; i++) {
		json_object *mesh = json_object_new_object();

		if (!name_valid(node->keys[i]))
			problem(r, node->items[i], "mesh \"%s\": expected %s",
			    node->keys[i], name_rule);
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
		if (!read_axes(r, node, test))
			problem(r, node, "expected a mesh, or from and to");
		json_object_object_add(
		    test, "rectangle", json_object_new_boolean(true));
		return;
	}
	if (yml_get(node, "from") != NULL || yml_get(node, "to") != NULL)
		problem(r, node, "expected a mesh, or from and to, not both");
	if (!is(r, name, YML_SCALAR, "mesh"))
		return;
	mesh = member_get(member_get(r->json, "meshes"), name->text);
	if (mesh == NULL) {
		problem(r, name, "there is no mesh \"%s\"", name->text);
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

	if (name == NULL) {
		problem(r, node, "expected a probe");
		return;
	}
	if (!is(r, name, YML_SCALAR, "probe"))
		return;
	if ((manifest = catalog_find(r->catalog, name->text)) == NULL) {
		problem(r, name,
		    "unknown probe \"%s\": it is not installed "
		    "here and no agent has told of it",
		    name->text);
		return;
	}
	member_add_text(test, "probe", name->text);
	options =
	    yml_settings(yml_get(node, "options"), manifest->settings, &err);
	if (options == NULL)
		say(r->problems, &err);
	else if (option_check(manifest->settings, options, &err) == -1)
		problem(r, node, "%s", err.text);
	json_object_object_add(test, "options", options);
}

static void
read_schedule(struct reader *r, const struct yml *node, json_object *test)
{
	const struct yml *schedule = yml_get(node, "schedule");
	struct timing timing;
	struct error err;

	if (schedule == NULL)
		problem(r, node, "expected a schedule, such as {uniform: 60s}");
	else if (timing_read(&timing, schedule, &err) == -1)
		say(r->problems, &err);
	else
		json_object_object_add(test, "schedule", timing_json(&timing));
}

static void
read_family(struct reader *r, const struct yml *node, json_object *test)
{
	if (yml_null(node) || !is(r, node, YML_SCALAR, "family"))
		return;
	if (strcmp(node->text, "4") != 0 && strcmp(node->text, "6") != 0)
		problem(r, node, "family: \"%s\", expected 4 or 6", node->text);
	else
		member_add_whole(test, "family", node->text[0] - '0');
}

static void
read_history(struct reader *r, const struct yml *node, json_object *test)
{
	if (yml_null(node) || !is(r, node, YML_SCALAR, "history"))
		return;
	if (strcmp(node->text, "none") != 0)
		problem(r, node,
		    "history: \"%s\", expected none, or leave it "
		    "out",
		    node->text);
	json_object_object_add(test, "history", json_object_new_boolean(false));
}

static void
read_test(struct reader *r, const struct yml *node, const char *name,
    json_object *tests)
{
	static const char *const keys[] = {"mesh", "from", "to", "probe",
	    "schedule", "options", "family", "history", NULL};
	json_object *test;

	if (!name_valid(name)) {
		problem(r, node, "test \"%s\": expected %s", name, name_rule);
		return;
	}
	if (!is(r, node, YML_MAP, "a test"))
		return;
	only(r, node, keys);
	test = json_object_new_object();
	json_object_array_add(tests, test);
	member_add_text(test, "test", name);
	read_test_axes(r, node, test);
	read_probe(r, node, test);
	read_schedule(r, node, test);
	read_family(r, yml_get(node, "family"), test);
	read_history(r, yml_get(node, "history"), test);
}

static void
read_tests(struct reader *r, const struct yml *node)
{
	json_object *tests = add_array(r->json, "tests");

	if (yml_null(node) || !is(r, node, YML_MAP, "tests"))
		return;
	for (size_t i = 0; i < node->count; i++)
		read_test(r, node->items[i], node->keys[i], tests);
}

/* One warning a test whose pairs cannot all be measured. */
static void
warn_of_untested(
    struct reader *r, const struct fleet *fleet, const struct fleet_test *test)
{
	size_t untested = 0, first_source = 0, first_destination = 0;
	struct error err;

	for (size_t i = 0; i < test->source_count; i++)
		for (size_t j = 0; j < test->destination_count; j++) {
			struct fleet_pair pair;

			fleet_pair(fleet, test, i, j, &pair);
			if (pair.tested ||
			    test->sources[i] == test->destinations[j])
				continue;
			if (untested++ == 0) {
				first_source = i;
				first_destination = j;
			}
		}
	if (untested == 0)
		return;
	error_set(&err,
	    "test %s: %zu of its pairs cannot be tested: the "
	    "destination has no address of a family that both ends have, or "
	    "takes nothing inbound; such as %s to %s",
	    test->name, untested, fleet->ends[test->sources[first_source]].name,
	    fleet->ends[test->destinations[first_destination]].name);
	say(r->warnings, &err);
}

static void
read_document(struct reader *r, const struct yml *tree)
{
	static const char *const keys[] = {
	    "sites", "targets", "meshes", "tests", NULL};

	if (!is(r, tree, YML_MAP, "a fleet file"))
		return;
	only(r, tree, keys);
	read_sites(r, yml_get(tree, "sites"));
	read_targets(r, yml_get(tree, "targets"));
	read_meshes(r, yml_get(tree, "meshes"));
	read_tests(r, yml_get(tree, "tests"));
}

static struct fleet *
build(struct reader *r, const char *path)
{
	struct fleet *fleet;
	struct error err;

	json_object_object_add(r->json, "manifests", catalog_json(r->catalog));
	if ((fleet = fleet_parse(r->json, &err)) == NULL) {
		error_place(&err, "%s", path);
		say(r->problems, &err);
		return (NULL);
	}
	for (size_t i = 0; i < fleet->test_count; i++)
		warn_of_untested(r, fleet, &fleet->tests[i]);
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
	r.sites = add_array(r.json, "sites");
	r.ends = add_array(r.json, "ends");
	r.by_name = json_object_new_object();
	r.site_boxes = json_object_new_object();
	if ((tree = yml_read(path, &err)) == NULL)
		say(r.problems, &err);
	else
		read_document(&r, tree);
	if (json_object_array_length(r.problems) == 0)
		fleet = build(&r, path);
	yml_free(tree);
	json_object_put(r.by_name);
	json_object_put(r.site_boxes);
	json_object_put(r.json);
	catalog_free(catalog);
	return (fleet);
}
