/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owd/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "probes/owamp/ntp.h"
#include "tests/unit/owd_ledgered.h"

static void
packets_are_of_the_interval_that_they_were_due_in(void **state)
{
	struct ledger *l = ledgered_tenths();

	/* a bit before the first interval ends, some of the next are there */
	ledgered_arrive_all(l, 0, 98);
	ledgered_arrive_all(l, 99, 102);
	ledgered_arrive(l, 98, TIMEOUT - 1); /* overtaken, in time */
	ledger_cut(l, START + INTERVAL);
	assert_int_equal(ledger_cuts(l), 1);
	assert_int_equal(ledger_end(l), START + INTERVAL);
	assert_false(ledger_settled(l));
	ledgered_state(l, 0, 98);
	assert_false(ledger_settled(l));
	ledgered_state(l, 98, 150); /* over the border */
	assert_true(ledger_settled(l));
	ledgered_arrive(l, 50, TIMEOUT); /* a copy */
	ledgered_check(l, 99, 99, 0, 0);
	assert_int_equal(ledger_cuts(l), 0);
	ledgered_arrive_all(l, 102, 199);
	ledger_cut(l, START + 2 * INTERVAL);
	ledgered_arrive(l, 199, PATH);
	ledgered_state(l, 150, 200);
	ledgered_check(l, 100, 100, 0, 0);
	ledger_free(l);
}

static void
late_packets_count_where_they_were_sent(void **state)
{
	struct ledger *l = ledgered_tenths();

	ledgered_arrive_all(l, 0, 97);
	ledgered_arrive(l, 97, TIMEOUT + 1);
	ledger_cut(l, START + INTERVAL);
	ledgered_state(l, 0, 100);
	ledgered_check(l, 99, 97, 1, 0);     /* the other one never came */
	ledgered_arrive(l, 98, 3 * TIMEOUT); /* nobody can count it any more */
	ledgered_arrive(l, 5, 3 * TIMEOUT);
	ledger_cut(l, START + 2 * INTERVAL);
	ledgered_state(l, 100, 199);
	struct findings f = ledgered_close(l);
	assert_int_equal(f.stray, 2);
	assert_int_equal(f.totals.sent, 100);
	assert_int_equal(f.totals.received, 0);
	ledger_free(l);
}

static void
order_and_copies_go_over_borders(void **state)
{
	struct ledger *l = ledgered_tenths();
	struct findings f;

	ledgered_arrive_all(l, 0, 95);
	ledgered_arrive_all(l, 99, 103); /* these overtake the rest */
	ledgered_arrive_all(l, 95, 99);
	ledgered_arrive(l, 98, PATH);
	ledgered_arrive(l, 98, PATH);
	ledgered_arrive(l, 101, PATH);
	ledgered_arrive_all(l, 103, 199);
	ledger_cut(l, START + 2 * INTERVAL);
	ledgered_state(l, 0, 199);
	f = ledgered_close(l);
	assert_int_equal(f.totals.reordered, 4);
	assert_int_equal(f.totals.reordered_by[3], 1); /* 95 */
	assert_int_equal(f.totals.duplicates, 2);
	assert_int_equal(f.totals.replicated, 1);
	findings_clear(&f);
	f = ledgered_close(l);
	assert_int_equal(f.totals.reordered, 0);
	assert_int_equal(f.totals.duplicates, 1);
	findings_clear(&f);
	ledger_free(l);
}

/* A minute ahead, and an hour. */
static void
clocks_that_differ_move_nothing(void **state)
{
	struct ledger *l = ledgered_tenths();
	struct findings f;

	ledgered_arrive_all(l, 0, 600);
	ledgered_arrive(l, 36000, -3600 * NS_PER_S);
	ledgered_arrive(l, UINT32_MAX - 1, -3600 * NS_PER_S);
	ledger_cut(l, START + INTERVAL);
	ledgered_state(l, 0, 99);
	f = ledgered_close(l);
	assert_int_equal(f.totals.received, 99);
	assert_true(f.stray > 2); /* those due more than 4 intervals later */
	findings_clear(&f);
	for (unsigned i = 2; i < 5; i++) {
		ledger_cut(l, START + i * INTERVAL);
		ledgered_state(l, ledger_stated(l), i * 100 - 1);
		ledgered_check(l, 100, 100, 0, 0);
	}
	ledger_free(l);
}

/* A clock that is set within an interval shows there; of runs there is none. */
static void
the_last_third_has_a_least_of_its_own(void **state)
{
	struct ledger *l = ledgered_tenths();
	struct findings f;

	ledgered_arrive_all(l, 0, 66);
	for (uint32_t i = 66; i < 99; i++)
		ledgered_arrive(l, i, (i == 80 ? 2 : 3) * PATH);
	ledgered_arrive_all(l, 99, 100);
	ledger_cut(l, START + INTERVAL);
	ledgered_state(l, 0, 99);
	f = ledgered_close(l);
	assert_int_equal(f.delay.count, 99);
	assert_int_equal(f.last.count, 33);
	assert_int_equal(f.last.least, 2 * PATH);
	findings_clear(&f);
	assert_int_equal(f.last.count, 0);
	ledger_free(l);
	l = ledgered_new(&ledgered_tenth, 0, 99);
	ledgered_arrive_all(l, 0, 99);
	ledger_cut(l, START + INTERVAL);
	ledgered_state(l, 0, 99);
	f = ledgered_close(l);
	assert_int_equal(f.last.count, 0);
	findings_clear(&f);
	ledger_free(l);
}

static void
a_session_that_ends_is_one_interval(void **state)
{
	struct ledger *l = ledgered_new(&ledgered_tenth, 0, 1000);
	const struct message_skip skips[] = {{10, 19}, {30, 30}};
	struct message_stopped stop = {
	    .next = 1000, .skip_count = 2, .skips = skips};
	struct error err;

	memcpy(stop.sid, ledgered_sid, KEYS_SID);
	ledgered_arrive_all(l, 0, 10);
	ledgered_arrive_all(l, 40, 1000);
	assert_int_equal(ledger_stopped(l, &stop, &err), 0);
	assert_int_equal(ledger_cuts(l), 0);
	ledger_cut(l, START + 200 * NS_PER_S);
	assert_true(ledger_settled(l));
	ledgered_check(l, 989, 970, 0, 11);
	assert_int_equal(ledger_cuts(l), 0);
	ledgered_arrive(l, 5, PATH); /* of nothing */
	ledger_free(l);
}

static void
a_sender_with_nothing_to_send_has_sent_nothing(void **state)
{
	const struct slot minute = {SLOT_FIXED, 60 * NTP_S};
	struct ledger *l =
	    ledgered_new(&minute, INTERVAL, MESSAGE_NEXT_UNKNOWN);

	ledger_cut(l, START + 3 * INTERVAL);
	assert_int_equal(ledger_cuts(l), 3);
	for (unsigned i = 0; i < 3; i++) {
		assert_true(ledger_settled(l));
		ledgered_check(l, 0, 0, 0, 0);
	}
	ledger_free(l);
}

/* 2/s, a minute: all that is kept of it, and of the one that has begun. */
static void
memory_is_small(void **state)
{
	const struct slot surveyor = {SLOT_EXPONENTIAL, NTP_S / 2};
	struct ledger *l =
	    ledgered_new(&surveyor, 60 * NS_PER_S, MESSAGE_NEXT_UNKNOWN);

	ledgered_arrive_all(l, 0, 130);
	if (ledger_size(l) > 6000)
		fail_msg("%zu bytes, expected at most 6000", ledger_size(l));
	ledger_free(l);
}

static void
three_million_packets(void **state)
{
	const struct slot fast = {SLOT_FIXED, NTP_S / 30000};
	struct ledger *l =
	    ledgered_new(&fast, 100 * NS_PER_S, MESSAGE_NEXT_UNKNOWN);
	const nanoseconds end = START + 100 * NS_PER_S;
	const uint32_t due = (uint32_t)((end - START) / NS_PER_S * 30000);
	struct findings f;
	unsigned slices = 1;

	for (uint32_t i = 0; i < due + 3000; i++)
		if (i % 10 != 0)
			ledgered_arrive(l, i, PATH);
	while (ledger_stated(l) < due)
		ledgered_state(l, ledger_stated(l),
		    ledger_stated(l) + MESSAGE_STATEMENT_MOST);
	ledger_cut(l, end);
	findings_begin(&f);
	while (!ledger_close(l, &f))
		slices++;
	assert_int_equal(slices, f.totals.sent / LEDGER_SLICE + 1);
	assert_in_range(f.totals.sent, due - 50, due + 50);
	assert_int_equal(f.totals.lost, (f.totals.sent + 9) / 10);
	assert_int_equal(f.delay.merged.n + f.delay.count, f.totals.received);
	findings_clear(&f);
	ledger_free(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(packets_are_of_the_interval_that_they_were_due_in),
	    cmocka_unit_test(late_packets_count_where_they_were_sent),
	    cmocka_unit_test(order_and_copies_go_over_borders),
	    cmocka_unit_test(clocks_that_differ_move_nothing),
	    cmocka_unit_test(the_last_third_has_a_least_of_its_own),
	    cmocka_unit_test(a_session_that_ends_is_one_interval),
	    cmocka_unit_test(a_sender_with_nothing_to_send_has_sent_nothing),
	    cmocka_unit_test(memory_is_small),
	    cmocka_unit_test(three_million_packets),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
