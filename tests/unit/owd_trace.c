/* SPDX-License-Identifier: BSD-2-Clause */
/* What is kept of a session for Fetch-Session. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "probes/owamp/ntp.h"
#include "probes/owd/trace.h"

#define START (UINT64_C(0xeeac941d) << 32)
#define TENTH (NTP_S / 10) /* packet n is due at START + (n + 1) tenths */

static const struct slot slot = {SLOT_FIXED, TENTH};
static const uint8_t sid[KEYS_SID] = {1, 2};

static struct trace *
make_trace(uint32_t most)
{
	const struct trace_about about = {.sid = sid,
	    .start = START,
	    .slots = &slot,
	    .slot_count = 1,
	    .timeout = NTP_S,
	    .most = most};

	return (trace_new(&about));
}

static uint64_t
due(uint32_t number)
{
	return (START + (number + 1) * TENTH);
}

/* delay: tenths */
static void
add(struct trace *trace, uint32_t number, uint64_t delay)
{
	const struct message_record record = {.sequence = number,
	    .sent = due(number) + 1,
	    .received = due(number) + delay * TENTH,
	    .ttl = 255};

	trace_add(trace, &record);
}

static void
stop(struct trace *trace, uint32_t next, uint64_t when,
    const struct message_skip *skips, uint32_t count)
{
	const struct message_stopped stopped = {
	    .next = next, .skip_count = count, .skips = skips};

	assert_int_equal(trace_stop(trace, &stopped, when), 0);
}

/* "0 2 2 -1": numbers in their order, those of losses with a minus. */
static void
check(const struct trace *trace, struct trace_span span, const char *want)
{
	struct trace_reader *reader;
	struct message_record record;
	char got[200] = "";
	uint32_t count = 0;

	if (span.until == 0)
		span.until = UINT64_C(0xeeac95ff) << 32;
	reader = trace_read(trace, &span);
	for (; trace_read_next(reader, &record); count++) {
		size_t length = strlen(got);

		snprintf(got + length, sizeof(got) - length, "%s%s%u",
		    length > 0 ? " " : "", record.received == 0 ? "-" : "",
		    (unsigned)record.sequence);
		if (record.received == 0)
			assert_true(record.sent == due(record.sequence));
	}
	assert_string_equal(got, want);
	assert_int_equal(trace_read_count(reader), count);
	trace_read_free(reader);
}

static const struct trace_span all = {.end = UINT32_MAX};

static void
arrivals_keep_their_order_and_copies(void **state)
{
	struct trace *trace = make_trace(100);

	add(trace, 0, 1);
	add(trace, 2, 1);
	add(trace, 1, 3);
	add(trace, 1, 3);
	check(trace, all, "0 2 1 1");
	check(trace, (struct trace_span){.begin = 1, .end = 1}, "1 1");
	trace_free(trace);
}

static void
a_loss_stands_where_it_was_certain(void **state)
{
	struct trace *trace = make_trace(100);

	for (uint32_t i = 0; i < 15; i++)
		if (i != 1 && i != 13)
			add(trace, i, 1);
	stop(trace, 15, due(40), NULL, 0);
	/* 1 is due at 2 tenths, and lost at 12: 11 arrives at 13 */
	check(trace, all, "0 2 3 4 5 6 7 8 9 10 -1 11 12 14 -13");
	check(trace, (struct trace_span){.begin = 13, .end = UINT32_MAX},
	    "14 -13");
	check(trace, (struct trace_span){.end = 0}, "0");
	trace_free(trace);
}

static void
nothing_is_lost_that_was_not_said_to_be_sent(void **state)
{
	struct trace *trace = make_trace(100);

	check(trace, all, "");
	add(trace, 3, 1);
	/* it runs: what was due a timeout ago and is below the highest */
	check(trace, (struct trace_span){.end = 9, .until = due(1) + NTP_S},
	    "3 -0 -1");
	stop(trace, MESSAGE_NEXT_UNKNOWN, due(50), NULL, 0);
	check(trace, all, "3 -0 -1 -2");
	assert_int_equal(trace_stopped(trace).next, 4);
	trace_free(trace);
	trace = make_trace(100);
	stop(trace, 3, due(50), NULL, 0); /* all of them */
	check(trace, all, "-0 -1 -2");
	trace_free(trace);
}

static void
what_was_not_sent_is_not_lost(void **state)
{
	static const struct message_skip skips[] = {{0, 0}, {3, 5}, {8, 9}};
	static const struct message_skip bad[] = {{3, 5}, {5, 6}};
	const struct message_stopped wrong = {
	    .next = 9, .skip_count = 2, .skips = bad};
	struct trace *trace = make_trace(100);

	add(trace, 1, 1);
	add(trace, 4, 1); /* and yet it came */
	assert_int_equal(trace_stop(trace, &wrong, due(50)), -1);
	stop(trace, 8, due(50), skips, 3);
	check(trace, all, "1 4 -2 -6 -7");
	assert_int_equal(trace_stopped(trace).skip_count, 3);
	assert_memory_equal(trace_stopped(trace).skips, skips, sizeof(skips));
	assert_int_equal(trace_stopped(trace).next, 8);
	trace_free(trace);
}

/* Stop 0.1 s behind the last packet with a timeout of 1 s: its fate, and that of
 * all others, is not known. */
static void
records_newer_than_stop_less_timeout_go(void **state)
{
	struct trace *trace = make_trace(100);

	for (uint32_t i = 0; i < 10; i++)
		add(trace, i, 1);
	stop(trace, 10, due(10) + 10, NULL, 0);
	check(trace, all, "0");
	trace_free(trace);
	trace = make_trace(100);
	for (uint32_t i = 0; i < 10; i++)
		add(trace, i, 1);
	stop(trace, 10, due(9) + NTP_S, NULL, 0);
	check(trace, all, "0 1 2 3 4 5 6 7 8 9");
	trace_free(trace);
}

/* perfSONAR's server destroys the session instead. */
static void
numbers_that_were_never_sent_go_and_nothing_else(void **state)
{
	struct trace *trace = make_trace(100);

	add(trace, 0, 1);
	add(trace, 7, 1);
	add(trace, 1, 8);
	add(trace, 4000000000, 1);
	stop(trace, 3, due(50), NULL, 0);
	assert_true(trace_is_whole(trace));
	check(trace, all, "0 1 -2");
	trace_free(trace);
}

static void
statements_correct_the_times_of_sending(void **state)
{
	static const int32_t later[] = {0, MESSAGE_NO_STAMP, -500, 1000000};
	const struct message_statement statement = {
	    .first = 1, .next = 5, .stamp_count = 4, .later = later};
	const struct trace_span running = {.end = UINT32_MAX, .until = START};
	struct trace *trace = make_trace(100);
	struct message_record record;
	struct trace_reader *reader;

	add(trace, 1, 1);
	add(trace, 2, 1);
	add(trace, 3, 1);
	trace_state(trace, &statement);
	add(trace, 3, 2);
	add(trace, 4, 1); /* behind what was said of it */
	reader = trace_read(trace, &running);
	for (int i = 0; i < 5; i++) {
		static const nanoseconds want[] = {0, 0, -500, -500, 1000000};

		assert_true(trace_read_next(reader, &record));
		if (record.sequence == 2)
			assert_true(record.sent == due(2) + 1);
		else
			assert_int_equal(ntp_wall(record.sent) -
					     ntp_wall(due(record.sequence)),
			    want[i]);
	}
	assert_false(trace_read_next(reader, &record));
	trace_read_free(reader);
	trace_free(trace);
}

static void
others_see_no_packet_beyond_the_timeout(void **state)
{
	const struct trace_span strict = {.end = UINT32_MAX, .strict = true};
	struct trace *trace = make_trace(100);

	add(trace, 0, 1);
	add(trace, 2, 11); /* late */
	add(trace, 1, 12);
	add(trace, 3, 10);
	add(trace, 3, 11); /* a late copy */
	trace_add(trace, &(struct message_record){.sequence = 4,
			     .sent = due(4) - 2 * NTP_S, /* wrong clock */
			     .received = due(4)});
	stop(trace, 5, due(60), NULL, 0);
	check(trace, all, "0 2 1 3 3 4");
	check(trace, strict, "0 -1 -2 3 -4");
	trace_free(trace);
}

/* One that is not takes the whole session for unsynchronised, to perfSONAR. */
static void
a_loss_has_the_estimate_of_the_clock_it_was_certain_by(void **state)
{
	static const uint16_t want[] = {
	    0x8101, 0x8101, 0x8101, 0x8201, 0x8201, 0x8201};
	const struct trace_span wide = {
	    .end = UINT32_MAX, .until = due(100), .estimate = 0x8301};
	struct trace *trace = make_trace(100);
	struct message_record record = {.sequence = 1,
	    .sent = due(1),
	    .received = due(13),
	    .receive_estimate = 0x8101};
	struct trace_reader *reader;

	trace_add(trace, &record);
	record = (struct message_record){.sequence = 3,
	    .sent = due(3),
	    .received = due(13),
	    .receive_estimate = 0x8201};
	trace_add(trace, &record);
	stop(trace, 6, due(60), NULL, 0);
	reader = trace_read(trace, &wide);
	/* 0 and 2 are lost before anything came, 4 and 5 behind it */
	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++) {
		assert_true(trace_read_next(reader, &record));
		assert_int_equal(record.receive_estimate, want[i]);
	}
	assert_false(trace_read_next(reader, &record));
	trace_read_free(reader);
	trace_free(trace);
	trace = make_trace(100);
	stop(trace, 1, due(60), NULL, 0);
	reader = trace_read(trace, &wide);
	assert_true(trace_read_next(reader, &record));
	assert_int_equal(record.receive_estimate, 0x8301);
	trace_read_free(reader);
	trace_free(trace);
}

static void
what_there_is_no_room_for_is_nobody_s_loss(void **state)
{
	struct trace *trace = make_trace(5);
	size_t size;

	for (uint32_t i = 0; i < 10; i++)
		if (i != 3)
			add(trace, i, 1);
	add(trace, UINT32_MAX, 1);
	assert_int_equal(trace_missed(trace), 6);
	size = trace_size(trace);
	stop(trace, 10, due(60), NULL, 0);
	check(trace, all, "0 1 2 4 -3");
	assert_false(trace_is_whole(trace));
	assert_true(trace_size(trace) >= size);
	trace_free(trace);
	trace = make_trace(1000000);
	for (uint32_t i = 0; i < 100000; i++)
		add(trace, i, 1);
	assert_true(trace_size(trace) < 2 * 48 * 100000);
	trace_free(trace);
	trace = make_trace(100);
	add(trace, 0, 1);
	add(trace, 2, 1);
	add(trace, 6, 1);
	trace_close(trace);
	add(trace, 5, 1);
	assert_int_equal(trace_missed(trace), 1);
	stop(trace, 9, due(60), NULL, 0);
	check(trace, all, "0 2 -1 -3 -4");
	assert_false(trace_is_whole(trace));
	trace_free(trace);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(arrivals_keep_their_order_and_copies),
	    cmocka_unit_test(a_loss_stands_where_it_was_certain),
	    cmocka_unit_test(nothing_is_lost_that_was_not_said_to_be_sent),
	    cmocka_unit_test(what_was_not_sent_is_not_lost),
	    cmocka_unit_test(records_newer_than_stop_less_timeout_go),
	    cmocka_unit_test(numbers_that_were_never_sent_go_and_nothing_else),
	    cmocka_unit_test(statements_correct_the_times_of_sending),
	    cmocka_unit_test(others_see_no_packet_beyond_the_timeout),
	    cmocka_unit_test(
		a_loss_has_the_estimate_of_the_clock_it_was_certain_by),
	    cmocka_unit_test(what_there_is_no_room_for_is_nobody_s_loss),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
