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

/* One plan in the making. */
struct planning {
	const struct planner *planner;
	const struct fleet *fleet;
	size_t box;     /* its place in the fleet's ends */
	bool *measured; /* by place: measures with this box, either way ... */
	bool *sharing;  /* ... in a test that has a far end */
	bool itself;    /* it measures itself */
	json_object *far_ends; /* {"owd":{options},...} of this box */
};

static json_object *
target_json(const struct planning *planning, const struct fleet_test *test,
    const struct fleet_pair *pair)
{
	json_object *json = json_object_new_object();

	member_add_text(json, "name", planning->fleet->ends[pair->far].name);
	member_add_text(json, "address", pair->address);
	if (pair->family != 0)
		member_add_whole(json, "family", pair->family);
	if (pair->end != test->manifest->runs_at)
		member_add_text(json, "end", manifest_ends[pair->end]);
	return (json);
}

/* What a far end is to be like for this test. */
static json_object *
far_options(const struct fleet_test *test)
{
	const struct setting *s = test->manifest->responder_settings;
	json_object *options = json_object_new_object(), *value;

	for (; s->name != NULL; s++)
		if ((value = member_get(test->options, s->name)) != NULL)
			json_object_object_add(
			    options, s->name, json_object_get(value));
	return (options);
}

static void
need_far_end(struct planning *planning, const struct fleet_test *test)
{
	const char *probe = test->manifest->name;
	json_object *all = member_get(planning->far_ends, probe);
	json_object *options = far_options(test);

	if (all == NULL) {
		json_object_object_add(planning->far_ends, probe, options);
		return;
	}
	json_object_object_foreach (options, name, value)
		json_object_object_add(all, name, json_object_get(value));
	json_object_put(options);
}

/* A pair that this box is one end of: is it the one that measures? */
static bool
take_part(struct planning *planning, const struct fleet_test *test,
    const struct fleet_pair *pair)
{
	bool measures = pair->near == planning->box;
	size_t other = measures ? pair->far : pair->near;

	planning->measured[other] = true;
	if (test->manifest->responder_settings == NULL)
		return (measures);
	planning->sharing[other] = true;
	planning->itself |= test->calibrates;
	if (!measures || test->calibrates)
		need_far_end(planning, test);
	return (measures);
}

static void
add_pair(struct planning *planning, const struct fleet_test *test,
    size_t source, size_t destination, json_object *targets)
{
	struct fleet_pair pair;

	fleet_pair(planning->fleet, test, source, destination, &pair);
	if (pair.tested && take_part(planning, test, &pair))
		json_object_array_add(
		    targets, target_json(planning, test, &pair));
}

/* All pairs of a test with this box as their source, or destination. */
static void
add_pairs(struct planning *planning, const struct fleet_test *test,
    json_object *targets)
{
	for (size_t i = 0; i < test->source_count; i++)
		if (test->sources[i] == planning->box)
			for (size_t j = 0; j < test->destination_count; j++)
				add_pair(planning, test, i, j, targets);
	for (size_t j = 0; j < test->destination_count; j++)
		if (test->destinations[j] == planning->box)
			for (size_t i = 0; i < test->source_count; i++)
				add_pair(planning, test, i, j, targets);
}

static void
add_test(struct planning *planning, const struct fleet_test *test,
    json_object *tests)
{
	json_object *targets = json_object_new_array(), *json;

	add_pairs(planning, test, targets);
	if (json_object_array_length(targets) == 0) {
		json_object_put(targets);
		return;
	}
	json = json_object_new_object();
	member_add_text(json, "test", test->name);
	member_add_text(json, "probe", test->manifest->name);
	if (test->calibrates)
		json_object_object_add(
		    json, "calibrates", json_object_new_boolean(true));
	json_object_object_add(json, "schedule", timing_json(&test->timing));
	json_object_object_add(json, "options", json_object_get(test->options));
	json_object_object_add(json, "targets", targets);
	json_object_array_add(tests, json);
}

/* of_host: those that pharosd itself does. */
static json_object *
tests_json(struct planning *planning, bool of_host)
{
	const struct fleet_test *test = planning->fleet->tests;
	json_object *tests = json_object_new_array();

	for (size_t i = 0; i < planning->fleet->test_count; i++, test++)
		if (test->manifest->of_host == of_host)
			add_test(planning, test, tests);
	return (tests);
}

/* Under a name that an older pharosd, who could not do them, passes over. */
static void
add_own(struct planning *planning, json_object *plan)
{
	json_object *own = tests_json(planning, true);

	if (json_object_array_length(own) > 0)
		json_object_object_add(plan, "own", own);
	else
		json_object_put(own);
}

static void
add_secret(const struct planning *planning, const struct fleet_end *end,
    json_object *json)
{
	const struct planner *planner = planning->planner;
	const char *box = planning->fleet->ends[planning->box].name;
	char hex[2 * PLANNER_SECRET + 1];
	uint8_t secret[PLANNER_SECRET];

	if (planner->secret == NULL ||
	    !planner->secret(planner->arg, box, end->name, secret))
		return;
	hash_hex(secret, sizeof(secret), hex);
	member_add_text(json, "secret", hex);
}

static json_object *
peer_json(const struct planning *planning, size_t place)
{
	const struct fleet_end *end = &planning->fleet->ends[place];
	json_object *json = json_object_new_object();
	json_object *addresses = json_object_new_array();

	member_add_text(json, "box", end->name);
	for (size_t i = 0; i < end->address_count; i++)
		json_object_array_add(
		    addresses, json_object_new_string(end->addresses[i]));
	json_object_object_add(json, "addresses", addresses);
	if (planning->sharing[place] || place == planning->box)
		add_secret(planning, end, json);
	return (json);
}

/* The boxes that this one measures with. */
static json_object *
peers_json(const struct planning *planning)
{
	json_object *peers = json_object_new_array();

	for (size_t i = 0; i < planning->fleet->end_count; i++) {
		bool meant = planning->measured[i] ||
			     (planning->itself && i == planning->box);

		if (meant && planning->fleet->ends[i].is_box)
			json_object_array_add(peers, peer_json(planning, i));
	}
	return (peers);
}

static json_object *
responders_json(const struct planning *planning)
{
	json_object *responders = json_object_new_array();

	json_object_object_foreach (planning->far_ends, probe, options) {
		json_object *json = json_object_new_object();

		member_add_text(json, "probe", probe);
		json_object_object_add(
		    json, "options", json_object_get(options));
		json_object_array_add(responders, json);
	}
	return (responders);
}

static json_object *
make_plan(struct planning *planning)
{
	json_object *plan = json_object_new_object();
	char hex[2 * 32 + 1];

	hash_hex(planning->planner->key, 32, hex);
	member_add_whole(plan, "v", 1);
	member_add_text(plan, "box", planning->fleet->ends[planning->box].name);
	member_add_text(plan, "key", hex);
	json_object_object_add(plan, "tests", tests_json(planning, false));
	add_own(planning, plan);
	json_object_object_add(plan, "peers", peers_json(planning));
	json_object_object_add(plan, "responders", responders_json(planning));
	return (plan);
}

json_object *
planner_plan(
    const struct planner *planner, const char *box, char etag[static 20])
{
	const struct fleet *fleet = planner->fleet;
	const struct fleet_end *end = fleet_end(fleet, box);
	struct planning planning = {.planner = planner, .fleet = fleet};
	uint8_t digest[HASH_SIZE];
	char short_hex[17];
	json_object *plan;
	const char *text;

	if (end == NULL || !end->is_box)
		return (NULL);
	planning.box = (size_t)(end - fleet->ends);
	planning.measured =
	    memory_new(fleet->end_count, sizeof(*planning.measured));
	planning.sharing =
	    memory_new(fleet->end_count, sizeof(*planning.sharing));
	planning.far_ends = json_object_new_object();
	plan = make_plan(&planning);
	json_object_put(planning.far_ends);
	free(planning.measured);
	free(planning.sharing);
	text = json_object_to_json_string_ext(plan, JSON_C_TO_STRING_PLAIN);
	hash_sha256(text, strlen(text), digest);
	hash_hex(digest, 8, short_hex);
	snprintf(etag, 20, "\"%s\"", short_hex);
	member_add_whole(plan, "revision", fleet->revision);
	return (plan);
}

/* The value that the far end of this test takes, as text; free() it. */
static char *
far_value(const struct fleet_test *test, const struct setting *setting)
{
	json_object *value = member_get(test->options, setting->name);

	if (value == NULL)
		return (memory_text(
		    setting->fallback != NULL ? "its default" : "nothing"));
	return (memory_text(json_object_to_json_string(value)));
}

static int
check_two(
    const struct fleet_test *a, const struct fleet_test *b, struct error *err)
{
	const struct setting *s = a->manifest->responder_settings;
	int result = 0;

	for (; s->name != NULL && result == 0; s++) {
		char *x = far_value(a, s), *y = far_value(b, s);

		if (option_find(a->manifest->settings, s->name) != NULL &&
		    strcmp(x, y) != 0)
			result = error_set(err,
			    "tests %s and %s: a box has one far end of %s, but "
			    "%s is %s for one and %s for the other",
			    a->name, b->name, a->manifest->name, s->name, x, y);
		free(x);
		free(y);
	}
	return (result);
}

int
planner_check(const struct fleet *fleet, struct error *err)
{
	const struct fleet_test *tests = fleet->tests;

	for (size_t i = 0; i < fleet->test_count; i++) {
		if (tests[i].manifest->responder_settings == NULL)
			continue;
		for (size_t j = 0; j < i; j++)
			if (tests[j].manifest == tests[i].manifest &&
			    check_two(&tests[j], &tests[i], err) == -1)
				return (-1);
	}
	return (0);
}
