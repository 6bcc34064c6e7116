/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
name_accepts_what_the_rule_says(void **state)
{
	char longest[NAME_TEXT] = {0};

	memset(longest, 'x', NAME_TEXT - 1);
	assert_true(name_valid("a"));
	assert_true(name_valid("9"));
	assert_true(name_valid("nyc-1.example"));
	assert_true(name_valid(longest));
}

static void
name_never_leaves_a_folder_or_a_segment(void **state)
{
	static const char *const bad[] = {"", ".", "..", "a..b", ".a", "-a",
	    "a/b", "a b", "A", "a_b", "a%2f", "caf\xc3\xa9", "a:b", "a\n"};
	char too_long[NAME_TEXT + 1] = {0};

	memset(too_long, 'x', NAME_TEXT);
	assert_false(name_valid(too_long));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (name_valid(bad[i]))
			fail_msg("accepts \"%s\"", bad[i]);
}

static void
name_of_a_target_may_be_an_address(void **state)
{
	assert_true(name_valid_target("www.example.org"));
	assert_true(name_valid_target("192.0.2.1"));
	assert_true(name_valid_target("2001:db8::1"));
	assert_true(name_valid_target("::1"));
	assert_false(name_valid_target("../etc"));
	assert_false(name_valid_target("a/b"));
	assert_false(name_valid_target(""));
}

static void
name_lists_are_searched_and_joined(void **state)
{
	static const char *const names[] = {"less", "more", NULL};
	static const char *const none[] = {NULL};
	char *all = name_join(names);

	assert_string_equal(all, "less, more");
	free(all);
	all = name_join(none);
	assert_string_equal(all, "");
	free(all);
	assert_int_equal(name_index(names, "more"), 1);
	assert_int_equal(name_index(names, "mor"), -1);
}

static void
name_that_was_meant_is_found(void **state)
{
	static const char *const names[] = {
	    "members", "mesh", "metric", "to", "from", NULL};
	static const char *const none[] = {NULL};
	char too_long[NAME_TEXT + 1] = {0};

	assert_string_equal(name_nearest(names, "membrs"), "members");
	assert_string_equal(name_nearest(names, "memebrs"), "members");
	assert_string_equal(name_nearest(names, "metrics"), "metric");
	assert_string_equal(name_nearest(names, "form"), "from");
	assert_string_equal(name_nearest(names, "ot"), "to");
	assert_null(name_nearest(names, "source"));
	assert_null(name_nearest(names, "x"));
	assert_null(name_nearest(names, ""));
	assert_null(name_nearest(none, "to"));
	memset(too_long, 'x', NAME_TEXT);
	assert_null(name_nearest(names, too_long));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(name_accepts_what_the_rule_says),
	    cmocka_unit_test(name_never_leaves_a_folder_or_a_segment),
	    cmocka_unit_test(name_of_a_target_may_be_an_address),
	    cmocka_unit_test(name_lists_are_searched_and_joined),
	    cmocka_unit_test(name_that_was_meant_is_found),
	};

	return (cmocka_run_group_tests_name("name", tests, NULL, NULL));
}
