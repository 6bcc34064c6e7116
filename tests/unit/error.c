/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/error.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
error_takes_the_cause_from_errno(void **state)
{
	struct error err;

	errno = ENOENT;
	assert_int_equal(error_set(&err, "%s: %m", "/a"), -1);
	assert_string_equal(err.text, "/a: No such file or directory");
	assert_int_equal(errno, ENOENT);
}

static void
error_puts_the_place_before(void **state)
{
	struct error err;

	error_set(&err, "missing");
	assert_int_equal(error_place(&err, "line %d", 3), -1);
	assert_int_equal(error_place(&err, "a.yaml"), -1);
	assert_string_equal(err.text, "a.yaml: line 3: missing");
}

static void
error_may_quote_itself(void **state)
{
	struct error err;

	error_set(&err, "cause");
	error_set(&err, "first %s", "second");
	error_place(&err, "%s", "place");
	assert_string_equal(err.text, "place: first second");
}

static void
error_cuts_what_is_too_long(void **state)
{
	char text[2000] = {0};
	struct error err;

	memset(text, 'x', sizeof(text) - 1);
	error_set(&err, "%s", text);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	error_place(&err, "%s", text);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

static void
error_needs_no_reader(void **state)
{
	assert_int_equal(error_set(NULL, "nobody reads this"), -1);
	assert_int_equal(error_place(NULL, "nor this"), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(error_takes_the_cause_from_errno),
	    cmocka_unit_test(error_puts_the_place_before),
	    cmocka_unit_test(error_may_quote_itself),
	    cmocka_unit_test(error_cuts_what_is_too_long),
	    cmocka_unit_test(error_needs_no_reader),
	};

	return (cmocka_run_group_tests_name("error", tests, NULL, NULL));
}
