/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/lasts.h"
#include "common/member.h"
#include "common/option.h"

static const struct setting table[] = {
    {"count", OPTION_COUNT, "10", 1, 100, NULL, "how many", 0},
    {"spacing", OPTION_DURATION, "100ms", 0, 10, NULL, "how far apart", 0},
    {"timeout", OPTION_DURATION, "2s", 0, 10, NULL, "how long", 0},
    {"how", OPTION_TEXT, "well", 0, 10, NULL, "a text", 0},
    {NULL},
};

static double
seconds(const char *formula, json_object *values)
{
	struct error err = {""};
	double value;

	if (lasts_seconds(formula, table, values, &value, &err) == -1)
		fail_msg("%s", err.text);
	return (value);
}

static void
formula_uses_defaults_and_given_options(void **state)
{
	json_object *values = json_object_new_object();

	assert_float_equal(seconds("count*spacing+timeout", NULL), 3.0, 1e-12);
	member_add_whole(values, "count", 20);
	assert_float_equal(
	    seconds(" 0.5 + count * spacing * 2", values), 4.5, 1e-12);
	assert_float_equal(
	    seconds("count / 4 * 2 + timeout/timeout", values), 11, 1e-12);
	json_object_put(values);
}

static void
wrong_formula_is_refused(void **state)
{
	static const char *const wrong[] = {"", "nosuch", "count*", "count-1",
	    "+count", "count spacing", "how", "count*spacing+", "count/",
	    "count/0"};
	double value;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(
		    lasts_seconds(wrong[i], table, NULL, &value, NULL), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(formula_uses_defaults_and_given_options),
	    cmocka_unit_test(wrong_formula_is_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
