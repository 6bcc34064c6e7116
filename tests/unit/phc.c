/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/phc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"

#define AT (INT64_C(1795300000) * NS_PER_S)

/* The card is ahead by so much, and is read in the middle of the call. */
static struct phc_reading
reading(nanoseconds ahead, nanoseconds took)
{
	return ((struct phc_reading){AT, AT + took / 2 + ahead, AT + took});
}

static void
the_closest_readings_count(void **state)
{
	const struct phc_reading readings[] = {
	    reading(700, 90000),
	    reading(500, 4000),
	    reading(900, 300000),
	};
	struct phc_offset offset;

	assert_true(phc_judge(&offset, readings, 3));
	assert_int_equal(offset.offset, 500);
	assert_int_equal(offset.error, 2000);
	assert_int_equal(offset.whole, 0);
}

/* Wherever between the two the card was read, it is in the bound. */
static void
the_bound_holds_at_both_ends(void **state)
{
	struct phc_reading early = {AT, AT - 70, AT + 1001};
	struct phc_reading late = {AT, AT + 1001 - 70, AT + 1001};
	struct phc_offset offset;

	assert_true(phc_judge(&offset, &early, 1));
	assert_true(offset.offset - offset.error <= -70 &&
		    offset.offset + offset.error >= -70);
	assert_true(phc_judge(&offset, &late, 1));
	assert_true(offset.offset - offset.error <= -70 &&
		    offset.offset + offset.error >= -70);
}

static void
a_card_may_keep_tai(void **state)
{
	struct phc_reading tai = reading(37 * NS_PER_S + 1234, 4000);
	struct phc_reading wrong = reading(37 * NS_PER_S + NS_PER_S / 2, 4000);
	struct phc_offset offset;

	assert_true(phc_judge(&offset, &tai, 1));
	assert_int_equal(offset.whole, 37);
	assert_int_equal(offset.offset, 37 * NS_PER_S + 1234);
	assert_true(phc_judge(&offset, &wrong, 1));
	assert_int_equal(offset.whole, 0);
}

static void
a_clock_that_runs_back_is_none(void **state)
{
	struct phc_reading back[] = {reading(0, -5), reading(0, -NS_PER_S)};
	struct phc_offset offset;

	assert_false(phc_judge(&offset, back, 2));
	assert_false(phc_judge(&offset, back, 0));
}

static void
what_is_no_card_is_named(void **state)
{
	struct phc_offset offset;
	struct error err;

	assert_int_equal(phc_read("/nowhere/ptp0", &offset, &err), -1);
	assert_non_null(strstr(err.text, "/nowhere/ptp0: No such file"));
	assert_int_equal(phc_read("/dev/null", &offset, &err), -1);
	assert_non_null(strstr(err.text, "/dev/null: its offset"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_closest_readings_count),
	    cmocka_unit_test(the_bound_holds_at_both_ends),
	    cmocka_unit_test(a_card_may_keep_tai),
	    cmocka_unit_test(a_clock_that_runs_back_is_none),
	    cmocka_unit_test(what_is_no_card_is_named),
	};

	return (cmocka_run_group_tests_name("phc", tests, NULL, NULL));
}
