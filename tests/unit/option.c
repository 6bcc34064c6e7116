/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/option.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/member.h"

struct settings {
	bool quick;
	int64_t count, spacing, size, shape;
	double weight, part, rate, speed;
	char peer[8];
};

static const char *const shapes[] = {"fixed", "poisson", NULL};

#define AT(field) offsetof(struct settings, field)

static const struct setting table[] = {
    {"quick", OPTION_FLAG, "no", 0, 0, NULL, "skip the wait", AT(quick)},
    {"count", OPTION_COUNT, "10", 1, 65535, NULL, "packets", AT(count)},
    {"weight", OPTION_NUMBER, "0.5", -1, 1, NULL, "weight", AT(weight)},
    {"part", OPTION_RATIO, "10%", 0, 1, NULL, "part", AT(part)},
    {"spacing", OPTION_DURATION, "100ms", 0.001, 3600, NULL, "between two",
	AT(spacing)},
    {"size", OPTION_SIZE, "64", 8, 65507, NULL, "payload", AT(size)},
    {"rate", OPTION_RATE, "2/s", 0.1, 1000, NULL, "rate", AT(rate)},
    {"speed", OPTION_BITRATE, "10Mbit/s", 1000, 1e10, NULL, "speed", AT(speed)},
    {"shape", OPTION_CHOICE, "poisson", 0, 0, shapes, "gaps", AT(shape)},
    {"peer", OPTION_TEXT, "", 0, 7, NULL, "far end", AT(peer)},
    {0},
};
static const struct setting strict[] = {
    {"wait", OPTION_DURATION, NULL, 0, 60, NULL, "how long", 0},
    {0},
};

static json_object *
parse(const char *text)
{
	json_object *o = member_parse(text, strlen(text), NULL);

	assert_non_null(o);
	return (o);
}

static void
option_loads_the_defaults(void **state)
{
	struct settings s = {.quick = true, .peer = "unset"};

	assert_int_equal(option_load(table, &s, NULL, NULL), 0);
	assert_false(s.quick);
	assert_int_equal(s.count, 10);
	assert_true(s.weight == 0.5);
	assert_true(s.part == 0.1);
	assert_int_equal(s.spacing, 100 * NS_PER_MS);
	assert_int_equal(s.size, 64);
	assert_true(s.rate == 2);
	assert_true(s.speed == 1e7);
	assert_int_equal(s.shape, 1);
	assert_string_equal(s.peer, "");
}

static void
option_loads_values_over_defaults(void **state)
{
	json_object *o = parse("{\"quick\":true,\"count\":3,\"spacing\":1.5,"
			       "\"shape\":\"fixed\",\"peer\":\"1234567\","
			       "\"rate\":1,\"weight\":-0.25}");
	struct settings s;

	assert_int_equal(option_load(table, &s, o, NULL), 0);
	assert_true(s.quick);
	assert_int_equal(s.count, 3);
	assert_int_equal(s.spacing, 1500 * NS_PER_MS);
	assert_int_equal(s.shape, 0);
	assert_string_equal(s.peer, "1234567");
	assert_true(s.rate == 1);
	assert_true(s.weight == -0.25);
	assert_int_equal(s.size, 64);
	json_object_put(o);
}

static void
option_refuses_wrong_json(void **state)
{
	static const char *const bad[] = {"{\"quick\":1}", "{\"count\":0}",
	    "{\"count\":10.0}", "{\"count\":\"10\"}", "{\"count\":null}",
	    "{\"spacing\":\"100ms\"}", "{\"spacing\":4000}", "{\"size\":7}",
	    "{\"shape\":\"round\"}", "{\"shape\":0}", "{\"peer\":\"12345678\"}",
	    "{\"peer\":\"a\\u0000b\"}", "{\"peer\":5}", "{\"colour\":1}", "[]"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_object *o = parse(bad[i]);
		struct settings s;

		if (option_load(table, &s, o, NULL) == 0)
			fail_msg("accepts %s", bad[i]);
		json_object_put(o);
	}
}

static void
refuses(const struct setting *rows, const char *json, const char *text)
{
	json_object *o = parse(json);
	struct error err;

	assert_int_equal(option_check(rows, o, &err), -1);
	assert_string_equal(err.text, text);
	json_object_put(o);
}

static void
option_says_what_was_expected(void **state)
{
	refuses(table, "{\"count\":0}",
	    "option count: 0: expected a whole number from 1 to 65535");
	refuses(strict, "{}",
	    "option wait: missing: expected a duration from 0s to 1m");
	refuses(strict, "{\"speed\":1}",
	    "option speed: unknown, expected one of: wait");
}

static void
option_reads_what_people_write(void **state)
{
	static const struct {
		const char *name, *text, *json;
	} cases[] = {
	    {"quick", "yes", "true"},
	    {"quick", "off", "false"},
	    {"count", "65535", "65535"},
	    {"weight", "-1", "-1"},
	    {"part", "1%", "0.01"},
	    {"part", "0.25", "0.25"},
	    {"spacing", "35.1ms", "0.0351"},
	    {"spacing", "1h", "3600"},
	    {"size", "1kB", "1000"},
	    {"rate", "30/m", "0.5"},
	    {"speed", "1Gbit/s", "1000000000"},
	    {"shape", "fixed", "\"fixed\""},
	    {"peer", "lon", "\"lon\""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_object *o = option_json(
		    option_find(table, cases[i].name), cases[i].text, NULL);

		assert_non_null(o);
		assert_string_equal(
		    json_object_to_json_string(o), cases[i].json);
		json_object_put(o);
	}
}

static void
option_writes_what_it_reads_back(void **state)
{
	struct settings before, after = {0};
	json_object *values =
	    parse("{\"quick\":true,\"count\":7,\"weight\":-0.25,\"part\":0.01,"
		  "\"spacing\":0.0351,\"size\":1000,\"rate\":0.5,"
		  "\"speed\":9600,\"shape\":\"fixed\",\"peer\":\"a b\"}");
	json_object *written = json_object_new_object();

	assert_int_equal(option_load(table, &before, values, NULL), 0);
	for (const struct setting *row = table; row->name != NULL; row++) {
		char *text = option_text(row, &before);

		json_object_object_add(
		    written, row->name, option_json(row, text, NULL));
		free(text);
	}
	assert_int_equal(option_load(table, &after, written, NULL), 0);
	assert_true(after.quick && after.count == 7 && after.weight == -0.25);
	assert_true(after.part == 0.01);
	assert_true(after.spacing == 35100000 && after.size == 1000);
	assert_true(after.rate == 0.5 && after.speed == 9600);
	assert_true(after.shape == 0);
	assert_string_equal(after.peer, "a b");
	json_object_put(values);
	json_object_put(written);
}

static void
option_changes_only_what_is_given(void **state)
{
	json_object *good = parse("{\"count\":7,\"part\":0.5}");
	json_object *bad = parse("{\"count\":9,\"part\":2}");
	struct settings s;
	struct error err;

	assert_int_equal(option_load(table, &s, NULL, NULL), 0);
	s.size = 99;
	assert_int_equal(option_change(table, &s, good, NULL), 0);
	assert_int_equal(option_change(table, &s, bad, &err), -1);
	assert_string_equal(
	    err.text, "option part: 2: expected a ratio from 0 to 1");
	assert_int_equal(option_change(table, &s, NULL, NULL), 0);
	assert_true(s.count == 7 && s.part == 0.5 && s.size == 99);
	assert_int_equal(option_change(strict, &s, NULL, NULL), 0);
	json_object_put(good);
	json_object_put(bad);
}

static void
option_refuses_what_people_should_not_write(void **state)
{
	static const struct {
		const char *name, *text, *message;
	} cases[] = {
	    {"spacing", "10", "\"10\": expected a duration from 1ms to 1h"},
	    {"count", "1e9",
		"\"1e9\": expected a whole number from 1 to 65535"},
	    {"part", "101%", "\"101%\": expected a ratio from 0 to 1"},
	    {"quick", "maybe", "\"maybe\": expected yes or no"},
	    {"shape", "round", "\"round\": expected one of: fixed, poisson"},
	    {"peer", "12345678",
		"\"12345678\": expected text of at most 7 bytes"},
	    {"rate", "0/s", "\"0/s\": expected a rate from 6/m to 1000/s"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error err;

		assert_null(option_json(
		    option_find(table, cases[i].name), cases[i].text, &err));
		assert_string_equal(err.text, cases[i].message);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(option_loads_the_defaults),
	    cmocka_unit_test(option_loads_values_over_defaults),
	    cmocka_unit_test(option_refuses_wrong_json),
	    cmocka_unit_test(option_says_what_was_expected),
	    cmocka_unit_test(option_reads_what_people_write),
	    cmocka_unit_test(option_writes_what_it_reads_back),
	    cmocka_unit_test(option_changes_only_what_is_given),
	    cmocka_unit_test(option_refuses_what_people_should_not_write),
	};

	return (cmocka_run_group_tests_name("option", tests, NULL, NULL));
}
