/* SPDX-License-Identifier: BSD-2-Clause */
/* Inlet and outlet, the two ends of one direction of a control connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/hash.h"
#include "common/memory.h"
#include "probes/owamp/inlet.h"
#include "probes/owamp/ntp.h"
#include "probes/owamp/outlet.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const struct inlet_limits limits = {
    .slots = 8, .sessions = 4, .skips = 6};
static const struct keys keys = {{1, 2, 3}, {4, 5, 6}};
static const uint8_t iv[CIPHER_BLOCK] = {7, 8, 9};
static const struct slot slots[] = {
    {SLOT_EXPONENTIAL, NTP_S / 2}, {SLOT_FIXED, 77}, {SLOT_FIXED, 1}};
static const struct message_request request = {
    .family = 4,
    .receives = 1,
    .packets = 1200,
    .sender_port = 0x1234,
    .receiver_port = 0x5678,
    .sender = {127, 0, 0, 1},
    .receiver = {127, 0, 0, 2},
    .sid = {0x7f, 0, 0, 1, 0xee},
    .padding = 27,
    .start = UINT64_C(0xeeac941d4c3bd599),
    .timeout = 2 * NTP_S,
    .type_p = 0x2e000000,
    .slot_count = COUNT(slots),
    .slots = slots,
};
static const struct message_skip odd[] = {{0, 0}, {3, 7}, {9, 9}};
static const struct message_skip even[] = {{2, 4}, {100, UINT32_MAX}};

struct line {
	struct outlet *out;
	struct inlet *in;
	size_t piece; /* bytes that come at once */
	struct error err;
};

static struct line
make_line(bool secure, size_t piece)
{
	struct line line = {
	    .out = outlet_new(), .in = inlet_new(&limits), .piece = piece};
	const struct keys *k = secure ? &keys : NULL;

	outlet_protect(line.out, k, iv);
	inlet_protect(line.in, k, iv);
	return (line);
}

static void
free_line(struct line *line)
{
	outlet_free(line->out);
	inlet_free(line->in);
}

/* What comes out next; pieces are copies, so that an overrun is seen. -1: the
 * inlet found fault. */
static int
receive(struct line *line)
{
	enum inlet_event event = INLET_MORE;

	for (;;) {
		size_t length, offered;
		const uint8_t *data = outlet_data(line->out, &length), *at;
		uint8_t *copy;
		int result;

		if (length > line->piece)
			length = line->piece;
		at = copy = memory_new(length + 1, 1);
		if (length > 0)
			memcpy(copy, data, length);
		offered = length;
		result = inlet_take(line->in, &at, &length, &event, &line->err);
		free(copy);
		outlet_sent(line->out, offered - length);
		if (result == -1 || event != INLET_MORE || offered == 0)
			return (result == -1 ? -1 : (int)event);
	}
}

static int
expect(struct line *line, enum inlet_hope hope)
{
	inlet_expect(line->in, hope);
	return (receive(line));
}

static size_t
waiting(const struct line *line)
{
	size_t length;

	outlet_data(line->out, &length);
	return (length);
}

static void
check_request(const struct message_request *got)
{
	assert_int_equal(got->family, request.family);
	assert_int_equal(got->sends, 0);
	assert_int_equal(got->receives, 1);
	assert_int_equal(got->packets, request.packets);
	assert_int_equal(got->sender_port, request.sender_port);
	assert_int_equal(got->receiver_port, request.receiver_port);
	assert_memory_equal(got->sender, request.sender, 16);
	assert_memory_equal(got->receiver, request.receiver, 16);
	assert_memory_equal(got->sid, request.sid, KEYS_SID);
	assert_int_equal(got->padding, request.padding);
	assert_true(got->start == request.start);
	assert_true(got->timeout == request.timeout);
	assert_int_equal(got->type_p, request.type_p);
	assert_int_equal(got->slot_count, COUNT(slots));
	for (size_t i = 0; i < COUNT(slots); i++) {
		assert_int_equal(got->slots[i].kind, slots[i].kind);
		assert_true(got->slots[i].length == slots[i].length);
	}
	assert_int_equal(message_check_request(got, NULL), ACCEPT_OK);
}

static void
check_stop(const struct message_stop *got)
{
	assert_int_equal(got->accept, 0);
	assert_int_equal(got->count, 3);
	assert_int_equal(got->sessions[0].sid[0], 1);
	assert_int_equal(got->sessions[0].next, 1000);
	assert_int_equal(got->sessions[0].skip_count, COUNT(odd));
	assert_memory_equal(got->sessions[0].skips, odd, sizeof(odd));
	assert_int_equal(got->sessions[1].skip_count, 0);
	assert_int_equal(got->sessions[1].next, MESSAGE_NEXT_UNKNOWN);
	assert_int_equal(got->sessions[2].sid[0], 3);
	assert_int_equal(got->sessions[2].skip_count, COUNT(even));
	assert_memory_equal(got->sessions[2].skips, even, sizeof(even));
}

static void
send_stop(struct outlet *out)
{
	const struct message_stopped sessions[] = {
	    {.sid = {1}, .next = 1000, .skip_count = COUNT(odd), .skips = odd},
	    {.sid = {2}, .next = MESSAGE_NEXT_UNKNOWN},
	    {.sid = {3}, .skip_count = COUNT(even), .skips = even},
	};

	outlet_stop(
	    out, &(struct message_stop){.count = 3, .sessions = sessions});
}

/* All commands at once, and what answers them. */
static void
talk(struct line *line)
{
	const union inlet_message *m = inlet_message(line->in);

	outlet_request(line->out, &request);
	outlet_accepted(
	    line->out, &(struct message_accepted){
			   .accept = ACCEPT_LATER, .port = 8765, .sid = {9}});
	outlet_start(line->out);
	outlet_started(line->out, ACCEPT_OK);
	send_stop(line->out);
	outlet_stop(line->out, &(struct message_stop){.accept = 2});
	outlet_fetch(
	    line->out, &(struct message_fetch){
			   .begin = 5, .end = UINT32_MAX, .sid = {1, 2}});
	assert_int_equal(expect(line, INLET_HOPE_COMMAND), INLET_REQUEST);
	check_request(&m->request);
	assert_int_equal(expect(line, INLET_HOPE_ACCEPTED), INLET_ACCEPTED);
	assert_int_equal(m->accepted.accept, ACCEPT_LATER);
	assert_int_equal(m->accepted.port, 8765);
	assert_int_equal(m->accepted.sid[0], 9);
	assert_int_equal(expect(line, INLET_HOPE_COMMAND), INLET_START);
	assert_int_equal(expect(line, INLET_HOPE_STARTED), INLET_STARTED);
	assert_int_equal(m->started, ACCEPT_OK);
	assert_int_equal(expect(line, INLET_HOPE_COMMAND), INLET_STOP);
	check_stop(&m->stop);
	assert_int_equal(expect(line, INLET_HOPE_COMMAND), INLET_STOP);
	assert_int_equal(m->stop.accept, 2);
	assert_int_equal(m->stop.count, 0);
	assert_int_equal(expect(line, INLET_HOPE_COMMAND), INLET_FETCH);
	assert_int_equal(m->fetch.begin, 5);
	assert_true(m->fetch.end == UINT32_MAX);
	assert_int_equal(waiting(line), 0);
}

static void
messages_arrive_in_any_pieces(void **state)
{
	static const size_t pieces[] = {1, 7, 16, 33, 10000};

	for (size_t i = 0; i < 2 * COUNT(pieces); i++) {
		struct line line = make_line(i % 2 != 0, pieces[i / 2]);

		talk(&line);
		talk(&line); /* the chain goes on */
		free_line(&line);
	}
}

static void
the_first_messages_are_in_clear(void **state)
{
	struct line line = {
	    .out = outlet_new(), .in = inlet_new(&limits), .piece = 1};
	const union inlet_message *m = inlet_message(line.in);

	outlet_greeting(line.out, &(struct message_greeting){.modes = MODE_ALL,
				      .challenge = {1},
				      .salt = {2},
				      .count = 2048});
	outlet_setup(line.out, &(struct message_setup){.mode = MODE_ENCRYPTED,
				   .key_id = "nyc",
				   .token = {3},
				   .iv = {4}});
	assert_int_equal(waiting(&line), MESSAGE_GREETING + MESSAGE_SETUP);
	assert_int_equal(expect(&line, INLET_HOPE_GREETING), INLET_GREETING);
	assert_int_equal(m->greeting.modes, MODE_ALL);
	assert_int_equal(m->greeting.challenge[0], 1);
	assert_int_equal(m->greeting.salt[0], 2);
	assert_int_equal(m->greeting.count, 2048);
	assert_int_equal(expect(&line, INLET_HOPE_SETUP), INLET_SETUP);
	assert_int_equal(m->setup.mode, MODE_ENCRYPTED);
	assert_string_equal(m->setup.key_id, "nyc");
	assert_int_equal(m->setup.token[0], 3);
	assert_int_equal(m->setup.iv[0], 4);
	outlet_setup(line.out, &(struct message_setup){.mode = 5});
	assert_int_equal(expect(&line, INLET_HOPE_SETUP), -1);
	free_line(&line);
}

/* A client knows the vector from the welcome itself. */
static struct line
make_client(bool secure)
{
	struct line line = {
	    .out = outlet_new(), .in = inlet_new(&limits), .piece = 5};

	inlet_protect(line.in, secure ? &keys : NULL, NULL);
	return (line);
}

static void
a_welcome_is_signed_with_what_follows(void **state)
{
	struct message_welcome welcome = {
	    .since = UINT64_C(0x1122334455667788)};

	memcpy(welcome.iv, iv, sizeof(iv));
	for (int secure = 0; secure < 2; secure++) {
		struct line line = make_client(secure);

		outlet_protect(line.out, secure ? &keys : NULL, iv);
		outlet_welcome(line.out, &welcome);
		outlet_started(line.out, ACCEPT_OK);
		assert_int_equal(waiting(&line), MESSAGE_WELCOME + 32);
		assert_int_equal(
		    expect(&line, INLET_HOPE_WELCOME), INLET_WELCOME);
		assert_true(
		    inlet_message(line.in)->welcome.since == welcome.since);
		assert_int_equal(
		    expect(&line, INLET_HOPE_STARTED), INLET_STARTED);
		free_line(&line);
	}
}

/* The same, and a Stop-Sessions behind it, made with other implementations of
 * AES and HMAC. */
static void
encryption_is_one_chain_over_all_messages(void **state)
{
	static const char known[] =
	    "0000000000000000000000000000000007080900000000000000000000000000"
	    "457fc6829c4badf84c6a10311e73e31d041bb24435acb7dc8dbdb7eb9ddd3e71"
	    "f0feff18ae36b613b6fc3f33d01ec5ab151a0741d0b9379b4542de4f4151b5c6"
	    "144fb75fa0105ef601a5cf5e7ca629de";
	struct message_welcome welcome = {
	    .since = UINT64_C(0x1122334455667788)};
	struct line line = make_client(true);
	uint8_t want[sizeof(known) / 2];
	const uint8_t *data;
	size_t length;

	assert_int_equal(hash_unhex(known, want, sizeof(want)), 0);
	memcpy(welcome.iv, iv, sizeof(iv));
	outlet_protect(line.out, &keys, iv);
	outlet_welcome(line.out, &welcome);
	outlet_started(line.out, ACCEPT_OK);
	outlet_stop(line.out, &(struct message_stop){.accept = 2});
	data = outlet_data(line.out, &length);
	assert_int_equal(length, sizeof(want));
	assert_memory_equal(data, want, sizeof(want));
	free_line(&line);
}

static void
a_refusal_is_in_clear(void **state)
{
	struct line line = make_client(true);

	outlet_welcome(
	    line.out, &(struct message_welcome){.accept = ACCEPT_REJECTED});
	assert_int_equal(expect(&line, INLET_HOPE_WELCOME), INLET_WELCOME);
	assert_int_equal(inlet_message(line.in)->welcome.accept, 1);
	assert_true(inlet_message(line.in)->welcome.since == 0);
	free_line(&line);
}

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
				.skips = COUNT(odd),
				.records = records});
	outlet_request(out, &request);
	outlet_skips(out, odd, COUNT(odd));
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

		assert_int_equal(receive(line), INLET_RECORD);
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
	return (32 + 112 + COUNT(slots) * 16 + 16 + 32 + 16 +
		(25 * records + 15) / 16 * 16 + 16);
}

static void
a_fetched_session_is_whole(void **state)
{
	static const uint32_t many[] = {0, 1, 15, 16, 17, 32, 333};

	for (size_t i = 0; i < 2 * COUNT(many); i++) {
		struct line line = make_line(i % 2 != 0, 1 + 13 * (i % 3));
		uint32_t records = many[i / 2];

		send_session(line.out, records);
		assert_int_equal(waiting(&line), session_size(records));
		assert_int_equal(
		    expect(&line, INLET_HOPE_FETCHED), INLET_FETCHED);
		assert_int_equal(receive(&line), INLET_SESSION);
		check_request(&inlet_message(line.in)->request);
		assert_int_equal(receive(&line), INLET_SKIPS);
		assert_memory_equal(
		    inlet_message(line.in)->skips.ranges, odd, sizeof(odd));
		check_records(&line, records);
		assert_int_equal(receive(&line), INLET_END);
		talk(&line);
		free_line(&line);
	}
}

static void
a_refused_fetch_is_one_message(void **state)
{
	struct line line = make_line(true, 16);

	outlet_fetched(
	    line.out, &(struct message_fetched){.accept = 1, .records = 5});
	assert_int_equal(expect(&line, INLET_HOPE_FETCHED), INLET_FETCHED);
	talk(&line);
	free_line(&line);
}

/* The layout, from the standard's figures. */
static void
a_request_has_its_fields_where_the_rfc_has_them(void **state)
{
	static const uint8_t head[] = {1, 4, 0, 1, 0, 0, 0, 3, 0, 0, 4, 0xb0,
	    0x12, 0x34, 0x56, 0x78, 127, 0, 0, 1, 0};
	static const uint8_t tail[] = {0, 0, 0, 27, 0xee, 0xac, 0x94, 0x1d,
	    0x4c, 0x3b, 0xd5, 0x99, 0, 0, 0, 2, 0, 0, 0, 0, 0x2e, 0, 0, 0, 0};
	static const uint8_t slot[] = {
	    1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 77};
	struct line line = make_line(false, 1);
	const uint8_t *data;
	size_t length;

	outlet_request(line.out, &request);
	data = outlet_data(line.out, &length);
	assert_int_equal(length, 112 + 3 * 16 + 16);
	assert_memory_equal(data, head, sizeof(head));
	assert_memory_equal(data + 48, request.sid, KEYS_SID);
	assert_memory_equal(data + 64, tail, sizeof(tail));
	assert_memory_equal(data + 112 + 16, slot, sizeof(slot));
	free_line(&line);
}

static void
stopped_sessions_end_with_their_blocks(void **state)
{
	struct line line = make_line(false, 1);

	outlet_stop(line.out, &(struct message_stop){.count = 0});
	assert_int_equal(waiting(&line), 32);
	outlet_sent(line.out, 32);
	send_stop(line.out);
	/* three ranges, none, and two: only an odd number fills the blocks */
	assert_int_equal(waiting(&line), 16 + 48 + 32 + 48 + 16);
	free_line(&line);
}

/* Whatever bit is changed on the way, nothing is taken for true that was not
 * sent. */
static void
no_changed_bit_gets_through(void **state)
{
	size_t length = 16 + 48 + 32 + 48 + 16;

	for (size_t bit = 0; bit < 8 * length; bit += 3) {
		struct line line = make_line(true, 1000);
		uint8_t copy[16 + 48 + 32 + 48 + 16];
		const uint8_t *data;
		enum inlet_event event = INLET_MORE;

		send_stop(line.out);
		data = outlet_data(line.out, &length);
		memcpy(copy, data, length);
		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
		data = copy;
		inlet_expect(line.in, INLET_HOPE_COMMAND);
		if (inlet_take(line.in, &data, &length, &event, NULL) == 0)
			assert_int_equal(event, INLET_MORE);
		length = sizeof(copy);
		free_line(&line);
	}
}

static void
other_keys_are_found_out(void **state)
{
	static const struct keys others = {{1, 2, 3}, {4, 5, 7}};
	struct line line = {
	    .out = outlet_new(), .in = inlet_new(&limits), .piece = 100};

	outlet_protect(line.out, &keys, iv);
	inlet_protect(line.in, &others, iv);
	outlet_start(line.out);
	assert_int_equal(expect(&line, INLET_HOPE_COMMAND), -1);
	assert_string_equal(line.err.text, "Start-Sessions: wrong HMAC");
	assert_int_equal(receive(&line), -1); /* for good */
	free_line(&line);
}

static void
check_refused(struct line *line, const char *why)
{
	assert_int_equal(expect(line, INLET_HOPE_COMMAND), -1);
	assert_string_equal(line->err.text, why);
	free_line(line);
}

static void
what_a_peer_may_ask_for_has_limits(void **state)
{
	static const struct message_skip many[] = {
	    {0, 0}, {2, 2}, {4, 4}, {6, 6}};
	const struct message_stopped sessions[] = {
	    {.skip_count = 4, .skips = many}, {.skip_count = 3, .skips = odd}};
	const struct slot nine[9] = {{SLOT_FIXED, 1}};
	struct message_request large = request;
	struct message_stopped five[5] = {{.next = 1}};
	struct line line = make_line(true, 3);

	large.slot_count = 9;
	large.slots = nine;
	outlet_request(line.out, &large);
	check_refused(&line, "schedule slots: 9, expected at most 8");
	line = make_line(true, 3);
	outlet_stop(
	    line.out, &(struct message_stop){.count = 5, .sessions = five});
	check_refused(&line, "sessions: 5, expected at most 4");
	line = make_line(true, 3);
	outlet_stop(
	    line.out, &(struct message_stop){.count = 2, .sessions = sessions});
	check_refused(&line, "skip ranges: 3, expected at most 2");
}

static void
skip_ranges_rise(void **state)
{
	static const struct message_skip bad[][2] = {
	    {{5, 4}, {6, 6}}, {{1, 3}, {3, 4}}, {{9, 9}, {2, 2}}};

	for (size_t i = 0; i < COUNT(bad); i++) {
		const struct message_stopped session = {
		    .skip_count = 2, .skips = bad[i]};
		struct line line = make_line(false, 50);

		outlet_stop(line.out,
		    &(struct message_stop){.count = 1, .sessions = &session});
		assert_int_equal(expect(&line, INLET_HOPE_COMMAND), -1);
		free_line(&line);
	}
}

static void
an_unknown_command_ends_it(void **state)
{
	const uint8_t bytes[16] = {5}, *data = bytes;
	size_t length = sizeof(bytes);
	struct line line = make_line(false, 1);
	enum inlet_event event;

	inlet_expect(line.in, INLET_HOPE_COMMAND);
	assert_int_equal(
	    inlet_take(line.in, &data, &length, &event, &line.err), -1);
	assert_string_equal(line.err.text, "command 5, expected 1 to 4");
	free_line(&line);
}

static void
requests_that_nobody_could_meet(void **state)
{
	struct message_request r = request;
	const struct slot odd_slot = {(enum slot_kind)2, 1};

	r.family = 5;
	assert_int_equal(message_check_request(&r, NULL), ACCEPT_UNSUPPORTED);
	r = request;
	r.sends = 1;
	assert_int_equal(message_check_request(&r, NULL), ACCEPT_UNSUPPORTED);
	r.sends = r.receives = 0;
	assert_int_equal(message_check_request(&r, NULL), ACCEPT_REJECTED);
	r = request;
	r.type_p = 0x40000000;
	assert_int_equal(message_check_request(&r, NULL), ACCEPT_UNSUPPORTED);
	r = request;
	r.slot_count = 0;
	assert_int_equal(message_check_request(&r, NULL), ACCEPT_REJECTED);
	r.slot_count = 1;
	r.slots = &odd_slot;
	assert_int_equal(message_check_request(&r, NULL), ACCEPT_UNSUPPORTED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(messages_arrive_in_any_pieces),
	    cmocka_unit_test(the_first_messages_are_in_clear),
	    cmocka_unit_test(a_welcome_is_signed_with_what_follows),
	    cmocka_unit_test(encryption_is_one_chain_over_all_messages),
	    cmocka_unit_test(a_refusal_is_in_clear),
	    cmocka_unit_test(a_fetched_session_is_whole),
	    cmocka_unit_test(a_refused_fetch_is_one_message),
	    cmocka_unit_test(a_request_has_its_fields_where_the_rfc_has_them),
	    cmocka_unit_test(stopped_sessions_end_with_their_blocks),
	    cmocka_unit_test(no_changed_bit_gets_through),
	    cmocka_unit_test(other_keys_are_found_out),
	    cmocka_unit_test(what_a_peer_may_ask_for_has_limits),
	    cmocka_unit_test(skip_ranges_rise),
	    cmocka_unit_test(an_unknown_command_ends_it),
	    cmocka_unit_test(requests_that_nobody_could_meet),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
