/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/timekeeper.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/timex.h>

#include <cmocka.h>

#include "common/vouch.h"
#include "tests/unit/loop.h"

static struct timex told;
static int verdict;
static int changes;

static int
adjtime_told(struct timex *kernel)
{
	*kernel = told;
	return (verdict);
}

static void
on_change(void *arg)
{
	changes++;
}

static void
tell(int state, int status, long maxerror)
{
	verdict = state;
	told = (struct timex){
	    .status = status, .maxerror = maxerror, .tick = 10000};
}

/* Nobody is at these ports. */
static struct timekeeper *
keep(struct event_base *base)
{
	const struct timekeeper_about about = {
	    .changed = on_change,
	    .chrony_socket = "/nowhere/chronyd.sock",
	    .chrony_port = 1,
	    .gpsd_port = 1,
	    .adjtime = adjtime_told,
	};

	changes = 0;
	return (timekeeper_new(base, &about));
}

static void
settle(struct event_base *base, struct timekeeper *keeper)
{
	const struct timeval tick = {.tv_usec = 10000};
	nanoseconds deadline = clock_monotonic() + 10 * NS_PER_S;

	while (!timekeeper_settled(keeper)) {
		assert_true(clock_monotonic() < deadline);
		event_base_loopexit(base, &tick);
		event_base_dispatch(base);
	}
}

static void
the_kernel_is_heard_where_nobody_else_is(void **state)
{
	struct timekeeper *keeper;
	const struct discipline *clock;

	tell(TIME_OK, STA_PLL, 2000);
	keeper = keep(*state);
	clock = timekeeper_state(keeper);
	assert_string_equal(clock->source, "kernel"); /* at once */
	assert_float_equal(clock->error, 0.002, 0);
	assert_int_equal(changes, 0); /* from the loop only */
	settle(*state, keeper);
	assert_int_equal(changes, 1);
	assert_string_equal(clock->source, "kernel");
	assert_string_equal(clock->trouble, "");
	assert_true(clock->clocksource[0] != '\0');
	assert_int_equal(clock->steps.count, 0);
	tell(TIME_OK, STA_PLL, 3000);
	timekeeper_look(keeper);
	assert_float_equal(clock->error, 0.003, 0);
	timekeeper_free(keeper);
}

static void
a_kernel_that_is_let_go_is_held(void **state)
{
	struct timekeeper *keeper;
	const struct discipline *clock;
	double before;

	tell(TIME_OK, STA_PLL, 2000);
	keeper = keep(*state);
	clock = timekeeper_state(keeper);
	before = discipline_error_at(clock, clock_monotonic());
	tell(TIME_ERROR, STA_UNSYNC, 16000000);
	timekeeper_look(keeper);
	settle(*state, keeper);
	assert_string_equal(clock->source, "kernel");
	assert_true(clock->held);
	assert_true(discipline_error_at(clock, clock_monotonic()) > before);
	assert_non_null(strstr(clock->trouble, "has gone"));
	tell(TIME_OK, STA_PLL, 5000); /* it is back, and knows less */
	timekeeper_look(keeper);
	assert_false(clock->held);
	assert_float_equal(clock->error, 0.005, 0);
	timekeeper_free(keeper);
}

static void
without_anybody_there_is_no_bound(void **state)
{
	struct timekeeper *keeper;

	tell(TIME_ERROR, STA_UNSYNC, 16000000);
	keeper = keep(*state);
	settle(*state, keeper);
	assert_string_equal(timekeeper_state(keeper)->source, "none");
	assert_false(timekeeper_state(keeper)->bounded);
	assert_non_null(
	    strstr(timekeeper_state(keeper)->trouble, "install chrony"));
	timekeeper_free(keeper);
}

static void
a_word_counts_where_nobody_keeps_the_clock_and_is_not_held(void **state)
{
	const struct vouch_word word = {50 * NS_PER_US, "one host"};
	struct timekeeper *keeper;
	const struct discipline *clock;

	tell(TIME_ERROR, STA_UNSYNC, 16000000);
	keeper = keep(*state);
	clock = timekeeper_state(keeper);
	timekeeper_vouch(keeper, &word);
	assert_true(discipline_is_vouched(clock));
	settle(*state, keeper);
	for (int i = 0; i < 1000; i++)
		timekeeper_notice(keeper);
	assert_true(discipline_is_vouched(clock));
	assert_float_equal(clock->error, 50e-6, 0);
	tell(TIME_OK, STA_PLL, 2000); /* knows less */
	timekeeper_look(keeper);
	assert_true(discipline_is_vouched(clock));
	timekeeper_vouch(keeper, NULL);
	assert_string_equal(clock->source, "kernel");
	assert_false(clock->held);
	timekeeper_vouch(keeper, &word);
	tell(TIME_OK, STA_PLL, 20); /* knows more */
	timekeeper_look(keeper);
	assert_string_equal(clock->source, "kernel");
	timekeeper_free(keeper);
}

static void
a_clock_that_was_not_set_is_not_asked_after(void **state)
{
	struct timekeeper *keeper;

	tell(TIME_OK, STA_PLL, 2000);
	keeper = keep(*state);
	settle(*state, keeper);
	for (int i = 0; i < 1000; i++)
		timekeeper_notice(keeper);
	assert_true(timekeeper_settled(keeper));
	assert_int_equal(timekeeper_state(keeper)->steps.count, 0);
	timekeeper_free(keeper);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		the_kernel_is_heard_where_nobody_else_is, loop_make,
		loop_remove),
	    cmocka_unit_test_setup_teardown(
		a_kernel_that_is_let_go_is_held, loop_make, loop_remove),
	    cmocka_unit_test_setup_teardown(
		without_anybody_there_is_no_bound, loop_make, loop_remove),
	    cmocka_unit_test_setup_teardown(
		a_word_counts_where_nobody_keeps_the_clock_and_is_not_held,
		loop_make, loop_remove),
	    cmocka_unit_test_setup_teardown(
		a_clock_that_was_not_set_is_not_asked_after, loop_make,
		loop_remove),
	};

	return (cmocka_run_group_tests_name("timekeeper", tests, NULL, NULL));
}
