/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/planned.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/planner.h"
#include "common/error.h"
#include "common/member.h"

static const uint8_t fleet_key[32] = {1, 2, 3};

static void
add_manifest(struct catalog *catalog, const char *text)
{
	json_object *json = member_parse(text, strlen(text), NULL);
	struct error err;

	if (json == NULL || catalog_add(catalog, json, &err) == -1)
		fail_msg("%s", json == NULL ? "no JSON" : err.text);
	json_object_put(json);
}

struct fleet *
planned_read(const struct planned *planned, const char *tests,
    struct json_object **problems, struct json_object **warnings)
{
	struct catalog *catalog = catalog_new();
	char path[] = "/tmp/pharos-fleet-XXXXXX";
	struct fleet *fleet;
	int fd = mkstemp(path);

	for (size_t i = 0; planned->manifests[i] != NULL; i++)
		add_manifest(catalog, planned->manifests[i]);
	assert_true(fd >= 0);
	assert_true(write(fd, planned->sites, strlen(planned->sites)) > 0);
	assert_true(write(fd, tests, strlen(tests)) > 0);
	close(fd);
	fleet = fleet_read(path, catalog, problems, warnings);
	unlink(path);
	return (fleet);
}

struct fleet *
planned_good(
    const struct planned *planned, const char *tests, const char *never)
{
	json_object *problems, *warnings;
	struct fleet *fleet =
	    planned_read(planned, tests, &problems, &warnings);

	if (fleet == NULL)
		fail_msg("%s", json_object_to_json_string(problems));
	if (never != NULL)
		assert_null(
		    strstr(json_object_to_json_string(warnings), never));
	json_object_put(problems);
	json_object_put(warnings);
	return (fleet);
}

struct json_object *
planned_plan(
    const struct planned *planned, const struct fleet *fleet, const char *box)
{
	const struct planner planner = {
	    .fleet = fleet, .key = fleet_key, .secret = planned->secret};
	char etag[20];

	return (planner_plan(&planner, box, etag));
}
