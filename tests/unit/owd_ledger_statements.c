/* SPDX-License-Identifier: BSD-2-Clause */
/* What a sender states, and what it does to a ledger's counts and delays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/memory.h"
#include "tests/unit/owd_ledgered.h"

static void
without_a_statement_nothing_was_lost(void **state)
{
	struct ledger *l = ledgered_tenths();
	struct findings f;

	ledgered_arrive_all(l, 0, 60);
	ledgered_state(l, 0, 98); /* but of the last one nothing is known */
	ledger_cut(l, START + INTERVAL);
	assert_false(ledger_settled(l));
	f = ledgered_close(l);
	assert_false(f.stated);
	assert_int_equal(f.totals.received, 60);
	assert_int_equal(f.totals.lost, 0);
	assert_int_equal(f.delay.count, 60);
	findings_clear(&f);
	/* what is said too late is of no use, and no contradiction */
	ledgered_state(l, 98, 150);
	ledgered_arrive_all(l, 99, 199);
	ledgered_state(l, 150, 199);
	ledger_cut(l, START + 2 * INTERVAL);
	ledgered_check(l, 100, 100, 0, 0);
	ledger_free(l);
}

static void
statements_that_contradict_are_refused(void **state)
{
	const struct message_skip good[] = {{3, 5}, {8, 8}};
	const struct message_skip falling[] = {{8, 8}, {3, 5}};
	const struct message_skip outside[] = {{8, 12}};
	const struct message_skip both[] = {{5, 6}};
	const int32_t later[12] = {0};
	struct message_statement s = {.next = 10,
	    .unsent = good,
	    .unsent_count = 2,
	    .stuck = both,
	    .stuck_count = 1};
	struct message_stopped stop = {.next = 9};
	struct ledger *l = ledgered_tenths();
	struct error err;

	assert_int_equal(ledger_state(l, &s, &err), -1); /* another's */
	memcpy(s.sid, ledgered_sid, KEYS_SID);
	memcpy(stop.sid, ledgered_sid, KEYS_SID);
	assert_int_equal(ledger_state(l, &s, &err), -1); /* 5 is in both */
	s.stuck_count = 0;
	s.unsent = falling;
	assert_int_equal(ledger_state(l, &s, &err), -1);
	s.unsent = outside;
	s.unsent_count = 1;
	assert_int_equal(ledger_state(l, &s, &err), -1);
	s.unsent = good;
	s.unsent_count = 2;
	s.later = later;
	s.stamp_count = 9;
	assert_int_equal(ledger_state(l, &s, &err), -1);
	s.stamp_count = 0;
	assert_int_equal(ledgered_try_state(l, 1, 10, &err), -1); /* a hole */
	assert_int_equal(ledger_state(l, &s, &err), 0);
	assert_int_equal(ledgered_try_state(l, 9, 20, &err), -1); /* again */
	assert_int_equal(ledgered_try_state(l, 0, 10, &err), -1);
	assert_int_equal(
	    ledgered_try_state(l, 10, 11 + MESSAGE_STATEMENT_MOST, &err), -1);
	assert_int_equal(
	    ledgered_try_state(l, 10, 3000, &err), -1); /* in 5 min */
	assert_int_equal(ledger_stopped(l, &stop, &err), -1);
	stop.next = 30;
	stop.skips = outside; /* 8 was stated, so only 10 to 12 */
	stop.skip_count = 1;
	assert_int_equal(ledger_stopped(l, &stop, &err), 0);
	assert_int_equal(
	    ledgered_try_state(l, 30, 31, &err), -1); /* it is over */
	ledgered_arrive_all(l, 13, 30);
	ledger_cut(l, START + 3 * NS_PER_S);
	assert_true(ledger_settled(l));
	ledgered_check(l, 23, 17, 0, 7);
	ledger_free(l);
}

/* With stamps: each left so many ns behind its due time. */
static void
state_left(struct ledger *ledger, uint32_t first, uint32_t next, int32_t later)
{
	struct message_statement s = {
	    .first = first, .next = next, .stamp_count = next - first};
	int32_t *stamps = memory_new(next - first, sizeof(*stamps));
	struct error err;

	for (uint32_t i = 0; i < next - first; i++)
		stamps[i] = later;
	memcpy(s.sid, ledgered_sid, KEYS_SID);
	s.later = stamps;
	if (ledger_state(ledger, &s, &err) == -1)
		fail_msg("%s", err.text);
	free(stamps);
}

/* Before it arrives, or behind; then delays are from when they really left. */
static void
stated_stamps_correct(void **state)
{
	struct ledger *l = ledgered_tenths();
	struct findings f;

	ledgered_arrive_all(l, 0, 50);
	state_left(l, 0, 98, 250);
	ledgered_arrive_all(l, 50, 97);
	ledgered_state(l, 98, 99);
	ledgered_arrive(l, 98, PATH);
	ledger_cut(l, START + INTERVAL);
	f = ledgered_close(l);
	assert_int_equal(f.totals.received, 98);
	assert_int_equal(f.totals.lost, 1); /* 97, and it has left */
	assert_int_equal(f.lateness.count, 99);
	assert_int_equal(f.delay.count, 98);
	for (size_t i = 0; i < 97; i++) {
		assert_int_equal(f.lateness.samples[i], 250);
		assert_int_equal(f.delay.samples[i], PATH + LATE_BY - 250);
	}
	assert_int_equal(f.lateness.samples[98], LATE_BY);
	assert_int_equal(f.delay.samples[97], PATH);
	assert_int_equal(f.variation.count, 96);
	assert_int_equal(f.unstamped, 1);
	assert_int_equal(f.sent_by, STAMP_USER);
	assert_int_equal(f.received_by, STAMP_KERNEL);
	assert_true(f.heard && f.far_synchronised);
	assert_int_equal(f.far_error, 1000);
	assert_int_equal(f.totals.hops_last, 5);
	findings_clear(&f);
	ledger_free(l);
}

/* In a second from `since` on. */
static void
drop(struct ledger *ledger, uint32_t packets, nanoseconds since, bool shared)
{
	const struct ledger_drops drops = {.packets = packets,
	    .since = since,
	    .now = since + NS_PER_S,
	    .shared = shared};

	ledger_dropped(ledger, &drops);
}

static void
what_our_socket_lost_the_path_did_not(void **state)
{
	struct ledger *l = ledgered_tenths();
	struct findings f;

	ledgered_arrive_all(l, 0, 90);
	drop(l, 4, START + 5 * NS_PER_S, false);
	ledger_cut(l, START + INTERVAL);
	ledgered_arrive_all(l, 99, 100); /* the next one has begun */
	drop(l, 2, START + INTERVAL, false);
	ledgered_state(l, 0, 120);
	f = ledgered_close(l);
	assert_int_equal(f.totals.sent, 99);
	assert_int_equal(f.totals.lost, 3);
	assert_int_equal(f.totals.lost_locally, 6);
	assert_int_equal(f.totals.unsure, 2);
	findings_clear(&f);
	/* of those of another session that has the same socket, some were ours */
	ledgered_arrive_all(l, 100, 190);
	drop(l, 4, START + INTERVAL + 5 * NS_PER_S, true);
	ledger_cut(l, START + 2 * INTERVAL);
	ledgered_state(l, 120, 250);
	f = ledgered_close(l);
	assert_int_equal(f.totals.sent, 100);
	assert_int_equal(f.totals.lost, 3);
	assert_int_equal(f.totals.lost_locally, 6);
	assert_int_equal(f.totals.unsure, 6);
	findings_clear(&f);
	ledger_free(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_a_statement_nothing_was_lost),
	    cmocka_unit_test(statements_that_contradict_are_refused),
	    cmocka_unit_test(stated_stamps_correct),
	    cmocka_unit_test(what_our_socket_lost_the_path_did_not),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
