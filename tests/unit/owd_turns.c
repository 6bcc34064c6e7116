/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owd/turns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/error.h"
#include "tests/unit/loop.h"

#define MANY 500

struct mine {
	struct turn turn;
	nanoseconds at;
	int came;
};

static struct event_base *base;
static struct turns *turns;
static struct mine mine[MANY];
static nanoseconds last, first_came;
static int came;

static int
make(void **state)
{
	int result = loop_make(state);
	struct error err;

	base = *state;
	turns = turns_take(base, &err);
	assert_non_null(turns);
	last = came = 0;
	return (result);
}

static int
unmake(void **state)
{
	turns_give(turns);
	return (loop_remove(state));
}

static void
set(struct mine *it, nanoseconds at)
{
	it->at = at;
	turns_set(turns, &it->turn, at);
}

static void
come(void *arg)
{
	struct mine *it = arg;

	assert_true(clock_monotonic() >= it->at);
	assert_true(it->at >= last);
	last = it->at;
	if (came == 0)
		first_came = clock_monotonic();
	it->came++;
	came++;
}

static void
each_comes_once_in_the_order_of_their_times(void **state)
{
	nanoseconds now = clock_monotonic();

	srandom(1);
	for (int i = 0; i < MANY; i++) {
		mine[i] = (struct mine){{come, &mine[i], 0, false}, 0, 0};
		set(&mine[i], now + random() % (50 * NS_PER_MS));
	}
	/* some are dropped, from wherever they are, and one is set anew */
	for (int i = 0; i < MANY; i += 3)
		turns_drop(turns, &mine[i].turn);
	turns_drop(turns, &mine[0].turn);
	set(&mine[0], now - NS_PER_S);
	loop_count(base, &came, 1 + MANY - (MANY + 2) / 3);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(mine[i].came, i % 3 != 0 || i == 0);
}

static void
come_again(void *arg)
{
	struct mine *it = arg;

	it->came++;
	set(it, it->at); /* long ago */
}

/* Much later than any machine is. */
#define FAR_OFF (20 * NS_PER_S)

static void
set_slack(struct mine *it, nanoseconds at, nanoseconds slack)
{
	*it = (struct mine){.turn = {come, it, slack, false}};
	set(it, at);
}

/* Nobody before the last of them is due. */
static void
who_has_slack_waits_for_others(void **state)
{
	nanoseconds begin = clock_monotonic() + 20 * NS_PER_MS;

	set_slack(&mine[0], begin, 10 * NS_PER_MS);
	set_slack(&mine[1], begin + 8 * NS_PER_MS, 10 * NS_PER_MS);
	set_slack(&mine[2], begin + 4 * NS_PER_MS, 10 * NS_PER_MS);
	set_slack(&mine[3], begin + FAR_OFF, 0);
	loop_count(base, &came, 3);
	assert_true(first_came >= mine[1].at);
	assert_true(first_came < mine[3].at);
	turns_drop(turns, &mine[3].turn);
}

static void
who_has_none_is_waited_for_and_waits_for_nobody(void **state)
{
	nanoseconds begin = clock_monotonic() + 20 * NS_PER_MS;

	set_slack(&mine[0], begin, 2 * FAR_OFF);
	set_slack(&mine[1], begin + 8 * NS_PER_MS, 0);
	set_slack(&mine[2], begin + FAR_OFF, 0);
	loop_count(base, &came, 2);
	assert_true(first_came >= mine[1].at);
	assert_true(first_came < mine[2].at);
	turns_drop(turns, &mine[2].turn);
}

static void
who_is_alone_does_not_wait(void **state)
{
	nanoseconds begin = clock_monotonic();

	set_slack(&mine[0], begin + NS_PER_MS, FAR_OFF);
	set_slack(&mine[1], begin + 2 * FAR_OFF, 0);
	loop_count(base, &came, 1);
	assert_true(first_came < begin + FAR_OFF);
	turns_drop(turns, &mine[1].turn);
}

static void
count_up(evutil_socket_t fd, short what, void *arg)
{
	int *count = arg;

	++*count;
}

/* Not even who is always late keeps the loop from the others. */
static void
others_have_their_time(void **state)
{
	struct event *event = event_new(base, -1, EV_PERSIST, count_up, &came);
	static const struct timeval soon = {.tv_usec = 1000};

	mine[0] = (struct mine){{come_again, &mine[0], 0, false}, 0, 0};
	set(&mine[0], clock_monotonic() - NS_PER_S);
	event_add(event, &soon);
	loop_count(base, &came, 10);
	assert_true(mine[0].came > 10);
	turns_drop(turns, &mine[0].turn);
	event_free(event);
}

static void
a_turn_may_drop_another(void *arg)
{
	turns_drop(turns, &mine[1].turn);
	came++;
}

static void
what_was_dropped_in_a_turn_does_not_come(void **state)
{
	nanoseconds now = clock_monotonic();

	mine[0].turn = (struct turn){a_turn_may_drop_another, NULL, 0, false};
	mine[1] = (struct mine){{come, &mine[1], 0, false}, 0, 0};
	mine[2] = (struct mine){{come, &mine[2], 0, false}, 0, 0};
	set(&mine[0], now);
	set(&mine[1], now + 1);
	set(&mine[2], now + 2);
	loop_count(base, &came, 2);
	assert_int_equal(mine[1].came, 0);
	assert_int_equal(mine[2].came, 1);
}

static void
one_loop_has_one(void **state)
{
	struct turns *same = turns_take(base, NULL), *other;
	struct event_base *another = event_base_new();

	other = turns_take(another, NULL);
	assert_ptr_equal(same, turns);
	assert_ptr_not_equal(other, turns);
	turns_give(same);
	turns_give(other);
	event_base_free(another);
}

#define test(f) cmocka_unit_test_setup_teardown(f, make, unmake)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    test(each_comes_once_in_the_order_of_their_times),
	    test(who_has_slack_waits_for_others),
	    test(who_has_none_is_waited_for_and_waits_for_nobody),
	    test(who_is_alone_does_not_wait),
	    test(others_have_their_time),
	    test(what_was_dropped_in_a_turn_does_not_come),
	    test(one_loop_has_one),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
