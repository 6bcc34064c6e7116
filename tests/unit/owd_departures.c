/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owd/departures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "probes/owd/skips.h"

#define BEGIN (INT64_C(1795000000) * NS_PER_S)
#define GAP (10 * NS_PER_MS)
#define LATER (60 * NS_PER_US)

static nanoseconds
due(uint32_t packet)
{
	return (BEGIN + packet * GAP);
}

/* One character a packet: s sent, b sent blind, - skipped. */
static void
add(struct departures *departures, const char *text)
{
	for (; *text != '\0'; text++) {
		nanoseconds when = due(departures->next);

		if (*text == 's')
			departures_add(departures, DEPARTURE_WAITING, when,
			    LATER, departures->numbers);
		else
			departures_add(departures,
			    *text == 'b' ? DEPARTURE_BLIND : DEPARTURE_UNSENT,
			    when, LATER, 0);
	}
}

static nanoseconds
stamp_of(uint32_t packet)
{
	return (due(packet) + LATER + 1000 + packet);
}

static void
stamp(struct departures *departures, uint32_t packet, uint64_t number)
{
	departures_stamp(departures, number, stamp_of(packet));
}

/* Says the fates of all settled ones: k a kernel's stamp, n no stamp, - skipped,
 * x stuck. */
static void
check(struct departures *departures, uint32_t first, const char *want)
{
	struct message_statement statement;
	uint32_t count = (uint32_t)strlen(want);
	char got[64] = {0};

	assert_true(departures_state(departures, &statement));
	assert_int_equal(statement.first, first);
	assert_int_equal(statement.next, first + count);
	for (uint32_t i = 0; i < count; i++)
		got[i] = statement.stamp_count == 0 ||
				 statement.later[i] == MESSAGE_NO_STAMP
			     ? 'n'
			     : 'k';
	for (uint32_t i = 0; i < count; i++)
		if (got[i] == 'k')
			assert_int_equal(statement.later[i],
			    stamp_of(first + i) - due(first + i));
	for (uint32_t i = 0; i < statement.unsent_count; i++)
		for (uint32_t k = statement.unsent[i].first;
		     k <= statement.unsent[i].last; k++)
			got[k - first] = '-';
	for (uint32_t i = 0; i < statement.stuck_count; i++)
		for (uint32_t k = statement.stuck[i].first;
		     k <= statement.stuck[i].last; k++)
			got[k - first] = 'x';
	assert_string_equal(got, want);
	assert_int_equal(
	    statement.stamp_count, strchr(want, 'k') != NULL ? count : 0);
}

static void
stamps_settle_packets_at_once(void **state)
{
	struct departures departures = {0};
	struct message_statement statement;

	assert_false(departures_state(&departures, &statement));
	add(&departures, "ss-sbs");
	/* in any order */
	stamp(&departures, 5, 3);
	stamp(&departures, 0, 0);
	stamp(&departures, 1, 1);
	assert_int_equal(departures_settle(&departures, due(6)), 3);
	check(&departures, 0, "kk-");
	stamp(&departures, 3, 2);
	assert_int_equal(departures_settle(&departures, due(6)), 3);
	check(&departures, 3, "knk");
	assert_false(departures_state(&departures, &statement));
	departures_clear(&departures);
}

static void
what_stays_among_stamped_ones_is_stuck(void **state)
{
	struct departures departures = {0};

	add(&departures, "sss-ss");
	stamp(&departures, 0, 0);
	stamp(&departures, 5, 4);
	assert_int_equal(departures_settle(&departures, due(2)), 1);
	assert_int_equal(departures_settle(
			     &departures, due(1) + LATER + DEPARTURES_SOON - 1),
	    1);
	assert_int_equal(
	    departures_settle(&departures, due(4) + DEPARTURES_SOON + LATER),
	    6);
	check(&departures, 0, "kxx-xk");
	departures_clear(&departures);
}

/* Others may have waited in the same queue: it is not yet known. */
static void
the_last_ones_wait_for_those_behind(void **state)
{
	struct departures departures = {0};

	add(&departures, "sss");
	stamp(&departures, 0, 0);
	assert_int_equal(
	    departures_settle(&departures, due(2) + DEPARTURES_SOON + LATER),
	    1);
	stamp(&departures, 2, 2);
	assert_int_equal(
	    departures_settle(&departures, due(2) + DEPARTURES_SOON + LATER),
	    3);
	check(&departures, 0, "kxk");
	departures_clear(&departures);
}

static void
a_device_that_stops_stamping_has_lost_nothing(void **state)
{
	struct departures departures = {0};

	add(&departures, "sssss");
	stamp(&departures, 0, 0);
	assert_int_equal(departures_settle(&departures,
			     due(1) + LATER + DEPARTURES_LATEST - 1),
	    1);
	/* the others do not wait for as long again */
	assert_int_equal(
	    departures_settle(&departures, due(1) + LATER + DEPARTURES_LATEST),
	    5);
	check(&departures, 0, "knnnn");
	departures_clear(&departures);
}

static void
a_device_without_stamps_has_lost_nothing(void **state)
{
	struct departures departures = {0};

	add(&departures, "ss-s");
	assert_int_equal(
	    departures_settle(&departures, due(0) + LATER + DEPARTURES_SOON),
	    1);
	assert_int_equal(
	    departures_settle(&departures, due(3) + LATER + DEPARTURES_SOON),
	    4);
	check(&departures, 0, "nn-n");
	departures_clear(&departures);
}

static void
at_the_end_all_is_settled(void **state)
{
	struct departures departures = {0};

	add(&departures, "sss");
	stamp(&departures, 1, 1);
	assert_int_equal(departures_settle(&departures, DEPARTURES_ALL), 3);
	check(&departures, 0, "nkn");
	departures_clear(&departures);
}

static void
stamps_that_cannot_be_are_passed_over(void **state)
{
	struct departures departures = {0};

	add(&departures, "s-ss");
	departures_stamp(&departures, 0, due(0) - NS_PER_MS);
	departures_stamp(&departures, 0, due(0) + 3 * NS_PER_S);
	departures_stamp(&departures, 3, stamp_of(3)); /* not sent yet */
	departures_stamp(&departures, UINT64_MAX, stamp_of(3));
	stamp(&departures, 2, 1);
	departures_stamp(&departures, 1, stamp_of(3)); /* a copy */
	stamp(&departures, 3, 2);
	assert_int_equal(departures_settle(&departures, DEPARTURES_ALL), 4);
	check(&departures, 0, "n-kk");
	stamp(&departures, 3, 2); /* was stated */
	departures_clear(&departures);
}

static void
many_are_stated_in_parts(void **state)
{
	struct departures departures = {0};
	struct message_statement statement;
	const uint32_t many = MESSAGE_STATEMENT_MOST + 10;

	for (uint32_t i = 0; i < many; i++) {
		add(&departures, i % 2 == 0 ? "-" : "s");
		stamp(&departures, i, i / 2);
	}
	assert_int_equal(departures_settle(&departures, due(many)), many);
	assert_true(departures_state(&departures, &statement));
	assert_int_equal(statement.next, MESSAGE_STATEMENT_MOST);
	assert_int_equal(statement.unsent_count, MESSAGE_STATEMENT_MOST / 2);
	check(&departures, MESSAGE_STATEMENT_MOST, "-k-k-k-k-k");
	departures_clear(&departures);
}

/* The session is new, its socket is not. */
static void
numbers_pass_32_bits(void **state)
{
	struct departures departures = {.numbers = (UINT64_C(1) << 32) - 2};
	uint64_t first = departures.numbers;

	add(&departures, "s-ssbs");
	stamp(&departures, 0, first);
	stamp(&departures, 2, first + 1);
	stamp(&departures, 3, first + 2);
	stamp(&departures, 5, first + 3);
	assert_int_equal(departures_settle(&departures, due(6)), 6);
	check(&departures, 0, "k-kknk");
	departures_clear(&departures);
}

static void
the_memory_is_used_again(void **state)
{
	struct departures departures = {0};

	for (uint32_t i = 0; i < 1000; i++) {
		add(&departures, "s");
		stamp(&departures, i, i);
		if (i % 10 != 9)
			continue;
		assert_int_equal(departures_settle(&departures, due(i)), 10);
		check(&departures, i - 9, "kkkkkkkkkk");
	}
	assert_int_equal(departures.room, 16);
	departures_clear(&departures);
}

static void
too_many_ranges_become_one(void **state)
{
	struct skips skips = {0};

	for (uint32_t i = 0; i < SKIPS_MOST + 100; i++)
		skips_add(&skips, 2 * i);
	assert_int_equal(skips.count, SKIPS_MOST);
	assert_int_equal(skips.ranges[0].first, 0);
	assert_int_equal(skips.ranges[0].last, 0);
	assert_int_equal(
	    skips.ranges[SKIPS_MOST - 1].first, 2 * (SKIPS_MOST - 1));
	assert_int_equal(
	    skips.ranges[SKIPS_MOST - 1].last, 2 * (SKIPS_MOST + 99));
	skips_clear(&skips);
	skips_add(&skips, 7);
	skips_add(&skips, 8);
	assert_int_equal(skips.count, 1);
	assert_int_equal(skips.ranges[0].last, 8);
	skips_clear(&skips);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(stamps_settle_packets_at_once),
	    cmocka_unit_test(what_stays_among_stamped_ones_is_stuck),
	    cmocka_unit_test(the_last_ones_wait_for_those_behind),
	    cmocka_unit_test(a_device_that_stops_stamping_has_lost_nothing),
	    cmocka_unit_test(a_device_without_stamps_has_lost_nothing),
	    cmocka_unit_test(at_the_end_all_is_settled),
	    cmocka_unit_test(stamps_that_cannot_be_are_passed_over),
	    cmocka_unit_test(many_are_stated_in_parts),
	    cmocka_unit_test(numbers_pass_32_bits),
	    cmocka_unit_test(the_memory_is_used_again),
	    cmocka_unit_test(too_many_ranges_become_one),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
