/* SPDX-License-Identifier: BSD-2-Clause */
/* What each box finds of its own host, without being asked. */
#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/member.h"
#include "tests/unit/planned.h"

#define COUNTED \
	"\"metrics\":[{\"name\":\"n\",\"kind\":\"count\",\"help\":\"x\"}]}"

static const char own[] =
    "{\"name\":\"watch\",\"version\":1,\"summary\":\"its watch\","
    "\"runs_at\":\"src\",\"streams\":true,\"of_host\":true,\"options\":[]," COUNTED;
static const char echo[] =
    "{\"name\":\"echo\",\"version\":1,\"summary\":\"an echo\","
    "\"runs_at\":\"src\",\"options\":[]," COUNTED;

#define SITES                                                   \
	"sites:\n"                                              \
	"  nyc: {address: 198.51.100.1}\n"                      \
	"  lon:\n"                                              \
	"    boxes:\n"                                          \
	"      lon1: {address: \"2001:db8::2\", inbound: no}\n" \
	"      lon2: {address: 198.51.100.3}\n"                 \
	"targets:\n"                                            \
	"  www.example.org:\n"
#define ECHO                                              \
	"tests:\n"                                        \
	"  echo: {from: [nyc], to: [lon2], probe: echo, " \
	"schedule: {uniform: 60s}}\n"

static const char *const manifests[] = {own, echo, NULL};
static const char *const without[] = {echo, NULL};
static const struct planned planned = {manifests, SITES, NULL};
static const struct planned old = {without, SITES, NULL};

static json_object *
own_test(json_object *plan)
{
	json_object *tests = member_get(plan, "own");

	assert_int_equal(json_object_array_length(tests), 1);
	return (json_object_array_get_idx(tests, 0));
}

static void
assert_planned(const struct fleet *fleet, const char *box)
{
	json_object *plan = planned_plan(&planned, fleet, box);
	json_object *test = own_test(plan), *target;

	assert_string_equal(member_text_or(test, "test", ""), FLEET_CLOCK);
	assert_string_equal(member_text_or(test, "probe", ""), "watch");
	assert_int_equal(
	    json_object_array_length(member_get(test, "targets")), 1);
	target = json_object_array_get_idx(member_get(test, "targets"), 0);
	assert_string_equal(member_text_or(target, "name", ""), NAME_ITSELF);
	/* whatever addresses it has */
	assert_string_equal(member_text_or(target, "address", ""), "127.0.0.1");
	json_object_put(plan);
}

static void
each_box_does_it(void **state)
{
	struct fleet *fleet = planned_good(&planned, ECHO, FLEET_CLOCK);
	const struct fleet_test *test = fleet_test(fleet, FLEET_CLOCK);

	assert_int_equal(test->source_count, 3);
	assert_int_equal(test->destination_count, 1);
	assert_int_equal(test->timing.every, 60 * NS_PER_S);
	assert_planned(fleet, "nyc");
	assert_planned(fleet, "lon1"); /* nothing is asked of it otherwise */
	assert_planned(fleet, "lon2");
	fleet_free(fleet);
}

/* It would refuse its whole plan for a probe that it does not have. */
static void
an_older_pharosd_does_not_see_it(void **state)
{
	struct fleet *fleet = planned_good(&planned, ECHO, NULL);
	json_object *plan = planned_plan(&planned, fleet, "nyc");
	json_object *tests = member_get(plan, "tests");

	assert_int_equal(json_object_array_length(tests), 1);
	assert_string_equal(
	    member_text_or(json_object_array_get_idx(tests, 0), "probe", ""),
	    "echo");
	json_object_put(plan);
	fleet_free(fleet);
}

static void
it_comes_back_from_the_normal_form(void **state)
{
	struct fleet *fleet = planned_good(&planned, ECHO, NULL), *back;
	json_object *json = fleet_json(fleet);

	back = fleet_parse(json, NULL);
	assert_non_null(back);
	assert_true(fleet_test(back, FLEET_CLOCK)->manifest->of_host);
	json_object_put(json);
	fleet_free(back);
	fleet_free(fleet);
}

static void
assert_none(const struct planned *by, const char *tests)
{
	struct fleet *fleet = planned_good(by, tests, NULL);
	const struct fleet_test *test = fleet_test(fleet, FLEET_CLOCK);
	json_object *plan;

	assert_true(test == NULL || !test->manifest->of_host);
	plan = planned_plan(by, fleet, "nyc");
	assert_null(member_get(plan, "own"));
	json_object_put(plan);
	fleet_free(fleet);
}

static void
none_is_made_where_it_is_not_wanted(void **state)
{
	assert_none(&planned, ECHO "clock: none\n");
	assert_none(&old, ECHO);
	/* in a way of their own */
	assert_none(&planned,
	    "tests:\n  clock: {from: [nyc], to: [lon2], probe: echo,"
	    " schedule: {uniform: 60s}}\n");
	assert_none(&planned, "  localhost:\n" ECHO);
}

static void
assert_problem(const char *tests, const char *expected)
{
	json_object *problems, *warnings;

	assert_null(planned_read(&planned, tests, &problems, &warnings));
	if (strstr(json_object_get_string(problems), expected) == NULL)
		fail_msg("%s", json_object_get_string(problems));
	json_object_put(problems);
	json_object_put(warnings);
}

static void
the_file_may_say_how_often(void **state)
{
	struct fleet *fleet = planned_good(
	    &planned, ECHO "clock: {continuous: {report: 5m}}\n", NULL);

	assert_int_equal(
	    fleet_test(fleet, FLEET_CLOCK)->timing.every, 300 * NS_PER_S);
	assert_planned(fleet, "nyc");
	fleet_free(fleet);
}

static void
anything_else_is_refused(void **state)
{
	assert_problem(ECHO "clock: some\n",
	    "clock: \\\"some\\\", expected none, or leave it out");
	assert_problem(ECHO "clock: {uniform: 5m}\n",
	    "clock: it goes on all the time, expected a schedule such as "
	    "{continuous: {report: 60s}}");
	assert_problem(ECHO "clock: {continuous: {report: 5}}\n",
	    "expected a duration with its unit");
	assert_problem("tests:\n  mine: {from: [nyc], to: [lon2], probe: watch,"
		       " schedule: {continuous: {report: 60s}}}\n",
	    "probe watch: each box finds that of its own host without being "
	    "asked; leave this test out");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_box_does_it),
	    cmocka_unit_test(an_older_pharosd_does_not_see_it),
	    cmocka_unit_test(it_comes_back_from_the_normal_form),
	    cmocka_unit_test(none_is_made_where_it_is_not_wanted),
	    cmocka_unit_test(the_file_may_say_how_often),
	    cmocka_unit_test(anything_else_is_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
