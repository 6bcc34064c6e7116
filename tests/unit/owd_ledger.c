/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owd/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/memory.h"
#include "probes/owamp/ntp.h"

#define START (INT64_C(1795300000) * NS_PER_S) /* a multiple of 10 s and 20 s */
#define STEP (100 * NS_PER_MS)
#define TIMEOUT (2 * NS_PER_S)
#define INTERVAL (10 * NS_PER_S)
#define PATH (5 * NS_PER_MS)
#define LATE_BY 700 /* ns, of each packet's sending */

static const uint8_t sid[KEYS_SID] = {1, 2, 3};
/* packet i is due (i + 1) * 100 ms behind START, and a bit: 99 of them in the first
 * interval */
static const struct slot tenth = {SLOT_FIXED, NTP_S / 10 + 1};

static struct ledger *
new_ledger(const struct slot *slot, nanoseconds interval, uint32_t packets)
{
	const struct ledger_about about = {
	    .sid = sid,
	    .start = ntp_of_wall(START),
	    .slots = slot,
	    .slot_count = 1,
	    .packets = packets,
	    .timeout = TIMEOUT,
	    .interval = interval,
	};

	return (ledger_new(&about));
}

static struct ledger *
tenths(void)
{
	return (new_ledger(&tenth, INTERVAL, MESSAGE_NEXT_UNKNOWN));
}

/* Sent when it was due and a bit, as its own stamp has it. */
static void
arrive(struct ledger *ledger, uint32_t sequence, nanoseconds delay)
{
	const nanoseconds sent = ledger_due(ledger, sequence) + LATE_BY;
	const struct ledger_arrival arrival = {
	    .sequence = sequence,
	    .sent = sent,
	    .received = sent + delay,
	    .ttl = 250,
	    .received_by = STAMP_KERNEL,
	    .synchronised = true,
	    .error = 1000,
	};

	ledger_arrived(ledger, &arrival);
}

static void
arrive_all(struct ledger *ledger, uint32_t first, uint32_t next)
{
	for (uint32_t i = first; i < next; i++)
		arrive(ledger, i, PATH);
}

static int
try_state(
    struct ledger *ledger, uint32_t first, uint32_t next, struct error *err)
{
	struct message_statement s = {.first = first, .next = next};

	memcpy(s.sid, sid, sizeof(sid));
	return (ledger_state(ledger, &s, err));
}

static void
state(struct ledger *ledger, uint32_t first, uint32_t next)
{
	struct error err;

	if (try_state(ledger, first, next, &err) == -1)
		fail_msg("%s", err.text);
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
	memcpy(s.sid, sid, sizeof(sid));
	s.later = stamps;
	if (ledger_state(ledger, &s, &err) == -1)
		fail_msg("%s", err.text);
	free(stamps);
}

static struct findings
close_one(struct ledger *ledger)
{
	struct findings findings;

	findings_begin(&findings);
	while (!ledger_close(ledger, &findings))
		continue;
	return (findings);
}

/* The oldest one, stated: its counts. */
static void
check_counts(struct ledger *ledger, uint32_t sent, uint32_t received,
    uint32_t late, uint32_t skipped)
{
	struct findings f = close_one(ledger);

	assert_true(f.stated);
	assert_int_equal(f.totals.sent, sent);
	assert_int_equal(f.totals.received, received);
	assert_int_equal(f.totals.lost, sent - received);
	assert_int_equal(f.totals.late, late);
	assert_int_equal(f.totals.skipped, skipped);
	findings_clear(&f);
}

static void
packets_are_of_the_interval_that_they_were_due_in(void **state_)
{
	struct ledger *l = tenths();

	/* a bit before the first interval ends, some of the next are there */
	arrive_all(l, 0, 98);
	arrive_all(l, 99, 102);
	arrive(l, 98, TIMEOUT - 1); /* overtaken, in time */
	ledger_cut(l, START + INTERVAL);
	assert_int_equal(ledger_cuts(l), 1);
	assert_int_equal(ledger_end(l), START + INTERVAL);
	assert_false(ledger_settled(l));
	state(l, 0, 98);
	assert_false(ledger_settled(l));
	state(l, 98, 150); /* over the border */
	assert_true(ledger_settled(l));
	arrive(l, 50, TIMEOUT); /* a copy */
	check_counts(l, 99, 99, 0, 0);
	assert_int_equal(ledger_cuts(l), 0);
	arrive_all(l, 102, 199);
	ledger_cut(l, START + 2 * INTERVAL);
	arrive(l, 199, PATH);
	state(l, 150, 200);
	check_counts(l, 100, 100, 0, 0);
	ledger_free(l);
}

static void
late_packets_count_where_they_were_sent(void **state_)
{
	struct ledger *l = tenths();

	arrive_all(l, 0, 97);
	arrive(l, 97, TIMEOUT + 1);
	ledger_cut(l, START + INTERVAL);
	state(l, 0, 100);
	check_counts(l, 99, 97, 1, 0); /* the other one never came */
	arrive(l, 98, 3 * TIMEOUT);    /* nobody can count it any more */
	arrive(l, 5, 3 * TIMEOUT);
	ledger_cut(l, START + 2 * INTERVAL);
	state(l, 100, 199);
	struct findings f = close_one(l);
	assert_int_equal(f.stray, 2);
	assert_int_equal(f.totals.sent, 100);
	assert_int_equal(f.totals.received, 0);
	ledger_free(l);
}

static void
order_and_copies_go_over_borders(void **state_)
{
	struct ledger *l = tenths();
	struct findings f;

	arrive_all(l, 0, 95);
	arrive_all(l, 99, 103); /* these overtake the rest */
	arrive_all(l, 95, 99);
	arrive(l, 98, PATH);
	arrive(l, 98, PATH);
	arrive(l, 101, PATH);
	arrive_all(l, 103, 199);
	ledger_cut(l, START + 2 * INTERVAL);
	state(l, 0, 199);
	f = close_one(l);
	assert_int_equal(f.totals.reordered, 4);
	assert_int_equal(f.totals.reordered_by[3], 1); /* 95 */
	assert_int_equal(f.totals.duplicates, 2);
	assert_int_equal(f.totals.replicated, 1);
	findings_clear(&f);
	f = close_one(l);
	assert_int_equal(f.totals.reordered, 0);
	assert_int_equal(f.totals.duplicates, 1);
	findings_clear(&f);
	ledger_free(l);
}

static void
without_a_statement_nothing_was_lost(void **state_)
{
	struct ledger *l = tenths();
	struct findings f;

	arrive_all(l, 0, 60);
	state(l, 0, 98); /* but of the last one nothing is known */
	ledger_cut(l, START + INTERVAL);
	assert_false(ledger_settled(l));
	f = close_one(l);
	assert_false(f.stated);
	assert_int_equal(f.totals.received, 60);
	assert_int_equal(f.totals.lost, 0);
	assert_int_equal(f.delay.count, 60);
	findings_clear(&f);
	/* what is said too late is of no use, and no contradiction */
	state(l, 98, 150);
	arrive_all(l, 99, 199);
	state(l, 150, 199);
	ledger_cut(l, START + 2 * INTERVAL);
	check_counts(l, 100, 100, 0, 0);
	ledger_free(l);
}

static void
statements_that_contradict_are_refused(void **state_)
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
	struct ledger *l = tenths();
	struct error err;

	assert_int_equal(ledger_state(l, &s, &err), -1); /* another's */
	memcpy(s.sid, sid, sizeof(sid));
	memcpy(stop.sid, sid, sizeof(sid));
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
	assert_int_equal(try_state(l, 1, 10, &err), -1); /* a hole */
	assert_int_equal(ledger_state(l, &s, &err), 0);
	assert_int_equal(try_state(l, 9, 20, &err), -1); /* again */
	assert_int_equal(try_state(l, 0, 10, &err), -1);
	assert_int_equal(
	    try_state(l, 10, 11 + MESSAGE_STATEMENT_MOST, &err), -1);
	assert_int_equal(try_state(l, 10, 3000, &err), -1); /* in 5 min */
	assert_int_equal(ledger_stopped(l, &stop, &err), -1);
	stop.next = 30;
	stop.skips = outside; /* 8 was stated, so only 10 to 12 */
	stop.skip_count = 1;
	assert_int_equal(ledger_stopped(l, &stop, &err), 0);
	assert_int_equal(try_state(l, 30, 31, &err), -1); /* it is over */
	arrive_all(l, 13, 30);
	ledger_cut(l, START + 3 * NS_PER_S);
	assert_true(ledger_settled(l));
	check_counts(l, 23, 17, 0, 7);
	ledger_free(l);
}

/* Before it arrives, or behind; then delays are from when they really left. */
static void
stated_stamps_correct(void **state_)
{
	struct ledger *l = tenths();
	struct findings f;

	arrive_all(l, 0, 50);
	state_left(l, 0, 98, 250);
	arrive_all(l, 50, 97);
	state(l, 98, 99);
	arrive(l, 98, PATH);
	ledger_cut(l, START + INTERVAL);
	f = close_one(l);
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
what_our_socket_lost_the_path_did_not(void **state_)
{
	struct ledger *l = tenths();
	struct findings f;

	arrive_all(l, 0, 90);
	drop(l, 4, START + 5 * NS_PER_S, false);
	ledger_cut(l, START + INTERVAL);
	arrive_all(l, 99, 100); /* the next one has begun */
	drop(l, 2, START + INTERVAL, false);
	state(l, 0, 120);
	f = close_one(l);
	assert_int_equal(f.totals.sent, 99);
	assert_int_equal(f.totals.lost, 3);
	assert_int_equal(f.totals.lost_locally, 6);
	assert_int_equal(f.totals.unsure, 2);
	findings_clear(&f);
	/* of those of another session that has the same socket, some were ours */
	arrive_all(l, 100, 190);
	drop(l, 4, START + INTERVAL + 5 * NS_PER_S, true);
	ledger_cut(l, START + 2 * INTERVAL);
	state(l, 120, 250);
	f = close_one(l);
	assert_int_equal(f.totals.sent, 100);
	assert_int_equal(f.totals.lost, 3);
	assert_int_equal(f.totals.lost_locally, 6);
	assert_int_equal(f.totals.unsure, 6);
	findings_clear(&f);
	ledger_free(l);
}

/* A minute ahead, and an hour. */
static void
clocks_that_differ_move_nothing(void **state_)
{
	struct ledger *l = tenths();
	struct findings f;

	arrive_all(l, 0, 600);
	arrive(l, 36000, -3600 * NS_PER_S);
	arrive(l, UINT32_MAX - 1, -3600 * NS_PER_S);
	ledger_cut(l, START + INTERVAL);
	state(l, 0, 99);
	f = close_one(l);
	assert_int_equal(f.totals.received, 99);
	assert_true(f.stray > 2); /* those due more than 4 intervals later */
	findings_clear(&f);
	for (unsigned i = 2; i < 5; i++) {
		ledger_cut(l, START + i * INTERVAL);
		state(l, ledger_stated(l), i * 100 - 1);
		check_counts(l, 100, 100, 0, 0);
	}
	ledger_free(l);
}

/* A clock that is set within an interval shows there; of runs there is none. */
static void
the_last_third_has_a_least_of_its_own(void **state_)
{
	struct ledger *l = tenths();
	struct findings f;

	arrive_all(l, 0, 66);
	for (uint32_t i = 66; i < 99; i++)
		arrive(l, i, (i == 80 ? 2 : 3) * PATH);
	arrive_all(l, 99, 100);
	ledger_cut(l, START + INTERVAL);
	state(l, 0, 99);
	f = close_one(l);
	assert_int_equal(f.delay.count, 99);
	assert_int_equal(f.last.count, 33);
	assert_int_equal(f.last.least, 2 * PATH);
	findings_clear(&f);
	assert_int_equal(f.last.count, 0);
	ledger_free(l);
	l = new_ledger(&tenth, 0, 99);
	arrive_all(l, 0, 99);
	ledger_cut(l, START + INTERVAL);
	state(l, 0, 99);
	f = close_one(l);
	assert_int_equal(f.last.count, 0);
	findings_clear(&f);
	ledger_free(l);
}

static void
a_session_that_ends_is_one_interval(void **state_)
{
	struct ledger *l = new_ledger(&tenth, 0, 1000);
	const struct message_skip skips[] = {{10, 19}, {30, 30}};
	struct message_stopped stop = {
	    .next = 1000, .skip_count = 2, .skips = skips};
	struct error err;

	memcpy(stop.sid, sid, sizeof(sid));
	arrive_all(l, 0, 10);
	arrive_all(l, 40, 1000);
	assert_int_equal(ledger_stopped(l, &stop, &err), 0);
	assert_int_equal(ledger_cuts(l), 0);
	ledger_cut(l, START + 200 * NS_PER_S);
	assert_true(ledger_settled(l));
	check_counts(l, 989, 970, 0, 11);
	assert_int_equal(ledger_cuts(l), 0);
	arrive(l, 5, PATH); /* of nothing */
	ledger_free(l);
}

static void
a_sender_with_nothing_to_send_has_sent_nothing(void **state_)
{
	const struct slot minute = {SLOT_FIXED, 60 * NTP_S};
	struct ledger *l = new_ledger(&minute, INTERVAL, MESSAGE_NEXT_UNKNOWN);

	ledger_cut(l, START + 3 * INTERVAL);
	assert_int_equal(ledger_cuts(l), 3);
	for (unsigned i = 0; i < 3; i++) {
		assert_true(ledger_settled(l));
		check_counts(l, 0, 0, 0, 0);
	}
	ledger_free(l);
}

/* 2/s, a minute: all that is kept of it, and of the one that has begun. */
static void
memory_is_small(void **state_)
{
	const struct slot surveyor = {SLOT_EXPONENTIAL, NTP_S / 2};
	struct ledger *l =
	    new_ledger(&surveyor, 60 * NS_PER_S, MESSAGE_NEXT_UNKNOWN);

	arrive_all(l, 0, 130);
	if (ledger_size(l) > 6000)
		fail_msg("%zu bytes, expected at most 6000", ledger_size(l));
	ledger_free(l);
}

static void
three_million_packets(void **state_)
{
	const struct slot fast = {SLOT_FIXED, NTP_S / 30000};
	struct ledger *l =
	    new_ledger(&fast, 100 * NS_PER_S, MESSAGE_NEXT_UNKNOWN);
	const nanoseconds end = START + 100 * NS_PER_S;
	const uint32_t due = (uint32_t)((end - START) / NS_PER_S * 30000);
	struct findings f;
	unsigned slices = 1;

	for (uint32_t i = 0; i < due + 3000; i++)
		if (i % 10 != 0)
			arrive(l, i, PATH);
	while (ledger_stated(l) < due)
		state(l, ledger_stated(l),
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
	    cmocka_unit_test(without_a_statement_nothing_was_lost),
	    cmocka_unit_test(statements_that_contradict_are_refused),
	    cmocka_unit_test(stated_stamps_correct),
	    cmocka_unit_test(what_our_socket_lost_the_path_did_not),
	    cmocka_unit_test(clocks_that_differ_move_nothing),
	    cmocka_unit_test(the_last_third_has_a_least_of_its_own),
	    cmocka_unit_test(a_session_that_ends_is_one_interval),
	    cmocka_unit_test(a_sender_with_nothing_to_send_has_sent_nothing),
	    cmocka_unit_test(memory_is_small),
	    cmocka_unit_test(three_million_packets),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
