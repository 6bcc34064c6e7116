/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/publisher.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/fleet.h"
#include "collector/registry.h"
#include "collector/settings.h"
#include "common/catalog.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"

struct publisher {
	const struct collector_settings *settings;
	char *path;            /* STATE/fleet.json */
	struct fleet *fleet;   /* as published */
	json_object *problems; /* of a file that is refused, or NULL */
};

struct publisher *
publisher_new(const struct collector_settings *settings)
{
	struct publisher *publisher = memory_new(1, sizeof(*publisher));
	struct error err;

	publisher->settings = settings;
	publisher->path = collector_settings_path(settings, "fleet.json");
	if (access(publisher->path, F_OK) == 0) {
		publisher->fleet = fleet_load(publisher->path, &err);
		if (publisher->fleet == NULL)
			log_warnx(
			    "what was published last is lost: %s", err.text);
	}
	return (publisher);
}

void
publisher_free(struct publisher *publisher)
{
	if (publisher == NULL)
		return;
	json_object_put(publisher->problems);
	fleet_free(publisher->fleet);
	free(publisher->path);
	free(publisher);
}

static int
add_heard(const struct collector_settings *settings, struct catalog *catalog,
    struct error *err)
{
	char *path = collector_settings_path(settings, "registry.db");
	struct registry *registry;
	int result = 0;

	if (access(path, F_OK) == 0) {
		registry = registry_open(path, true, err);
		result = registry == NULL
			     ? -1
			     : registry_catalog(registry, catalog, err);
		registry_free(registry);
	}
	free(path);
	return (result);
}

struct catalog *
publisher_catalog(const struct collector_settings *settings, struct error *err)
{
	struct catalog *catalog = catalog_new();

	if (catalog_add_installed(catalog, err) == 0 &&
	    add_heard(settings, catalog, err) == 0)
		return (catalog);
	catalog_free(catalog);
	return (NULL);
}

static int
save(const struct publisher *publisher, const struct fleet *fleet,
    struct error *err)
{
	json_object *json = fleet_json(fleet);
	size_t length;
	const char *text = json_object_to_json_string_length(
	    json, JSON_C_TO_STRING_PLAIN, &length);
	int result =
	    daemon_write_file(publisher->path, text, length, 0640, err);

	json_object_put(json);
	return (result);
}

static bool
is_same(const struct fleet *a, const struct fleet *b)
{
	json_object *x = fleet_json(a), *y = fleet_json(b);
	bool same = json_object_equal(x, y) == 1;

	json_object_put(x);
	json_object_put(y);
	return (same);
}

/*
 * Boxes that have another name.
 */

static bool
had_it_before(const struct fleet *before, const struct fleet_end *end)
{
	const struct fleet_end *same =
	    before == NULL ? NULL : fleet_end(before, end->name);

	return (same != NULL && strcmp(same->was, end->was) == 0);
}

/* All that have ever been, and those that the fleet is the first to have. */
static void
carry_renames(const struct fleet *before, struct fleet *fleet)
{
	int64_t revision = before == NULL ? 1 : before->revision + 1;
	const struct renames *old = before == NULL ? NULL : &before->renames;

	renames_clear(&fleet->renames);
	for (size_t i = 0; old != NULL && i < old->count; i++)
		renames_add(&fleet->renames, old->list[i].revision,
		    old->list[i].was, old->list[i].name);
	for (size_t i = 0; i < fleet->end_count; i++) {
		const struct fleet_end *end = &fleet->ends[i];

		if (end->was[0] != '\0' && !had_it_before(before, end))
			renames_add(
			    &fleet->renames, revision, end->was, end->name);
	}
}

static bool
is_member(const struct registry_box *boxes, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (strcmp(boxes[i].name, name) == 0)
			return (boxes[i].removed == 0);
	return (false);
}

/* Does the box that has this name get another one with the same revision? */
static bool
moves(const struct fleet *fleet, const struct rename *rename)
{
	const struct renames *all = &fleet->renames;

	for (size_t i = 0; i < all->count; i++)
		if (all->list[i].revision == rename->revision &&
		    strcmp(all->list[i].was, rename->name) == 0)
			return (true);
	return (false);
}

/* Two boxes cannot become one. */
static int
check_rename(const struct publisher *publisher, const struct fleet *fleet,
    const struct rename *rename, const struct registry_box *boxes, int count,
    struct error *err)
{
	if (!is_member(boxes, count, rename->was) ||
	    !is_member(boxes, count, rename->name) || moves(fleet, rename))
		return (0);
	return (error_set(err,
	    "%s: box %s was %s, but both are enrolled: expected a name that no "
	    "agent has; \"pharos remove %s\" takes its membership away",
	    publisher->settings->fleet, rename->name, rename->was,
	    rename->name));
}

static int
read_members(const struct collector_settings *settings,
    struct registry_box **boxes, struct error *err)
{
	char *path = collector_settings_path(settings, "registry.db");
	struct registry *registry;
	int count = 0;

	*boxes = NULL;
	if (access(path, F_OK) == 0) {
		registry = registry_open(path, true, err);
		count = registry == NULL ? -1
					 : registry_boxes(registry, boxes, err);
		registry_free(registry);
	}
	free(path);
	return (count);
}

/* Those that are new. */
static int
check_renames(const struct publisher *publisher, const struct fleet *fleet,
    struct error *err)
{
	int64_t known =
	    publisher->fleet == NULL ? 0 : publisher->fleet->revision;
	const struct renames *all = &fleet->renames;
	struct registry_box *boxes;
	int count, result = 0;

	if (renames_last(all) <= known)
		return (0);
	count = read_members(publisher->settings, &boxes, err);
	if (count == -1)
		return (-1);
	for (size_t i = 0; i < all->count && result == 0; i++)
		if (all->list[i].revision > known)
			result = check_rename(
			    publisher, fleet, &all->list[i], boxes, count, err);
	registry_boxes_free(boxes, count);
	return (result);
}

/* Takes the fleet over. 1: it is another one; -1: it could not be saved. */
static int
publish(struct publisher *publisher, struct fleet *fleet, struct error *err)
{
	const struct fleet *before = publisher->fleet;

	fleet->revision = before == NULL ? 1 : before->revision;
	if (before != NULL && is_same(before, fleet)) {
		fleet_free(fleet);
		return (0);
	}
	if (before != NULL)
		fleet->revision++;
	if (save(publisher, fleet, err) == -1) {
		fleet_free(fleet);
		return (-1);
	}
	fleet_free(publisher->fleet);
	publisher->fleet = fleet;
	return (1);
}

static json_object *
one_problem(const struct error *err)
{
	json_object *problems = json_object_new_array();

	json_object_array_add(problems, json_object_new_string(err->text));
	return (problems);
}

/* The file as it is now, or NULL with its problems. */
static struct fleet *
read_fleet(const struct publisher *publisher, json_object **problems,
    json_object **warnings)
{
	struct error err;
	struct catalog *catalog = publisher_catalog(publisher->settings, &err);

	if (catalog != NULL)
		return (fleet_read(
		    publisher->settings->fleet, catalog, problems, warnings));
	*problems = one_problem(&err);
	*warnings = json_object_new_array();
	return (NULL);
}

static json_object *
changes(const struct fleet *before, const struct fleet *after)
{
	json_object *lines;

	if (before != NULL)
		return (fleet_difference(before, after));
	lines = json_object_new_array();
	json_object_array_add(
	    lines, json_object_new_string("first fleet published"));
	return (lines);
}

static int
refuse(struct publisher *publisher, json_object *problems, json_object *report)
{
	json_object_put(publisher->problems);
	publisher->problems = problems;
	json_object_object_add(report, "problems", json_object_get(problems));
	return (-1);
}

/* Takes the fleet over. */
static int
take(struct publisher *publisher, struct fleet *fleet, json_object *report)
{
	json_object *lines;
	struct error err;
	int result;

	carry_renames(publisher->fleet, fleet);
	if (check_renames(publisher, fleet, &err) == -1) {
		fleet_free(fleet);
		return (refuse(publisher, one_problem(&err), report));
	}
	lines = changes(publisher->fleet, fleet);
	result = publish(publisher, fleet, &err);

	if (result == -1) {
		json_object_put(lines);
		return (refuse(publisher, one_problem(&err), report));
	}
	json_object_put(publisher->problems);
	publisher->problems = NULL;
	member_add_whole(report, "revision", publisher->fleet->revision);
	json_object_object_add(report, "changes", lines);
	return (result);
}

int
publisher_reload(struct publisher *publisher, json_object **report)
{
	json_object *problems, *warnings;
	struct fleet *fleet = read_fleet(publisher, &problems, &warnings);

	*report = json_object_new_object();
	json_object_object_add(*report, "warnings", warnings);
	if (fleet == NULL)
		return (refuse(publisher, problems, *report));
	json_object_put(problems);
	return (take(publisher, fleet, *report));
}

/* The published fleet with the manifests of today. The file is left alone: it
 * is read when someone says so. */
static struct fleet *
renew(const struct publisher *publisher, struct error *err)
{
	struct catalog *catalog = publisher_catalog(publisher->settings, err);
	json_object *json;
	struct fleet *fleet;

	if (catalog == NULL)
		return (NULL);
	json = fleet_json(publisher->fleet);
	json_object_object_add(json, "manifests", catalog_json(catalog));
	fleet = fleet_parse(json, err);
	json_object_put(json);
	catalog_free(catalog);
	return (fleet);
}

int
publisher_manifests(struct publisher *publisher, json_object **report)
{
	struct error err;
	struct fleet *fleet;

	if (publisher->problems != NULL || publisher->fleet == NULL)
		return (publisher_reload(publisher, report));
	*report = json_object_new_object();
	fleet = renew(publisher, &err);
	if (fleet != NULL)
		return (take(publisher, fleet, *report));
	json_object_object_add(*report, "problems", one_problem(&err));
	return (-1);
}

const struct fleet *
publisher_fleet(const struct publisher *publisher)
{
	return (publisher->fleet);
}

json_object *
publisher_problems(const struct publisher *publisher)
{
	return (publisher->problems);
}
