/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/states.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define FOUND (1000 * NS_PER_S)
#define AFTER (60 * NS_PER_S)

/* A fresh one. */
static const struct state_facts fine = {
    .tested = true,
    .outcome = OUTCOME_MEASURED,
    .finding = FOUND,
    .stale_after = AFTER,
};

static void
what_grows_old_becomes_stale_by_itself(void **state)
{
	struct state_facts facts = fine;

	assert_int_equal(state_of(&facts, FOUND), STATE_OK);
	assert_int_equal(state_of(&facts, FOUND + AFTER), STATE_OK);
	assert_int_equal(state_of(&facts, FOUND + AFTER + 1), STATE_STALE);
	facts.outcome = OUTCOME_NO_ANSWER;
	assert_int_equal(state_of(&facts, FOUND + AFTER), STATE_UNREACHABLE);
	assert_int_equal(state_of(&facts, FOUND + AFTER + 1), STATE_STALE);
}

static void
of_a_silent_box_all_is_stale_however_fresh(void **state)
{
	struct state_facts facts = fine;

	facts.silent = true;
	assert_int_equal(state_of(&facts, FOUND), STATE_STALE);
	facts.outcome = OUTCOME_NO_ANSWER;
	assert_int_equal(state_of(&facts, FOUND), STATE_STALE);
	facts.outcome = OUTCOME_MEASURED;
	facts.doubted = true;
	assert_int_equal(state_of(&facts, FOUND), STATE_STALE);
}

static void
nothing_found_is_no_data_and_no_zero(void **state)
{
	struct state_facts facts = fine;

	facts.finding = 0;
	assert_int_equal(state_of(&facts, FOUND), STATE_NO_DATA);
	facts.silent = true;
	assert_int_equal(state_of(&facts, FOUND), STATE_NO_DATA);
	facts.tested = false;
	assert_int_equal(state_of(&facts, FOUND), STATE_UNTESTED);
	facts.self = true;
	assert_int_equal(state_of(&facts, FOUND), STATE_SELF);
}

static void
clocks_that_cannot_carry_a_value_mark_it(void **state)
{
	struct state_facts facts = fine;

	facts.doubted = true;
	assert_int_equal(state_of(&facts, FOUND), STATE_CLOCK);
	facts.outcome = OUTCOME_NO_ANSWER; /* then there is no value */
	assert_int_equal(state_of(&facts, FOUND), STATE_UNREACHABLE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_grows_old_becomes_stale_by_itself),
	    cmocka_unit_test(of_a_silent_box_all_is_stale_however_fresh),
	    cmocka_unit_test(nothing_found_is_no_data_and_no_zero),
	    cmocka_unit_test(clocks_that_cannot_carry_a_value_mark_it),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
