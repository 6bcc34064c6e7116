/* SPDX-License-Identifier: BSD-2-Clause */
/* Statements of what was sent, beside the messages that the RFC has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "probes/owamp/ntp.h"
#include "tests/unit/owamp_line.h"
#include "tests/unit/owamp_wire.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const struct message_skip unsent[] = {{100, 100}, {102, 103}};
static const struct message_skip stuck[] = {{104, 104}};
static const int32_t later[] = {
    MESSAGE_NO_STAMP, -7, MESSAGE_NO_STAMP, MESSAGE_NO_STAMP, 0, INT32_MAX};
static const struct message_statement statement = {.sid = {1, 2},
    .first = 100,
    .next = 106,
    .unsent_count = COUNT(unsent),
    .unsent = unsent,
    .stuck_count = COUNT(stuck),
    .stuck = stuck,
    .stamp_count = COUNT(later),
    .later = later};

static void
check_statement(const struct message_statement *m)
{
	assert_memory_equal(m->sid, statement.sid, KEYS_SID);
	assert_int_equal(m->first, 100);
	assert_int_equal(m->next, 106);
	assert_int_equal(m->unsent_count, COUNT(unsent));
	assert_memory_equal(m->unsent, unsent, sizeof(unsent));
	assert_int_equal(m->stuck_count, COUNT(stuck));
	assert_memory_equal(m->stuck, stuck, sizeof(stuck));
	assert_int_equal(m->stamp_count, COUNT(later));
	assert_memory_equal(m->later, later, sizeof(later));
}

static int
pass(const struct message_statement *m, bool secure, size_t piece, bool allowed,
    struct error *err)
{
	struct line line = line_make(secure, piece);
	int result;

	if (allowed)
		inlet_allow_statements(line.in);
	outlet_state(line.out, m);
	outlet_start(line.out);
	result = line_expect(&line, INLET_HOPE_COMMAND);
	if (result == -1 && err != NULL)
		*err = line.err;
	if (result == INLET_STATE && m == &statement)
		check_statement(&inlet_message(line.in)->statement);
	if (result == INLET_STATE) /* nothing of it is left */
		assert_int_equal(
		    line_expect(&line, INLET_HOPE_COMMAND), INLET_START);
	line_free(&line);
	return (result);
}

static void
statements_arrive_in_any_pieces(void **state)
{
	static const size_t pieces[] = {1, 7, 16, 33, 10000};
	struct error err;

	for (size_t i = 0; i < COUNT(pieces); i++) {
		assert_int_equal(pass(&statement, false, pieces[i], true, &err),
		    INLET_STATE);
		assert_int_equal(
		    pass(&statement, true, pieces[i], true, &err), INLET_STATE);
	}
}

static void
a_statement_has_its_fields_where_the_header_has_them(void **state)
{
	static const uint8_t want[] = {192, 0, 0, 0, 0, 0, 0, 100, 0, 0, 0, 106,
	    0, 0, 0, 2, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	    1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 0, 0, 0, 100,
	    0, 0, 0, 102, 0, 0, 0, 103, 0, 0, 0, 104, 0, 0, 0, 104, 0x80, 0, 0,
	    0, 0xff, 0xff, 0xff, 0xf9, 0x80, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0,
	    0x7f, 0xff, 0xff, 0xff};
	struct outlet *outlet = outlet_new();
	const uint8_t *data;
	size_t length;

	outlet_protect(outlet, NULL, line_iv);
	outlet_state(outlet, &statement);
	data = outlet_data(outlet, &length);
	assert_int_equal(length, message_padded(sizeof(want)) + CIPHER_DIGEST);
	assert_memory_equal(data, want, sizeof(want));
	outlet_free(outlet);
}

static void
check_refused(const struct message_statement *m, const char *why)
{
	struct error err;

	assert_int_equal(pass(m, true, 50, true, &err), -1);
	assert_string_equal(err.text, why);
}

static void
a_statement_that_contradicts_itself_ends_it(void **state)
{
	struct message_statement m = statement;

	m.next = 107;
	check_refused(&m, "statement: 6 stamps, expected 0 or 7");
	m.stamp_count = 0;
	assert_int_equal(pass(&m, true, 50, true, NULL), INLET_STATE);
	m.next = 99;
	check_refused(&m, "statement: packets 100 to before 99, expected at "
			  "most 4096");
	m.next = 100 + MESSAGE_STATEMENT_MOST + 1;
	check_refused(&m, "statement: packets 100 to before 4197, expected at "
			  "most 4096");
	m.next = 101;
	check_refused(&m, "statement: 2 and 1 ranges, of 1 packets");
	m.next = 103;
	check_refused(&m, "statement: range 102 to 103, expected rising ones "
			  "within 100 to before 103");
	m.next = 106;
	m.first = 101;
	check_refused(&m, "statement: range 100 to 100, expected rising ones "
			  "within 101 to before 106");
}

static void
ranges_of_a_statement_rise(void **state)
{
	static const struct message_skip bad[][2] = {{{105, 104}, {105, 105}},
	    {{101, 103}, {103, 104}}, {{104, 104}, {101, 101}}};

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct message_statement m = statement;

		m.unsent = bad[i];
		assert_int_equal(pass(&m, false, 50, true, NULL), -1);
		m.unsent = unsent;
		m.stuck = bad[i];
		m.stuck_count = 2;
		assert_int_equal(pass(&m, false, 50, true, NULL), -1);
	}
}

static void
the_longest_statement_passes(void **state)
{
	static struct message_skip ranges[MESSAGE_STATEMENT_MOST];
	static int32_t stamps[MESSAGE_STATEMENT_MOST];
	struct message_statement m = {.first = UINT32_MAX - 4096,
	    .next = UINT32_MAX,
	    .unsent_count = 4096,
	    .unsent = ranges,
	    .stuck = ranges,
	    .stuck_count = 4096,
	    .stamp_count = 4096,
	    .later = stamps};

	for (uint32_t i = 0; i < 4096; i++)
		ranges[i].first = ranges[i].last = m.first + i;
	assert_int_equal(pass(&m, true, 999, true, NULL), INLET_STATE);
}

static void
none_is_read_where_they_were_not_agreed_on(void **state)
{
	struct error err;

	assert_int_equal(pass(&statement, true, 50, false, &err), -1);
	assert_string_equal(err.text, "command 192, expected 1 to 4");
}

static void
open_wire(struct wire *wire, enum mode mode)
{
	wire_open(wire, mode, &wire_wish, 10000);
	wire_set_up(wire);
}

static void
both_ends_state_while_sessions_run(void **state)
{
	static const enum mode modes[] = {
	    MODE_OPEN, MODE_AUTHENTICATED, MODE_ENCRYPTED};
	const struct message_stop stop = {0};

	for (size_t i = 0; i < COUNT(modes); i++) {
		struct wire wire;

		open_wire(&wire, modes[i]);
		assert_int_equal(server_mode(wire.server), modes[i]);
		assert_int_equal(client_mode(wire.client), modes[i]);
		assert_true(server_states(wire.server));
		assert_true(client_states(wire.client));
		wire_ask(&wire);
		wire_start(&wire);
		for (int again = 0; again < 3; again++) {
			client_state(wire.client, &statement);
			server_state(wire.server, &statement);
			assert_int_equal(wire_hear_server(&wire), SERVER_STATE);
			check_statement(
			    &server_message(wire.server)->statement);
			assert_int_equal(wire_hear_client(&wire), CLIENT_STATE);
			check_statement(
			    &client_message(wire.client)->statement);
		}
		/* up to its own stop, each may */
		client_stop(wire.client, &stop);
		assert_int_equal(wire_hear_server(&wire), SERVER_STOP);
		server_state(wire.server, &statement);
		server_stop(wire.server, &stop);
		assert_int_equal(wire_hear_client(&wire), CLIENT_STATE);
		assert_int_equal(wire_hear_client(&wire), CLIENT_STOP);
		assert_true(client_is_idle(wire.client));
		wire_close(&wire);
	}
}

static void
nothing_is_stated_where_no_session_runs(void **state)
{
	struct wire wire;

	open_wire(&wire, MODE_ENCRYPTED);
	outlet_state(client_outlet(wire.client), &statement);
	assert_int_equal(wire_hear_server(&wire), -1);
	wire_close(&wire);
	open_wire(&wire, MODE_ENCRYPTED);
	outlet_state(server_outlet(wire.server), &statement);
	client_request(
	    wire.client, &(struct message_request){.family = 4, .receives = 1});
	assert_int_equal(wire_hear_client(&wire), -1);
	wire_close(&wire);
}

static void
a_client_says_what_sessions_are_for(void **state)
{
	static const enum mode modes[] = {
	    MODE_OPEN, MODE_AUTHENTICATED, MODE_ENCRYPTED};
	struct message_label label = {.interval = 60 * NTP_S / 2, .start = 7};

	memset(label.name, 'x', MESSAGE_NAME);
	for (size_t i = 0; i < COUNT(modes); i++) {
		struct wire wire;

		open_wire(&wire, modes[i]);
		client_label(wire.client, &label);
		assert_int_equal(wire_hear_server(&wire), SERVER_LABEL);
		assert_memory_equal(
		    &server_message(wire.server)->label, &label, sizeof(label));
		wire_ask(&wire);
		wire_start(&wire);
		outlet_label(client_outlet(wire.client), &label);
		assert_int_equal(wire_hear_server(&wire), -1);
		wire_close(&wire);
	}
}

static void
a_label_that_is_none_ends_it(void **state)
{
	static const struct message_label early = {.interval = -1};
	uint8_t bytes[MESSAGE_LABEL];
	struct message_label label;
	struct error err;
	struct wire wire;

	open_wire(&wire, MODE_ENCRYPTED);
	outlet_label(client_outlet(wire.client), &early);
	assert_int_equal(wire_hear_server(&wire), -1);
	wire_close(&wire);
	memset(bytes, 'x', sizeof(bytes));
	assert_int_equal(message_get_label(bytes, &label, &err), -1);
	assert_non_null(strstr(err.text, "at most 63 bytes"));
}

/* What an owping says to us, and we to an owampd: as if there were no such bit. */
static void
a_peer_that_does_not_know_them_sees_none(void **state)
{
	struct message_greeting greeting = {.modes = MODE_OPEN, .count = 1024};
	uint8_t setup[MESSAGE_SETUP], clear[MESSAGE_SETUP];
	enum client_event event;
	struct wire wire;
	struct outlet *other = outlet_new();
	const uint8_t *data;
	size_t length;

	open_wire(&wire, MODE_OPEN);
	client_free(wire.client);
	wire.client = client_new(&(struct client_wish){.modes = MODE_ALL});
	outlet_greeting(other, &greeting);
	data = outlet_data(other, &length);
	assert_int_equal(
	    client_take(wire.client, &data, &length, &event, NULL), 0);
	assert_false(client_states(wire.client));
	data = outlet_data(client_outlet(wire.client), &length);
	assert_int_equal(length, sizeof(setup));
	message_put_setup(clear, &(struct message_setup){.mode = MODE_OPEN});
	assert_memory_equal(data, clear, sizeof(clear));
	assert_int_equal(clear[0], 0);
	message_put_setup(
	    setup, &(struct message_setup){.mode = MODE_OPEN, .states = true});
	assert_int_equal(setup[0], 0x40);
	outlet_free(other);
	wire_close(&wire);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(statements_arrive_in_any_pieces),
	    cmocka_unit_test(
		a_statement_has_its_fields_where_the_header_has_them),
	    cmocka_unit_test(a_statement_that_contradicts_itself_ends_it),
	    cmocka_unit_test(ranges_of_a_statement_rise),
	    cmocka_unit_test(the_longest_statement_passes),
	    cmocka_unit_test(none_is_read_where_they_were_not_agreed_on),
	    cmocka_unit_test(both_ends_state_while_sessions_run),
	    cmocka_unit_test(nothing_is_stated_where_no_session_runs),
	    cmocka_unit_test(a_client_says_what_sessions_are_for),
	    cmocka_unit_test(a_label_that_is_none_ends_it),
	    cmocka_unit_test(a_peer_that_does_not_know_them_sees_none),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
