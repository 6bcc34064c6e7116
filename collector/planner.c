/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/planner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/fleet.h"
#include "common/hash.h"
#include "common/manifest.h"
#include "common/member.h"
#include "common/memory.h"

static json_object *
target_json(const struct fleet_end *end, const struct fleet_pair *pair)
{
	json_object *json = json_object_new_object();

	member_add_text(json, "name", end->name);
	member_add_text(json, "address", pair->address);
	if (pair->family != 0)
		member_add_whole(json, "family", pair->family);
	return (json);
}

/* What the box at this place of the axis measures in this test. */
static json_object *
targets_json(
    const struct fleet *fleet, const struct fleet_test *test, size_t source)
{
	json_object *targets = json_object_new_array();

	for (size_t i = 0; i < test->destination_count; i++) {
		struct fleet_pair pair;

		fleet_pair(fleet, test, source, i, &pair);
		if (pair.tested)
			json_object_array_add(targets,
			    target_json(
				&fleet->ends[test->destinations[i]], &pair));
	}
	return (targets);
}

static void
add_test(json_object *tests, const struct fleet *fleet,
    const struct fleet_test *test, size_t source)
{
	json_object *targets = targets_json(fleet, test, source);
	json_object *json;

	if (json_object_array_length(targets) == 0) {
		json_object_put(targets);
		return;
	}
	json = json_object_new_object();
	member_add_text(json, "test", test->name);
	member_add_text(json, "probe", test->manifest->name);
	json_object_object_add(json, "schedule", timing_json(&test->timing));
	json_object_object_add(json, "options", json_object_get(test->options));
	json_object_object_add(json, "targets", targets);
	json_object_array_add(tests, json);
}

static json_object *
tests_json(const struct fleet *fleet, const struct fleet_end *box)
{
	json_object *tests = json_object_new_array();

	for (size_t i = 0; i < fleet->test_count; i++) {
		const struct fleet_test *test = &fleet->tests[i];

		for (size_t j = 0; j < test->source_count; j++)
			if (&fleet->ends[test->sources[j]] == box)
				add_test(tests, fleet, test, j);
	}
	return (tests);
}

/* Notes by their places in the fleet all that measure in this test towards the
 * box at this place of its axis. */
static void
note_sources(const struct fleet *fleet, const struct fleet_test *test,
    size_t destination, bool *measures)
{
	for (size_t i = 0; i < test->source_count; i++) {
		struct fleet_pair pair;

		fleet_pair(fleet, test, i, destination, &pair);
		if (pair.tested)
			measures[test->sources[i]] = true;
	}
}

static json_object *
peer_json(const struct fleet_end *end)
{
	json_object *json = json_object_new_object();
	json_object *addresses = json_object_new_array();

	member_add_text(json, "box", end->name);
	for (size_t i = 0; i < end->address_count; i++)
		json_object_array_add(
		    addresses, json_object_new_string(end->addresses[i]));
	json_object_object_add(json, "addresses", addresses);
	return (json);
}

/* The boxes that measure towards this one: whom it may serve. */
static json_object *
peers_json(const struct fleet *fleet, const struct fleet_end *box)
{
	json_object *peers = json_object_new_array();
	bool *measures = memory_new(fleet->end_count, sizeof(*measures));

	for (size_t i = 0; i < fleet->test_count; i++) {
		const struct fleet_test *test = &fleet->tests[i];

		for (size_t j = 0; j < test->destination_count; j++)
			if (&fleet->ends[test->destinations[j]] == box)
				note_sources(fleet, test, j, measures);
	}
	for (size_t i = 0; i < fleet->end_count; i++)
		if (measures[i] && fleet->ends[i].is_box)
			json_object_array_add(
			    peers, peer_json(&fleet->ends[i]));
	free(measures);
	return (peers);
}

json_object *
planner_plan(const struct fleet *fleet, const char *box,
    const uint8_t key[static 32], char etag[static 20])
{
	const struct fleet_end *end = fleet_end(fleet, box);
	uint8_t digest[HASH_SIZE];
	char hex[2 * 32 + 1], short_hex[17];
	json_object *plan;
	const char *text;

	if (end == NULL || !end->is_box)
		return (NULL);
	plan = json_object_new_object();
	hash_hex(key, 32, hex);
	member_add_whole(plan, "v", 1);
	member_add_text(plan, "box", box);
	member_add_text(plan, "key", hex);
	json_object_object_add(plan, "tests", tests_json(fleet, end));
	json_object_object_add(plan, "peers", peers_json(fleet, end));
	text = json_object_to_json_string_ext(plan, JSON_C_TO_STRING_PLAIN);
	hash_sha256(text, strlen(text), digest);
	hash_hex(digest, 8, short_hex);
	snprintf(etag, 20, "\"%s\"", short_hex);
	member_add_whole(plan, "revision", fleet->revision);
	return (plan);
}
