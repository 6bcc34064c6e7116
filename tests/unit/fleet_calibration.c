/* SPDX-License-Identifier: BSD-2-Clause */
/* The test that nobody has to ask for. */
#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collector/fleet.h"
#include "common/error.h"
#include "common/member.h"
#include "tests/unit/planned.h"

#define OPTION(name, type, usual)                                           \
	"{\"name\":\"" name "\",\"type\":\"" type "\",\"default\":\"" usual \
	"\",\"least\":1,\"most\":65535,\"help\":\"x\"}"
#define METRIC(name, more) "{\"name\":\"" name "\",\"help\":\"x\"," more "}"

static const char oneway[] =
    "{\"name\":\"oneway\",\"version\":1,\"summary\":\"one way\","
    "\"runs_at\":\"dst\",\"either\":true,\"streams\":true,"
    "\"calibrates\":{\"rate\":3},"
    "\"options\":[" OPTION("port", "count", "861") "," OPTION(
	"rate", "rate", "2/s") "],\"responder_options\":[" OPTION("port",
	"count", "861") "],\"metrics\":[" METRIC("delay",
	"\"kind\":\"distribution\",\"unit\":\"s\",\"bound\":\"off\","
	"\"unbounded\":\"any\"") "," METRIC("off",
	"\"kind\":\"value\",\"merge\":\"max\",\"unit\":\"s\"") "," METRIC("any",
	"\"kind\":\"count\"") "]}";
static const char echo[] =
    "{\"name\":\"echo\",\"version\":1,\"summary\":\"an echo\","
    "\"runs_at\":\"src\",\"options\":[],"
    "\"metrics\":[" METRIC("sent", "\"kind\":\"count\"") "]}";

#define SITES                                           \
	"sites:\n"                                      \
	"  nyc: {address: 198.51.100.1}\n"              \
	"  lon:\n"                                      \
	"    boxes:\n"                                  \
	"      lon1: {address: 198.51.100.2}\n"         \
	"      lon2: {address: 198.51.100.3}\n"         \
	"  par: {address: 198.51.100.4, inbound: no}\n" \
	"  rom: {address: 198.51.100.5}\n"
#define WAY                                                              \
	"tests:\n"                                                       \
	"  echo: {from: [rom], to: [nyc], probe: echo, "                 \
	"schedule: {uniform: 60s}}\n"                                    \
	"  way: {from: [nyc, lon, par], to: [nyc, lon], probe: oneway, " \
	"schedule: {continuous: {report: 10s}}, options: {port: 8861}}\n"

static bool
share(void *arg, const char *a, const char *b, uint8_t secret[static 32])
{
	memset(secret, 7, 32);
	return (true);
}

static const char *const manifests[] = {oneway, echo, NULL};
static const struct planned planned = {manifests, SITES, share};

/* Pairs that cannot be measured are not missed in a calibration. */
static struct fleet *
read_good(const char *tests)
{
	return (planned_good(&planned, tests, FLEET_CALIBRATION));
}

static json_object *
plan_of(const struct fleet *fleet, const char *box)
{
	return (planned_plan(&planned, fleet, box));
}

/* The calibration in a plan, or NULL. */
static json_object *
calibration_in(json_object *plan)
{
	json_object *tests = member_get(plan, "tests");

	for (size_t i = 0; i < json_object_array_length(tests); i++) {
		json_object *test = json_object_array_get_idx(tests, i);

		if (strcmp(member_text_or(test, "test", ""),
			FLEET_CALIBRATION) == 0)
			return (test);
	}
	return (NULL);
}

/* "localhost/127.0.0.1 lon1/198.51.100.2" */
static void
assert_targets(json_object *test, const char *expected)
{
	json_object *targets = member_get(test, "targets");
	char text[200] = "";

	for (size_t i = 0; i < json_object_array_length(targets); i++) {
		json_object *one = json_object_array_get_idx(targets, i);

		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "%s%s/%s", i > 0 ? " " : "",
		    member_text_or(one, "name", ""),
		    member_text_or(one, "address", ""));
	}
	assert_string_equal(text, expected);
}

static bool
is_peer(json_object *plan, const char *box)
{
	json_object *peers = member_get(plan, "peers");
	bool found = false;

	for (size_t i = 0; i < json_object_array_length(peers); i++) {
		json_object *peer = json_object_array_get_idx(peers, i);

		if (strcmp(member_text_or(peer, "box", ""), box) == 0)
			found = member_get(peer, "secret") != NULL;
	}
	return (found);
}

static void
each_box_measures_itself(void **state)
{
	struct fleet *fleet = read_good(WAY);
	json_object *plan = plan_of(fleet, "nyc"), *test = calibration_in(plan);
	json_object *options = member_get(test, "options");

	assert_targets(test, "localhost/127.0.0.1");
	assert_true(json_object_get_boolean(member_get(test, "calibrates")));
	assert_true(member_number_or(options, "rate", 0) == 3);
	/* a box has one far end: where its tests have it */
	assert_int_equal(member_whole_or(options, "port", 0), 8861);
	assert_true(is_peer(plan, "nyc"));
	json_object_put(plan);
	plan = plan_of(fleet, "par"); /* though nobody reaches it */
	assert_targets(calibration_in(plan), "localhost/127.0.0.1");
	assert_int_equal(
	    json_object_array_length(member_get(plan, "responders")), 1);
	json_object_put(plan);
	fleet_free(fleet);
}

static void
and_the_neighbours_at_its_site(void **state)
{
	struct fleet *fleet = read_good(WAY);
	json_object *plan = plan_of(fleet, "lon1");

	assert_targets(
	    calibration_in(plan), "localhost/127.0.0.1 lon2/198.51.100.3");
	json_object_put(plan);
	fleet_free(fleet);
}

static void
a_box_without_the_probe_does_not(void **state)
{
	struct fleet *fleet = read_good(WAY);
	json_object *plan = plan_of(fleet, "rom");

	assert_null(calibration_in(plan));
	assert_false(is_peer(plan, "rom"));
	json_object_put(plan);
	fleet_free(fleet);
}

static void
it_comes_back_from_the_normal_form(void **state)
{
	struct fleet *fleet = read_good(WAY), *back;
	json_object *json = fleet_json(fleet);
	struct error err;

	back = fleet_parse(json, &err);
	assert_non_null(back);
	assert_true(fleet_test(back, FLEET_CALIBRATION)->calibrates);
	assert_false(fleet_test(back, "way")->calibrates);
	json_object_put(json);
	fleet_free(back);
	fleet_free(fleet);
}

static void
none_is_made_where_it_is_not_wanted(void **state)
{
	struct fleet *fleet = read_good(WAY "calibration: none\n");

	assert_null(fleet_test(fleet, FLEET_CALIBRATION));
	fleet_free(fleet);
	fleet = read_good("tests:\n  e: {from: [rom], to: [nyc], probe: echo,"
			  " schedule: {uniform: 60s}}\n");
	assert_null(fleet_test(fleet, FLEET_CALIBRATION));
	fleet_free(fleet);
}

static void
one_of_their_own_stands(void **state)
{
	struct fleet *fleet =
	    read_good(WAY "  calibration: {from: [rom], to: [nyc], probe: echo,"
			  " schedule: {uniform: 60s}}\n");

	assert_false(fleet_test(fleet, FLEET_CALIBRATION)->calibrates);
	fleet_free(fleet);
}

static void
anything_else_is_refused(void **state)
{
	json_object *problems, *warnings;

	assert_null(planned_read(
	    &planned, WAY "calibration: some\n", &problems, &warnings));
	assert_non_null(strstr(json_object_get_string(problems),
	    "calibration: \\\"some\\\", expected none, or leave it out"));
	json_object_put(problems);
	json_object_put(warnings);
	assert_null(planned_read(
	    &planned, WAY "calibration: {}\n", &problems, &warnings));
	assert_non_null(strstr(json_object_get_string(problems),
	    "a map, expected none, or leave it out"));
	json_object_put(problems);
	json_object_put(warnings);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_box_measures_itself),
	    cmocka_unit_test(and_the_neighbours_at_its_site),
	    cmocka_unit_test(a_box_without_the_probe_does_not),
	    cmocka_unit_test(it_comes_back_from_the_normal_form),
	    cmocka_unit_test(none_is_made_where_it_is_not_wanted),
	    cmocka_unit_test(one_of_their_own_stands),
	    cmocka_unit_test(anything_else_is_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
