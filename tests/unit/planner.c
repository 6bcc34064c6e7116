/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/planner.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/fleet.h"
#include "collector/pairs.h"
#include "collector/registry.h"
#include "common/hash.h"
#include "common/member.h"
#include "tests/unit/folder.h"
#include "tests/unit/planned.h"

#define NOW (1795300000 * NS_PER_S)
#define DAY (86400 * NS_PER_S)

/* Runs at the destination, or else at the source; needs a far end. */
static const char oneway[] =
    "{\"name\":\"oneway\",\"version\":1,\"summary\":\"one way\","
    "\"runs_at\":\"dst\",\"either\":true,\"options\":["
    "{\"name\":\"port\",\"type\":\"count\",\"default\":\"861\",\"least\":1,"
    "\"most\":65535,\"help\":\"where\"},"
    "{\"name\":\"rate\",\"type\":\"rate\",\"default\":\"2/s\",\"least\":1,"
    "\"most\":10,\"help\":\"how fast\"}],"
    "\"responder_options\":[{\"name\":\"port\",\"type\":\"count\","
    "\"default\":\"861\",\"least\":1,\"most\":65535,\"help\":\"where\"},"
    "{\"name\":\"most\",\"type\":\"count\",\"default\":\"9\",\"least\":1,"
    "\"most\":99,\"help\":\"how many\"}],"
    "\"metrics\":[{\"name\":\"sent\",\"kind\":\"count\",\"unit\":\"1\","
    "\"better\":\"neither\",\"help\":\"sent\"}]}";

static const char echo[] =
    "{\"name\":\"echo\",\"version\":1,\"summary\":\"an echo\","
    "\"runs_at\":\"src\",\"options\":[],"
    "\"metrics\":[{\"name\":\"sent\",\"kind\":\"count\",\"unit\":\"1\","
    "\"better\":\"neither\",\"help\":\"sent\"}]}";

#define SITES                                           \
	"sites:\n"                                      \
	"  nyc: {address: 198.51.100.1}\n"              \
	"  lon: {address: 198.51.100.2}\n"              \
	"  par: {address: 198.51.100.3, inbound: no}\n" \
	"targets:\n"                                    \
	"  192.0.2.80:\n"                               \
	"meshes:\n"                                     \
	"  all: {members: [nyc, lon, par]}\n"

/* Shared by all but par. */
static bool
share(void *arg, const char *a, const char *b, uint8_t secret[static 32])
{
	memset(secret, a[0] ^ b[0], 32);
	return (strcmp(a, "par") != 0 && strcmp(b, "par") != 0);
}

static const char *const manifests[] = {oneway, echo, NULL};
static const struct planned planned = {manifests, SITES, share};

static struct fleet *
read_good(const char *tests)
{
	return (planned_good(&planned, tests, NULL));
}

static json_object *
plan_of(const struct fleet *fleet, const char *box)
{
	return (planned_plan(&planned, fleet, box));
}

/* "lon" or "lon dst", one after another: whom it measures with. */
static char *
targets_of(json_object *plan, char text[static 100])
{
	json_object *test =
	    json_object_array_get_idx(member_get(plan, "tests"), 0);
	json_object *targets = member_get(test, "targets"), *one;

	text[0] = '\0';
	for (size_t i = 0;
	     test != NULL && i < json_object_array_length(targets); i++) {
		one = json_object_array_get_idx(targets, i);
		strcat(text, text[0] != '\0' ? ", " : "");
		strcat(text, member_text_or(one, "name", ""));
		strcat(text, member_get(one, "end") != NULL ? " " : "");
		strcat(text, member_text_or(one, "end", ""));
	}
	return (text);
}

#define ONEWAY                                                         \
	"tests:\n"                                                     \
	"  way: {from: [nyc, lon, par], to: [nyc, lon, par, targets]," \
	" probe: oneway, schedule: {uniform: 60s}, options: {port: 8861}}\n"

static void
the_destination_measures_where_it_can(void **state)
{
	struct fleet *fleet = read_good(ONEWAY);
	json_object *nyc = plan_of(fleet, "nyc"), *par = plan_of(fleet, "par");
	char text[100];

	/* par can be reached by nobody: neither packets nor questions */
	assert_string_equal(targets_of(nyc, text), "192.0.2.80 src, lon");
	assert_string_equal(targets_of(par, text), "192.0.2.80 src");
	json_object_put(nyc);
	json_object_put(par);
	fleet_free(fleet);
}

static void
the_address_is_the_far_ones(void **state)
{
	struct fleet *fleet = read_good(ONEWAY);
	const struct fleet_test *test = fleet_test(fleet, "way");
	struct fleet_pair pair;

	fleet_pair(fleet, test, 0, 1, &pair); /* nyc to lon */
	assert_true(pair.tested);
	assert_int_equal(pair.end, RUNS_AT_DST);
	assert_string_equal(fleet->ends[pair.near].name, "lon");
	assert_string_equal(pair.address, "198.51.100.1");
	fleet_pair(fleet, test, 2, 0, &pair); /* par to nyc */
	assert_false(pair.tested);
	fleet_pair(fleet, test, 2, 3, &pair); /* par to the target */
	assert_true(pair.tested);
	assert_int_equal(pair.end, RUNS_AT_SRC);
	assert_string_equal(pair.address, "192.0.2.80");
	fleet_free(fleet);
}

static void
who_is_measured_with_keeps_a_far_end(void **state)
{
	struct fleet *fleet = read_good(ONEWAY);
	json_object *plan = plan_of(fleet, "nyc");
	json_object *far =
	    json_object_array_get_idx(member_get(plan, "responders"), 0);
	json_object *options = member_get(far, "options");

	assert_string_equal(member_text_or(far, "probe", ""), "oneway");
	assert_int_equal(json_object_object_length(options), 1);
	assert_int_equal(member_whole_or(options, "port", 0), 8861);
	json_object_put(plan);
	plan = plan_of(fleet, "par"); /* nobody measures with it */
	assert_int_equal(
	    json_object_array_length(member_get(plan, "responders")), 0);
	json_object_put(plan);
	fleet_free(fleet);
}

static const char *
secret_of(json_object *plan, size_t peer)
{
	return (member_text_or(
	    json_object_array_get_idx(member_get(plan, "peers"), peer),
	    "secret", "none"));
}

static void
both_have_the_secret_and_nobody_without_need(void **state)
{
	struct fleet *fleet = read_good(ONEWAY);
	json_object *nyc = plan_of(fleet, "nyc"), *lon = plan_of(fleet, "lon");

	assert_int_equal(strlen(secret_of(nyc, 0)), 64);
	assert_string_equal(secret_of(nyc, 0), secret_of(lon, 0));
	json_object_put(nyc);
	json_object_put(lon);
	fleet_free(fleet);
	fleet = read_good("tests:\n  e: {mesh: all, probe: echo, schedule: "
			  "{uniform: 60s}}\n");
	nyc = plan_of(fleet, "nyc");
	assert_string_equal(secret_of(nyc, 0), "none");
	json_object_put(nyc);
	fleet_free(fleet);
}

static void
far_ends_that_contradict_each_other_are_refused(void **state)
{
	json_object *problems, *warnings;

	assert_null(planned_read(&planned,
	    ONEWAY
	    "  back: {mesh: all, probe: oneway, schedule: {uniform: 60s}}\n",
	    &problems, &warnings));
	assert_non_null(strstr(json_object_to_json_string(problems),
	    "tests way and back: a box has one far end of oneway, but port is "
	    "8861 for one and its default for the other"));
	json_object_put(problems);
	json_object_put(warnings);
	/* what the far end has not is each test's own */
	fleet_free(read_good("tests:\n"
			     "  a: {mesh: all, probe: oneway, schedule: "
			     "{uniform: 60s}, options: {rate: 3/s}}\n"
			     "  b: {mesh: all, probe: oneway, schedule: "
			     "{uniform: 60s}}\n"));
}

/*
 * Secrets.
 */

static void
enrol(struct registry *registry, const char *name, nanoseconds now)
{
	uint8_t secret[32] = {(uint8_t)name[0], (uint8_t)(now / NS_PER_S)};
	struct registry_certificate about = {
	    name, "PEM", name, name, now + 90 * DAY};
	struct error err;

	assert_int_equal(
	    registry_add_token(registry, name, secret, now, now + DAY, &err),
	    0);
	assert_int_equal(
	    registry_enrol(registry, secret, &about, now, &err), 0);
}

static struct registry *
make_registry(void **state)
{
	char *path = folder_path(state, "registry.db");
	struct error err;
	struct registry *registry = registry_open(path, false, &err);

	free(path);
	assert_non_null(registry);
	enrol(registry, "lon", NOW);
	enrol(registry, "nyc", NOW);
	enrol(registry, "par", NOW);
	return (registry);
}

static struct pairs *
open_pairs(void **state, struct registry *registry)
{
	char *path = folder_path(state, "pairs.key");
	struct pairs *pairs = pairs_open(path, NULL);

	free(path);
	assert_non_null(pairs);
	assert_int_equal(pairs_look(pairs, registry, NULL), 0);
	return (pairs);
}

static void
a_secret_is_of_one_pair_and_stays(void **state)
{
	struct registry *registry = make_registry(state);
	struct pairs *pairs = open_pairs(state, registry);
	uint8_t a[32], b[32], c[32];

	assert_true(pairs_secret(pairs, "nyc", "lon", a));
	assert_true(pairs_secret(pairs, "lon", "nyc", b));
	assert_true(pairs_secret(pairs, "lon", "par", c));
	assert_memory_equal(a, b, 32);
	assert_memory_not_equal(a, c, 32);
	assert_false(pairs_secret(pairs, "lon", "ams", c));
	pairs_free(pairs);
	pairs = open_pairs(state, registry); /* the key is on disk */
	assert_true(pairs_secret(pairs, "nyc", "lon", b));
	assert_memory_equal(a, b, 32);
	pairs_free(pairs);
	registry_free(registry);
}

static void
a_box_that_was_removed_shares_nothing_it_knows(void **state)
{
	struct registry *registry = make_registry(state);
	struct pairs *pairs = open_pairs(state, registry);
	uint8_t before[32], after[32];

	assert_true(pairs_secret(pairs, "nyc", "lon", before));
	assert_int_equal(registry_remove(registry, "lon", NOW + 1, NULL), 1);
	assert_int_equal(pairs_look(pairs, registry, NULL), 0);
	assert_false(pairs_secret(pairs, "nyc", "lon", after));
	enrol(registry, "lon", NOW + DAY);
	assert_int_equal(pairs_look(pairs, registry, NULL), 0);
	assert_true(pairs_secret(pairs, "nyc", "lon", after));
	assert_memory_not_equal(before, after, 32);
	pairs_free(pairs);
	registry_free(registry);
}

static void
a_key_that_is_damaged_is_refused(void **state)
{
	char *path = folder_path(state, "pairs.key");
	FILE *file = fopen(path, "w");
	struct error err;

	fputs("something else\n", file);
	fclose(file);
	assert_null(pairs_open(path, &err));
	assert_non_null(strstr(err.text, "expected 64 hexadecimal digits"));
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_destination_measures_where_it_can),
	    cmocka_unit_test(the_address_is_the_far_ones),
	    cmocka_unit_test(who_is_measured_with_keeps_a_far_end),
	    cmocka_unit_test(both_have_the_secret_and_nobody_without_need),
	    cmocka_unit_test(far_ends_that_contradict_each_other_are_refused),
	    IN_FOLDER(a_secret_is_of_one_pair_and_stays),
	    IN_FOLDER(a_box_that_was_removed_shares_nothing_it_knows),
	    IN_FOLDER(a_key_that_is_damaged_is_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
