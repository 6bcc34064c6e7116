/* SPDX-License-Identifier: BSD-2-Clause */
/* Client and server of a control connection, from request to fetch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/owamp_wire.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const struct message_stop server_s = {.accept = ACCEPT_FAILURE};

static void
stop(struct wire *wire, bool server_first)
{
	if (server_first)
		server_stop(wire->server, &server_s);
	client_stop(wire->client, &wire_client_stop);
	assert_int_equal(wire_hear_server(wire), SERVER_STOP);
	assert_int_equal(server_message(wire->server)->stop.count, 1);
	assert_int_equal(
	    server_message(wire->server)->stop.sessions[0].skips[0].last, 4);
	if (!server_first)
		server_stop(wire->server, &server_s);
	assert_int_equal(wire_hear_client(wire), CLIENT_STOP);
	assert_int_equal(
	    client_message(wire->client)->stop.accept, ACCEPT_FAILURE);
	assert_true(client_is_idle(wire->client));
	assert_false(server_is_running(wire->server));
}

#define RECORDS 37

static void
send_session(struct wire *wire)
{
	struct outlet *out = server_outlet(wire->server);

	outlet_fetched(out,
	    &(struct message_fetched){
		.finished = 1, .next = 100, .skips = 1, .records = RECORDS});
	outlet_request(out, &wire_request);
	outlet_skips(out, &wire_skip, 1);
	for (uint32_t i = 0; i < RECORDS; i++)
		outlet_record(out, &(struct message_record){.sequence = i});
	outlet_end(out);
	server_fetched(wire->server);
}

static void
fetch(struct wire *wire)
{
	client_fetch(wire->client,
	    &(struct message_fetch){.end = UINT32_MAX, .sid = {1, 2}});
	assert_int_equal(wire_hear_server(wire), SERVER_FETCH);
	send_session(wire);
	assert_int_equal(wire_hear_client(wire), CLIENT_FETCHED);
	assert_int_equal(wire_hear_client(wire), CLIENT_SESSION);
	assert_int_equal(wire_hear_client(wire), CLIENT_SKIPS);
	for (uint32_t i = 0; i < RECORDS; i++) {
		assert_int_equal(wire_hear_client(wire), CLIENT_RECORD);
		assert_int_equal(
		    client_message(wire->client)->record.sequence, i);
	}
	assert_false(client_is_idle(wire->client));
	assert_int_equal(wire_hear_client(wire), CLIENT_END);
	assert_true(client_is_idle(wire->client));
}

static void
sessions_run_in_each_mode_and_any_pieces(void **state)
{
	static const enum mode modes[] = {
	    MODE_OPEN, MODE_AUTHENTICATED, MODE_ENCRYPTED};
	static const size_t pieces[] = {1, 13, 10000};
	struct wire wire;

	for (size_t i = 0; i < COUNT(modes) * COUNT(pieces); i++) {
		wire_open(&wire, modes[i / 3], &wire_wish, pieces[i % 3]);
		wire_set_up(&wire);
		assert_int_equal(client_mode(wire.client), modes[i / 3]);
		assert_int_equal(server_mode(wire.server), modes[i / 3]);
		for (int again = 0; again < 2; again++) {
			wire_ask(&wire);
			wire_ask(&wire);
			wire_start(&wire);
			stop(&wire, again != 0);
			fetch(&wire);
		}
		wire_close(&wire);
	}
}

static void
while_sessions_run_only_stop_is_legal(void **state)
{
	struct wire wire;

	wire_open(&wire, MODE_ALL, &wire_wish, 50);
	wire_set_up(&wire);
	wire_ask(&wire);
	wire_start(&wire);
	outlet_request(client_outlet(wire.client), &wire_request);
	assert_int_equal(wire_hear_server(&wire), -1);
	assert_string_equal(
	    wire.server_err.text, "expected Stop-Sessions only");
	wire_close(&wire);
	wire_open(&wire, MODE_ALL, &wire_wish, 50);
	wire_set_up(&wire);
	outlet_stop(client_outlet(wire.client), &wire_client_stop);
	assert_int_equal(wire_hear_server(&wire), -1);
	wire_close(&wire);
}

static void
a_start_may_be_refused(void **state)
{
	struct wire wire;

	wire_open(&wire, MODE_ALL, &wire_wish, 50);
	wire_set_up(&wire);
	client_start(wire.client);
	assert_int_equal(wire_hear_server(&wire), SERVER_START);
	server_started(wire.server, ACCEPT_REJECTED);
	assert_int_equal(wire_hear_client(&wire), CLIENT_STARTED);
	assert_true(client_is_idle(wire.client));
	wire_ask(&wire);
	wire_close(&wire);
}

static void
check_refused_request(
    struct wire *wire, const struct message_request *r, uint8_t why)
{
	client_request(wire->client, r);
	assert_int_equal(wire_hear_server(wire), SERVER_MORE);
	assert_int_equal(wire_hear_client(wire), CLIENT_ACCEPTED);
	assert_int_equal(client_message(wire->client)->accepted.accept, why);
}

static void
what_cannot_be_done_is_refused_and_the_rest_goes_on(void **state)
{
	struct message_request r = wire_request;
	struct wire wire;

	wire_open(&wire, MODE_ALL, &wire_wish, 50);
	wire_set_up(&wire);
	r.sends = 1;
	check_refused_request(&wire, &r, ACCEPT_UNSUPPORTED);
	wire_ask(&wire);
	wire_ask(&wire);
	check_refused_request(&wire, &wire_request, ACCEPT_LATER);
	wire_start(&wire);
	stop(&wire, false);
	wire_ask(&wire); /* there is room again */
	wire_close(&wire);
}

/* An impatient client: what it asks meanwhile waits for the answer. */
static void
nothing_is_read_before_the_answer(void **state)
{
	struct wire wire;

	wire_open(&wire, MODE_ALL, &wire_wish, 10000);
	wire_set_up(&wire);
	client_request(wire.client, &wire_request);
	outlet_start(client_outlet(wire.client));
	assert_int_equal(wire_hear_server(&wire), SERVER_REQUEST);
	assert_int_equal(wire_hear_server(&wire), SERVER_MORE);
	server_answer(wire.server, &(struct message_accepted){.port = 1});
	assert_int_equal(wire_hear_server(&wire), SERVER_START);
	wire_close(&wire);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sessions_run_in_each_mode_and_any_pieces),
	    cmocka_unit_test(while_sessions_run_only_stop_is_legal),
	    cmocka_unit_test(a_start_may_be_refused),
	    cmocka_unit_test(
		what_cannot_be_done_is_refused_and_the_rest_goes_on),
	    cmocka_unit_test(nothing_is_read_before_the_answer),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
