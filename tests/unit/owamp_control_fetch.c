/* SPDX-License-Identifier: BSD-2-Clause */
/* A session that is fetched, from its outlet to the inlet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/owamp_line.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static struct message_record
make_record(uint32_t i)
{
	return ((struct message_record){.sequence = i,
	    .send_estimate = 0x8101,
	    .receive_estimate = 0x8202,
	    .sent = UINT64_C(0xeeac941d00000000) + i,
	    .received = i % 3 == 0 ? 0 : UINT64_C(0xeeac941d10000000) + i,
	    .ttl = (uint8_t)i});
}

static void
send_session(struct outlet *out, uint32_t records)
{
	outlet_fetched(out, &(struct message_fetched){.finished = 1,
				.next = records,
				.skips = LINE_RANGES,
				.records = records});
	outlet_request(out, &line_request);
	outlet_skips(out, line_ranges, LINE_RANGES);
	for (uint32_t i = 0; i < records; i++) {
		struct message_record record = make_record(i);

		outlet_record(out, &record);
	}
	outlet_end(out);
}

static void
check_records(struct line *line, uint32_t records)
{
	const struct message_record *got = &inlet_message(line->in)->record;

	for (uint32_t i = 0; i < records; i++) {
		struct message_record want = make_record(i);

		assert_int_equal(line_receive(line), INLET_RECORD);
		assert_int_equal(got->sequence, want.sequence);
		assert_int_equal(got->send_estimate, want.send_estimate);
		assert_int_equal(got->receive_estimate, want.receive_estimate);
		assert_true(got->sent == want.sent);
		assert_true(got->received == want.received);
		assert_int_equal(got->ttl, want.ttl);
	}
}

/* 32, 112, slots, 32 + 16 of skips, packed records, digests */
static size_t
session_size(uint32_t records)
{
	return (32 + 112 + line_request.slot_count * 16 + 16 + 32 + 16 +
		(25 * records + 15) / 16 * 16 + 16);
}

static void
a_fetched_session_is_whole(void **state)
{
	static const uint32_t many[] = {0, 1, 15, 16, 17, 32, 333};

	for (size_t i = 0; i < 2 * COUNT(many); i++) {
		struct line line = line_make(i % 2 != 0, 1 + 13 * (i % 3));
		uint32_t records = many[i / 2];

		send_session(line.out, records);
		assert_int_equal(line_waiting(&line), session_size(records));
		assert_int_equal(
		    line_expect(&line, INLET_HOPE_FETCHED), INLET_FETCHED);
		assert_int_equal(line_receive(&line), INLET_SESSION);
		line_check_request(&inlet_message(line.in)->request);
		assert_int_equal(line_receive(&line), INLET_SKIPS);
		assert_memory_equal(inlet_message(line.in)->skips.ranges,
		    line_ranges, sizeof(line_ranges));
		check_records(&line, records);
		assert_int_equal(line_receive(&line), INLET_END);
		line_talk(&line);
		line_free(&line);
	}
}

static void
a_refused_fetch_is_one_message(void **state)
{
	struct line line = line_make(true, 16);

	outlet_fetched(
	    line.out, &(struct message_fetched){.accept = 1, .records = 5});
	assert_int_equal(line_expect(&line, INLET_HOPE_FETCHED), INLET_FETCHED);
	line_talk(&line);
	line_free(&line);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_fetched_session_is_whole),
	    cmocka_unit_test(a_refused_fetch_is_one_message),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
