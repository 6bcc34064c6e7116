/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/holders.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define START (1000 * NS_PER_S)
#define SECOND NS_PER_S

static const struct holder a = {"aaaaaaaaaaaaaaaa", "192.0.2.1"};
static const struct holder b = {"bbbbbbbbbbbbbbbb", "192.0.2.2"};
static const struct holder c = {"cccccccccccccccc", "192.0.2.3"};

static struct holders *holders;
static nanoseconds now;
static bool news;

static int
begin(void **state)
{
	holders = holders_new();
	now = START;
	return (0);
}

static int
end(void **state)
{
	holders_free(holders);
	return (0);
}

static enum holders_verdict
ask(const struct holder *who, bool connected)
{
	return (holders_ask(holders, "lon", who, connected, now, &news));
}

/* More than could have been under way when it ended. */
static void
go_on(const struct holder *who)
{
	for (int i = 0; i <= HOLDERS_STALE; i++)
		assert_int_equal(ask(who, true), HOLDERS_FIRST);
}

static void
restarted_agent_has_the_place_at_once(void **state)
{
	assert_int_equal(ask(&a, false), HOLDERS_FIRST);
	for (int i = 0; i < 10; i++) {
		struct holder next = a;

		snprintf(next.epoch, sizeof(next.epoch), "%016d", i);
		now += SECOND;
		assert_int_equal(ask(&next, false), HOLDERS_FIRST);
		assert_false(news);
		assert_string_equal(
		    holders_first(holders, "lon")->epoch, next.epoch);
	}
}

static void
host_without_power_is_waited_for_until_it_is_silent(void **state)
{
	ask(&a, true);
	now += 30 * SECOND;
	assert_int_equal(ask(&b, true), HOLDERS_WAITS);
	now += HOLDERS_SILENT - 30 * SECOND - 1;
	assert_int_equal(ask(&b, true), HOLDERS_WAITS);
	now += 1;
	assert_int_equal(ask(&b, true), HOLDERS_FIRST);
	assert_false(news);
}

static void
newcomer_is_the_second_once_the_first_speaks_again(void **state)
{
	ask(&a, true);
	now += SECOND;
	assert_int_equal(ask(&b, true), HOLDERS_WAITS);
	go_on(&a);
	now += SECOND;
	assert_int_equal(ask(&b, true), HOLDERS_SECOND);
	assert_true(news);
	assert_int_equal(ask(&b, true), HOLDERS_SECOND);
	assert_false(news);
	/* for as long as there are two, wherever the first one moves */
	for (int i = 0; i < 1000; i++) {
		struct holder moved = a;

		snprintf(moved.peer, sizeof(moved.peer), "192.0.2.%d", i % 250);
		now += 15 * SECOND;
		assert_int_equal(ask(&moved, i % 2 == 0), HOLDERS_FIRST);
		assert_int_equal(ask(&b, i % 2 == 0), HOLDERS_SECOND);
		assert_false(news);
	}
}

/* A cut line, an agent that is killed behind it, and what its kernel still has
 * to say when the line is back. */
static void
last_words_that_come_late_make_no_second(void **state)
{
	ask(&a, true);
	now += 10 * SECOND;
	assert_int_equal(ask(&b, true), HOLDERS_WAITS);
	for (int i = 0; i < HOLDERS_STALE; i++)
		assert_int_equal(ask(&a, true), HOLDERS_FIRST);
	assert_int_equal(ask(&b, true), HOLDERS_WAITS);
	assert_int_equal(ask(&b, false), HOLDERS_FIRST);
	assert_false(news);
}

static void
second_has_the_place_when_the_first_has_gone(void **state)
{
	ask(&a, true);
	ask(&b, true);
	go_on(&a);
	assert_int_equal(ask(&b, true), HOLDERS_SECOND);
	now += HOLDERS_AWAY - 1;
	assert_int_equal(ask(&b, false), HOLDERS_SECOND);
	now += 1;
	assert_int_equal(ask(&b, true), HOLDERS_SECOND);
	assert_int_equal(ask(&b, false), HOLDERS_FIRST);
	assert_true(news);
	/* and keeps it: now the other is the second */
	assert_int_equal(ask(&a, true), HOLDERS_WAITS);
	go_on(&b);
	assert_int_equal(ask(&a, true), HOLDERS_SECOND);
}

static void
restart_of_the_first_leaves_no_gap_for_the_second(void **state)
{
	ask(&a, true);
	ask(&b, true);
	go_on(&a);
	assert_int_equal(ask(&b, true), HOLDERS_SECOND);
	now += 2 * SECOND;
	assert_int_equal(ask(&b, false), HOLDERS_SECOND);
	assert_int_equal(ask(&c, false), HOLDERS_FIRST);
	now += SECOND;
	assert_int_equal(ask(&b, true), HOLDERS_SECOND);
}

static void
more_copies_than_are_remembered_are_all_refused(void **state)
{
	ask(&a, true);
	for (int round = 0; round < 20; round++) {
		now += SECOND;
		assert_int_equal(ask(&a, true), HOLDERS_FIRST);
		for (int i = 0; i < 10; i++) {
			struct holder copy = b;

			snprintf(copy.epoch, sizeof(copy.epoch), "%016d", i);
			assert_int_not_equal(ask(&copy, true), HOLDERS_FIRST);
		}
	}
}

static void
what_was_before_our_restart_counts(void **state)
{
	holders_seed(holders, "lon", &a, &b, now);
	assert_int_equal(ask(&b, false), HOLDERS_SECOND);
	now += 3 * SECOND;
	assert_int_equal(ask(&a, false), HOLDERS_FIRST);
	assert_int_equal(ask(&b, true), HOLDERS_SECOND);
	holders_seed(holders, "nyc", &a, NULL, now);
	assert_int_equal(
	    holders_ask(holders, "nyc", &c, false, now, &news), HOLDERS_WAITS);
	now += HOLDERS_RETURN;
	assert_int_equal(
	    holders_ask(holders, "nyc", &c, false, now, &news), HOLDERS_FIRST);
}

static void
box_that_begins_anew_is_open_to_all(void **state)
{
	ask(&a, true);
	ask(&b, true);
	go_on(&a);
	holders_forget(holders, "lon");
	assert_null(holders_first(holders, "lon"));
	assert_int_equal(ask(&b, true), HOLDERS_FIRST);
	assert_int_equal(
	    holders_ask(holders, "nyc", &a, true, now, &news), HOLDERS_FIRST);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(restarted_agent_has_the_place_at_once),
	    TEST(host_without_power_is_waited_for_until_it_is_silent),
	    TEST(newcomer_is_the_second_once_the_first_speaks_again),
	    TEST(last_words_that_come_late_make_no_second),
	    TEST(second_has_the_place_when_the_first_has_gone),
	    TEST(restart_of_the_first_leaves_no_gap_for_the_second),
	    TEST(more_copies_than_are_remembered_are_all_refused),
	    TEST(what_was_before_our_restart_counts),
	    TEST(box_that_begins_anew_is_open_to_all),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
