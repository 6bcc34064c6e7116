/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/member.h"

#include <float.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static json_object *
parse(const char *text)
{
	struct error err;
	json_object *o = member_parse(text, strlen(text), &err);

	if (o == NULL)
		fail_msg("%s: %s", text, err.text);
	return (o);
}

static void
member_parses_plain_json(void **state)
{
	static const char *const good[] = {"{}", "[]", "0", "-1.5e-3", "true",
	    "\"x\"", " {\"a\":[1,2,{\"b\":null}]} \r\n\t",
	    "\"\xe7\xba\xbd\xe7\xba\xa6\"", "\"\\u7ebd\"",
	    "\"it's \\\\ 01 1. \\\"\"", "-9223372036854775808",
	    "[1e5,0,-0.0,10]"};

	for (size_t i = 0; i < COUNT(good); i++)
		json_object_put(parse(good[i]));
}

static void
member_refuses_what_is_not_json(void **state)
{
	static const char *const bad[] = {"", " ", "{", "{\"a\":1", "[1,]",
	    "{\"a\":1,}", "{a:1}", "{'a':1}", "'a'", "NaN", "[NaN]", "Infinity",
	    "-Infinity", "[-Infinity]", "1e999", "[-1e999]",
	    "{\"a\":{\"b\":[1e400]}}", "{} {}", "{}x", "1 2", "tru", "True",
	    "/* a */ 1", "1 // a", "\"\xff\"", "\"\xc3\"", "{\"\xff\":1}", "01",
	    "1.", ".5", "+1", "\"a", "nul", "-", "null", "-01", "[01]", "[1.]",
	    "1.e5", "\"a\nb\"", "99999999999999999999", "-99999999999999999999",
	    "{\"a\":18446744073709551615}", "\"\\"};

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct error err = {""};
		json_object *o = member_parse(bad[i], strlen(bad[i]), &err);

		if (o != NULL)
			fail_msg("accepts %s", bad[i]);
		assert_memory_equal(err.text, "JSON: ", 6);
	}
}

static void
member_refuses_bytes_behind_a_nul(void **state)
{
	assert_null(member_parse("{}\0{}", 5, NULL));
	assert_null(member_parse("1\0", 2, NULL));
	assert_null(member_parse("\0", 1, NULL));
}

static void
member_reads_no_further_than_told(void **state)
{
	char *text = malloc(4); /* so that a sanitizer sees an overrun */
	json_object *o;

	assert_non_null(text);
	memcpy(text, "1234", 4);
	assert_non_null(o = member_parse(text, 4, NULL));
	assert_int_equal(json_object_get_int64(o), 1234);
	json_object_put(o);
	free(text);
}

static void
nest(char *text, int depth)
{
	memset(text, '[', (size_t)depth);
	text[depth] = '1';
	memset(text + depth + 1, ']', (size_t)depth);
	text[2 * depth + 1] = '\0';
}

static void
member_limits_the_depth(void **state)
{
	char text[2 * MEMBER_DEPTH + 4];

	nest(text, MEMBER_DEPTH);
	json_object_put(parse(text));
	nest(text, MEMBER_DEPTH + 1);
	assert_null(member_parse(text, strlen(text), NULL));
}

static void
member_hands_out_each_type(void **state)
{
	json_object *o = parse("{\"t\":\"x\",\"n\":1.5,\"w\":3,\"f\":true,"
			       "\"o\":{},\"a\":[]}");
	json_object *child;
	const char *text;
	double number;
	int64_t whole;
	bool flag;

	assert_int_equal(member_text(o, "t", &text, NULL), 0);
	assert_string_equal(text, "x");
	assert_int_equal(member_number(o, "n", &number, NULL), 0);
	assert_true(number == 1.5);
	assert_int_equal(member_number(o, "w", &number, NULL), 0);
	assert_true(number == 3);
	assert_int_equal(member_whole(o, "w", &whole, NULL), 0);
	assert_int_equal(whole, 3);
	assert_int_equal(member_flag(o, "f", &flag, NULL), 0);
	assert_true(flag);
	assert_int_equal(member_object(o, "o", &child, NULL), 0);
	assert_int_equal(member_array(o, "a", &child, NULL), 0);
	json_object_put(o);
}

static void
member_says_what_it_expected(void **state)
{
	json_object *o = parse("{\"start\":\"soon\",\"w\":1.0}");
	struct error err;
	double number;
	int64_t whole;

	assert_int_equal(member_number(o, "start", &number, &err), -1);
	assert_string_equal(err.text, "member \"start\": expected a number");
	assert_int_equal(member_number(o, "end", &number, &err), -1);
	assert_string_equal(
	    err.text, "member \"end\": missing, expected a number");
	assert_int_equal(member_whole(o, "w", &whole, &err), -1);
	assert_string_equal(err.text, "member \"w\": expected a whole number");
	json_object_put(o);
}

static void
member_cuts_nothing(void **state)
{
	json_object *o = parse("{\"nul\":\"a\\u0000b\","

			       "\"most\":9223372036854775807}");
	const char *text;
	int64_t whole;

	assert_int_equal(member_text(o, "nul", &text, NULL), -1);
	assert_int_equal(member_whole(o, "most", &whole, NULL), 0);
	assert_true(whole == INT64_MAX);
	json_object_put(o);
}

static void
member_falls_back(void **state)
{
	json_object *o = parse("{\"a\":null,\"b\":[]}");

	assert_null(member_get(o, "a"));
	assert_null(member_get(NULL, "a"));
	assert_null(member_get(member_get(o, "b"), "c"));
	assert_string_equal(member_text_or(o, "a", "x"), "x");
	assert_true(member_number_or(o, "b", 2.5) == 2.5);
	assert_int_equal(member_whole_or(NULL, "b", 7), 7);
	json_object_put(o);
}

static void
expect_json(json_object *o, const char *text)
{
	assert_string_equal(
	    json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN), text);
	json_object_put(o);
}

static void
member_writes_durations_exactly(void **state)
{
	json_object *o = json_object_new_object();

	member_add_duration(o, "a", INT64_C(1795300000123456789));
	member_add_duration(o, "b", -1);
	member_add_duration(o, "c", INT64_C(-60000000000));
	member_add_duration(o, "d", 0);
	member_add_duration(o, "e", INT64_MIN);
	expect_json(o,
	    "{\"a\":1795300000.123456789,\"b\":-0.000000001,\"c\":-60,"
	    "\"d\":0,\"e\":-9223372036.854775808}");
}

static void
member_writes_the_shortest_number(void **state)
{
	expect_json(member_new_number(0.1), "0.1");
	expect_json(member_new_number(100), "100");
	expect_json(member_new_number(0.1 + 0.2), "0.30000000000000004");
	expect_json(member_new_number(-0.0), "0");
	expect_json(member_new_number(DBL_MAX), "1.7976931348623157e+308");
	expect_json(member_new_number(5e-324), "4.94065645841247e-324");
}

static void
member_leaves_out_absent_text(void **state)
{
	json_object *o = json_object_new_object();

	member_add_text(o, "a", NULL);
	member_add_text(o, "b", "x");
	member_add_whole(o, "c", INT64_MIN);
	member_add_number(o, "d", 0.5);
	expect_json(o, "{\"b\":\"x\",\"c\":-9223372036854775808,\"d\":0.5}");
}

static void
member_repairs_text_that_is_not_utf8(void **state)
{
	static const struct {
		const char *text, *json;
	} cases[] = {
	    {"\xe7\xba\xbd \xf0\x9f\x98\x80", "\"纽 \xf0\x9f\x98\x80\""},
	    {"cut \xe7\xba", "\"cut ??\""}, {"\xff\x80", "\"??\""},
	    {"\xc0\xaf", "\"??\""},           /* overlong */
	    {"\xed\xa0\x80", "\"???\""},      /* a surrogate */
	    {"\xf4\x90\x80\x80", "\"????\""}, /* beyond Unicode */
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		expect_json(member_new_text(cases[i].text), cases[i].json);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(member_parses_plain_json),
	    cmocka_unit_test(member_refuses_what_is_not_json),
	    cmocka_unit_test(member_refuses_bytes_behind_a_nul),
	    cmocka_unit_test(member_reads_no_further_than_told),
	    cmocka_unit_test(member_limits_the_depth),
	    cmocka_unit_test(member_hands_out_each_type),
	    cmocka_unit_test(member_says_what_it_expected),
	    cmocka_unit_test(member_cuts_nothing),
	    cmocka_unit_test(member_falls_back),
	    cmocka_unit_test(member_writes_durations_exactly),
	    cmocka_unit_test(member_writes_the_shortest_number),
	    cmocka_unit_test(member_leaves_out_absent_text),
	    cmocka_unit_test(member_repairs_text_that_is_not_utf8),
	};

	return (cmocka_run_group_tests_name("member", tests, NULL, NULL));
}
