/* SPDX-License-Identifier: BSD-2-Clause */
#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/member.h"
#include "common/yaml.h"
#include "tests/unit/starts.h"

static int
read_text(struct timing *timing, const char *text, struct error *err)
{
	struct yml *tree = yml_parse("fleet.yaml", text, strlen(text), err);
	int result;

	assert_non_null(tree);
	result = timing_read(timing, yml_get(tree, "schedule"), err);
	yml_free(tree);
	return (result);
}

static int
parse_text(struct timing *timing, const char *text, struct error *err)
{
	struct json_object *json = member_parse(text, strlen(text), err);
	int result;

	assert_non_null(json);
	result = timing_parse(timing, json, err);
	json_object_put(json);
	return (result);
}

static const struct {
	const char *yaml, *json;
	struct timing timing;
} cases[] = {
    {"schedule: {periodic: 30m}", "{\"kind\":\"periodic\",\"every\":1800}",
	{TIMING_PERIODIC, 1800 * NS_PER_S}},
    {"schedule: {uniform: 100ms}", "{\"kind\":\"uniform\",\"every\":0.1}",
	{TIMING_UNIFORM, TIMING_SHORTEST}},
    {"schedule: {poisson: 366d}", "{\"kind\":\"poisson\",\"every\":31622400}",
	{TIMING_POISSON, TIMING_LONGEST}},
    {"schedule:\n  once: 2026-11-21T22:26:40.25Z",
	"{\"kind\":\"once\",\"at\":1795300000.25}",
	{TIMING_ONCE, 0, NOW + NS_PER_S / 4}},
    {"schedule: {continuous: {report: 60s}}",
	"{\"kind\":\"continuous\",\"report\":60}",
	{TIMING_CONTINUOUS, 60 * NS_PER_S}},
};

static void
assert_same(const struct timing *a, const struct timing *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->every, b->every);
	assert_int_equal(a->at, b->at);
}

static void
timing_is_read_from_a_fleet_file(void **state)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct timing timing;
		struct error err;

		if (read_text(&timing, cases[i].yaml, &err) == -1)
			fail_msg("%s", err.text);
		assert_same(&timing, &cases[i].timing);
	}
}

static void
timing_goes_to_json_and_back(void **state)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct json_object *json = timing_json(&cases[i].timing);
		struct timing timing;
		struct error err;

		assert_string_equal(json_object_to_json_string_ext(
					json, JSON_C_TO_STRING_PLAIN),
		    cases[i].json);
		json_object_put(json);
		if (parse_text(&timing, cases[i].json, &err) == -1)
			fail_msg("%s", err.text);
		assert_same(&timing, &cases[i].timing);
	}
}

static void
assert_says(const struct error *err, const char *part)
{
	if (strstr(err->text, part) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err->text, part);
}

static void
timing_names_what_is_wrong_in_a_fleet_file(void **state)
{
	static const struct {
		const char *yaml, *says;
	} wrong[] = {
	    {"schedule: 60s", "fleet.yaml:1:1: "},
	    {"schedule: 60s", "a schedule such as {uniform: 60s}"},
	    {"schedule: {}", "of 0 kinds, expected one"},
	    {"schedule: {uniform: 60s, poisson: 60s}", "of 2 kinds"},
	    {"schedule:\n  hourly: 60s",
		"fleet.yaml:2:3: unknown key \"hourly\""},
	    {"schedule: {hourly: 60s}", "periodic, uniform, poisson, once"},
	    {"schedule: {uniform: 60}", "fleet.yaml:1:12: uniform: "},
	    {"schedule: {uniform: [60s]}", "expected an interval"},
	    {"schedule: {uniform: 99ms}", "from 100ms to 366d"},
	    {"schedule: {uniform: 367d}", "from 100ms to 366d"},
	    {"schedule: {continuous: 60s}", "such as {report: 60s}"},
	    {"schedule: {continuous: {}}", "{report: INTERVAL}"},
	    {"schedule: {continuous: {every: 60s}}", "unknown key \"every\""},
	    {"schedule: {continuous: {report: 60}}",
		"fleet.yaml:1:25: continuous: "},
	    {"schedule: {continuous: {report: 999ms}}", "from 1s to 1d"},
	    {"schedule: {continuous: {report: 25h}}", "from 1s to 1d"},
	    {"schedule: {once: now}", "an instant of its own"},
	    {"schedule: {once: -1h}", "an instant of its own"},
	    {"schedule: {once: soon}",
		"once: \"soon\": expected an instant in UTC such as "
		"2026-11-21T10:05Z, or Unix seconds"},
	    {"schedule: {once: 2019-12-31T23:59Z}", "is before 2020"},
	};

	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct timing timing;
		struct error err;

		assert_int_equal(read_text(&timing, wrong[i].yaml, &err), -1);
		assert_says(&err, wrong[i].says);
	}
}

static void
timing_refuses_a_plan_that_cannot_be(void **state)
{
	static const struct {
		const char *json, *says;
	} wrong[] = {
	    {"{}", "\"kind\""},
	    {"{\"kind\":3}", "\"kind\""},
	    {"{\"kind\":\"hourly\",\"every\":60}",
		"member \"kind\": \"hourly\""},
	    {"{\"kind\":\"uniform\"}", "\"every\""},
	    {"{\"kind\":\"uniform\",\"every\":\"60s\"}", "\"every\""},
	    {"{\"kind\":\"uniform\",\"every\":0}", "member \"every\": 0 s"},
	    {"{\"kind\":\"uniform\",\"every\":-1}", "from 100ms to 366d"},
	    {"{\"kind\":\"uniform\",\"every\":1e300}", "from 100ms to 366d"},
	    {"{\"kind\":\"continuous\",\"every\":60}", "\"report\""},
	    {"{\"kind\":\"continuous\",\"report\":0}", "from 1s to 1d"},
	    {"{\"kind\":\"once\",\"every\":60}", "\"at\""},
	    {"{\"kind\":\"once\",\"at\":-5}", "from 1970 to 2116"},
	    {"{\"kind\":\"once\",\"at\":4.7e9}", "from 1970 to 2116"},
	};

	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct timing timing;
		struct error err;

		assert_int_equal(parse_text(&timing, wrong[i].json, &err), -1);
		assert_says(&err, wrong[i].says);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(timing_is_read_from_a_fleet_file),
	    cmocka_unit_test(timing_goes_to_json_and_back),
	    cmocka_unit_test(timing_names_what_is_wrong_in_a_fleet_file),
	    cmocka_unit_test(timing_refuses_a_plan_that_cannot_be),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
