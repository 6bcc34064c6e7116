/* SPDX-License-Identifier: BSD-2-Clause */
/* Inlet and outlet, the two ends of one direction of a control connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/hash.h"
#include "tests/unit/owamp_line.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void
messages_arrive_in_any_pieces(void **state)
{
	static const size_t pieces[] = {1, 7, 16, 33, 10000};

	for (size_t i = 0; i < 2 * COUNT(pieces); i++) {
		struct line line = line_make(i % 2 != 0, pieces[i / 2]);

		line_talk(&line);
		line_talk(&line); /* the chain goes on */
		line_free(&line);
	}
}

static void
the_first_messages_are_in_clear(void **state)
{
	struct line line = line_make_bare(1);
	const union inlet_message *m = inlet_message(line.in);

	outlet_greeting(line.out, &(struct message_greeting){.modes = MODE_ALL,
				      .challenge = {1},
				      .salt = {2},
				      .count = 2048});
	outlet_setup(line.out, &(struct message_setup){.mode = MODE_ENCRYPTED,
				   .key_id = "nyc",
				   .token = {3},
				   .iv = {4}});
	assert_int_equal(line_waiting(&line), MESSAGE_GREETING + MESSAGE_SETUP);
	assert_int_equal(
	    line_expect(&line, INLET_HOPE_GREETING), INLET_GREETING);
	assert_int_equal(m->greeting.modes, MODE_ALL);
	assert_int_equal(m->greeting.challenge[0], 1);
	assert_int_equal(m->greeting.salt[0], 2);
	assert_int_equal(m->greeting.count, 2048);
	assert_int_equal(line_expect(&line, INLET_HOPE_SETUP), INLET_SETUP);
	assert_int_equal(m->setup.mode, MODE_ENCRYPTED);
	assert_string_equal(m->setup.key_id, "nyc");
	assert_int_equal(m->setup.token[0], 3);
	assert_int_equal(m->setup.iv[0], 4);
	outlet_setup(line.out, &(struct message_setup){.mode = 5});
	assert_int_equal(line_expect(&line, INLET_HOPE_SETUP), -1);
	line_free(&line);
}

/* A client knows the vector from the welcome itself. */
static struct line
make_client(bool secure)
{
	struct line line = line_make_bare(5);

	inlet_protect(line.in, secure ? &line_keys : NULL, NULL);
	return (line);
}

static void
a_welcome_is_signed_with_what_follows(void **state)
{
	struct message_welcome welcome = {
	    .since = UINT64_C(0x1122334455667788)};

	memcpy(welcome.iv, line_iv, sizeof(line_iv));
	for (int secure = 0; secure < 2; secure++) {
		struct line line = make_client(secure);

		outlet_protect(line.out, secure ? &line_keys : NULL, line_iv);
		outlet_welcome(line.out, &welcome);
		outlet_started(line.out, ACCEPT_OK);
		assert_int_equal(line_waiting(&line), MESSAGE_WELCOME + 32);
		assert_int_equal(
		    line_expect(&line, INLET_HOPE_WELCOME), INLET_WELCOME);
		assert_true(
		    inlet_message(line.in)->welcome.since == welcome.since);
		assert_int_equal(
		    line_expect(&line, INLET_HOPE_STARTED), INLET_STARTED);
		line_free(&line);
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
	memcpy(welcome.iv, line_iv, sizeof(line_iv));
	outlet_protect(line.out, &line_keys, line_iv);
	outlet_welcome(line.out, &welcome);
	outlet_started(line.out, ACCEPT_OK);
	outlet_stop(line.out, &(struct message_stop){.accept = 2});
	data = outlet_data(line.out, &length);
	assert_int_equal(length, sizeof(want));
	assert_memory_equal(data, want, sizeof(want));
	line_free(&line);
}

static void
a_refusal_is_in_clear(void **state)
{
	struct line line = make_client(true);

	outlet_welcome(
	    line.out, &(struct message_welcome){.accept = ACCEPT_REJECTED});
	assert_int_equal(line_expect(&line, INLET_HOPE_WELCOME), INLET_WELCOME);
	assert_int_equal(inlet_message(line.in)->welcome.accept, 1);
	assert_true(inlet_message(line.in)->welcome.since == 0);
	line_free(&line);
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
	struct line line = line_make(false, 1);
	const uint8_t *data;
	size_t length;

	outlet_request(line.out, &line_request);
	data = outlet_data(line.out, &length);
	assert_int_equal(length, 112 + 3 * 16 + 16);
	assert_memory_equal(data, head, sizeof(head));
	assert_memory_equal(data + 48, line_request.sid, KEYS_SID);
	assert_memory_equal(data + 64, tail, sizeof(tail));
	assert_memory_equal(data + 112 + 16, slot, sizeof(slot));
	line_free(&line);
}

static void
stopped_sessions_end_with_their_blocks(void **state)
{
	struct line line = line_make(false, 1);

	outlet_stop(line.out, &(struct message_stop){.count = 0});
	assert_int_equal(line_waiting(&line), 32);
	outlet_sent(line.out, 32);
	line_send_stop(line.out);
	/* three ranges, none, and two: only an odd number fills the blocks */
	assert_int_equal(line_waiting(&line), 16 + 48 + 32 + 48 + 16);
	line_free(&line);
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
	    cmocka_unit_test(a_request_has_its_fields_where_the_rfc_has_them),
	    cmocka_unit_test(stopped_sessions_end_with_their_blocks),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
