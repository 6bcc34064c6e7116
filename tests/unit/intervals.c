/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/intervals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MINUTE (60 * NS_PER_S)
#define NOW (INT64_C(1795300000) * NS_PER_S) /* 40 s into a minute */
#define EDGE (NOW + 20 * NS_PER_S)

/* A host whose clocks the test turns: monotonic time is since NOW. */
static struct {
	struct intervals intervals;
	nanoseconds monotonic, step;
	struct intervals_over over;
} host;

static int
begin(void **state)
{
	host.monotonic = host.step = 0;
	intervals_begin(&host.intervals, MINUTE, NOW, 0);
	return (0);
}

static enum intervals_news
look(nanoseconds passed)
{
	host.monotonic += passed;
	return (intervals_look(&host.intervals,
	    NOW + host.monotonic + host.step, host.monotonic, &host.over));
}

static void
assert_over(nanoseconds from, nanoseconds to)
{
	assert_int_equal(host.over.from, from);
	assert_int_equal(host.over.to, to);
}

static void
intervals_end_at_multiples_without_a_hole(void **state)
{
	nanoseconds from = NOW;

	assert_int_equal(look(0), INTERVALS_GO_ON);
	assert_int_equal(intervals_next(&host.intervals), 20 * NS_PER_S);
	assert_int_equal(look(20 * NS_PER_S - 1), INTERVALS_GO_ON);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(look(i == 0 ? 1 : MINUTE), INTERVALS_OVER);
		assert_over(from, EDGE + i * MINUTE);
		assert_true(
		    intervals_report(&host.intervals, from, host.over.to));
		from = host.over.to;
		assert_int_equal(look(0), INTERVALS_GO_ON);
	}
}

static void
a_late_look_moves_no_end(void **state)
{
	assert_int_equal(look(50 * NS_PER_S), INTERVALS_OVER);
	assert_over(NOW, EDGE);
	assert_int_equal(intervals_next(&host.intervals), 80 * NS_PER_S);
}

static void
reports_come_in_order_and_once(void **state)
{
	struct intervals *intervals = &host.intervals;

	assert_false(intervals_report(intervals, NOW, EDGE));
	assert_int_equal(intervals_deadline(intervals, NS_PER_S), INT64_MAX);
	look(20 * NS_PER_S);
	look(MINUTE);
	assert_int_equal(
	    intervals_deadline(intervals, 3 * NS_PER_S), 23 * NS_PER_S);
	assert_false(intervals_report(intervals, EDGE, EDGE + MINUTE));
	assert_false(intervals_report(intervals, NOW, EDGE + MINUTE));
	assert_true(intervals_report(intervals, NOW, EDGE));
	assert_false(intervals_report(intervals, NOW, EDGE));
	assert_true(intervals_report(intervals, EDGE, EDGE + MINUTE));
	assert_false(
	    intervals_report(intervals, EDGE + MINUTE, EDGE + 2 * MINUTE));
}

static void
a_slewed_clock_moves_the_next_end(void **state)
{
	host.step = -NS_PER_S;
	assert_int_equal(look(20 * NS_PER_S), INTERVALS_GO_ON);
	assert_int_equal(intervals_next(&host.intervals), 21 * NS_PER_S);
	assert_int_equal(look(NS_PER_S), INTERVALS_OVER);
	assert_over(NOW, EDGE);
	host.step += 3 * NS_PER_S / 2;
	assert_int_equal(look(59 * NS_PER_S), INTERVALS_OVER);
	assert_over(EDGE, EDGE + MINUTE);
}

/* Monotonic time stands still in a suspend: it is a step like any other. */
static void
a_suspend_or_a_forward_step_ends_it_where_it_was(void **state)
{
	look(20 * NS_PER_S);
	host.step = 8 * 3600 * NS_PER_S;
	assert_int_equal(look(15 * NS_PER_S), INTERVALS_BROKEN);
	assert_over(EDGE, EDGE + 15 * NS_PER_S);
}

static void
a_backward_step_ends_it_where_it_was(void **state)
{
	look(20 * NS_PER_S);
	host.step = -3600 * NS_PER_S;
	assert_int_equal(look(15 * NS_PER_S), INTERVALS_BROKEN);
	assert_over(EDGE, EDGE + 15 * NS_PER_S);
}

static void
a_step_that_is_seen_late_claims_no_more_than_the_interval(void **state)
{
	host.step = 3600 * NS_PER_S;
	assert_int_equal(look(40 * NS_PER_S), INTERVALS_BROKEN);
	assert_over(NOW, EDGE);
}

static void
a_process_that_was_stopped_for_whole_intervals_ends_it(void **state)
{
	assert_int_equal(look(20 * NS_PER_S + MINUTE), INTERVALS_BROKEN);
	assert_over(NOW, EDGE);
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(intervals_end_at_multiples_without_a_hole),
	    TEST(a_late_look_moves_no_end),
	    TEST(reports_come_in_order_and_once),
	    TEST(a_slewed_clock_moves_the_next_end),
	    TEST(a_suspend_or_a_forward_step_ends_it_where_it_was),
	    TEST(a_backward_step_ends_it_where_it_was),
	    TEST(a_step_that_is_seen_late_claims_no_more_than_the_interval),
	    TEST(a_process_that_was_stopped_for_whole_intervals_ends_it),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
