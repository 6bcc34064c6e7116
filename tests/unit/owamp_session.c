/* SPDX-License-Identifier: BSD-2-Clause */
/* Client and server of a control connection against each other, the network
 * between them being memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/memory.h"
#include "probes/owamp/client.h"
#include "probes/owamp/ntp.h"
#include "probes/owamp/server.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define LIMITS                                         \
	(struct inlet_limits)                          \
	{                                              \
		.slots = 4, .sessions = 2, .skips = 10 \
	}

static const struct slot slot = {SLOT_EXPONENTIAL, NTP_S / 2};
static const struct message_request request = {.family = 6,
    .receives = 1,
    .packets = 100,
    .sid = {1, 2},
    .timeout = NTP_S,
    .slot_count = 1,
    .slots = &slot};
static const struct message_skip skip = {3, 4};

static const void *
find_secret(void *context, const char *key_id, size_t *length)
{
	if (strcmp(key_id, "nyc") != 0)
		return (NULL);
	*length = 6;
	return ("secret");
}

static struct server_policy
make_policy(uint32_t modes)
{
	return ((struct server_policy){.modes = modes,
	    .count = 1024,
	    .since = UINT64_C(0x1122334455667788),
	    .limits = LIMITS,
	    .secret = find_secret});
}

static const struct client_wish wish = {.modes = MODE_ALL,
    .key_id = "nyc",
    .secret = "secret",
    .secret_length = 6,
    .limits = LIMITS};

/* Both ends, and what each said last; negative: it has hung up. */
struct wire {
	struct server_policy policy;
	struct server_lobby lobby;
	struct server *server;
	struct client *client;
	size_t piece;
	int server_said, client_said;
	struct error server_err, client_err;
};

static void
open_wire(struct wire *wire, uint32_t modes, const struct client_wish *w,
    size_t piece)
{
	struct server *evicted;

	*wire = (struct wire){
	    .policy = make_policy(modes), .lobby = {.most = 3}, .piece = piece};
	wire->server = server_new(&wire->policy, &wire->lobby, &evicted);
	wire->client = client_new(w);
}

static void
close_wire(struct wire *wire)
{
	server_free(wire->server);
	client_free(wire->client);
}

/* Some of what one end has for the other. The copy shows overruns. */
static uint8_t *
take_piece(struct outlet *from, size_t piece, size_t *length)
{
	const uint8_t *data = outlet_data(from, length);
	uint8_t *copy;

	if (*length > piece)
		*length = piece;
	copy = memory_new(*length + 1, 1);
	if (*length > 0)
		memcpy(copy, data, *length);
	return (copy);
}

/* True: bytes went, or somebody said something. */
static bool
to_server(struct wire *wire)
{
	struct outlet *from = client_outlet(wire->client);
	enum server_event event = SERVER_MORE;
	size_t length, offered;
	uint8_t *copy = take_piece(from, wire->piece, &length);
	const uint8_t *at = copy;

	offered = length;
	wire->server_said =
	    server_take(wire->server, &at, &length, &event, &wire->server_err);
	if (wire->server_said == 0)
		wire->server_said = (int)event;
	outlet_sent(from, offered - length);
	free(copy);
	return (offered > length || event != SERVER_MORE);
}

static bool
to_client(struct wire *wire)
{
	struct outlet *from = server_outlet(wire->server);
	enum client_event event = CLIENT_MORE;
	size_t length, offered;
	uint8_t *copy = take_piece(from, wire->piece, &length);
	const uint8_t *at = copy;

	offered = length;
	wire->client_said =
	    client_take(wire->client, &at, &length, &event, &wire->client_err);
	if (wire->client_said == 0)
		wire->client_said = (int)event;
	outlet_sent(from, offered - length);
	free(copy);
	return (offered > length || event != CLIENT_MORE);
}

static int
hear_server(struct wire *wire)
{
	wire->server_said = SERVER_MORE;
	while (wire->server_said == SERVER_MORE && to_server(wire))
		continue;
	return (wire->server_said);
}

static int
hear_client(struct wire *wire)
{
	wire->client_said = CLIENT_MORE;
	while (wire->client_said == CLIENT_MORE && to_client(wire))
		continue;
	return (wire->client_said);
}

static void
set_up(struct wire *wire)
{
	assert_int_equal(hear_client(wire), CLIENT_MORE);
	assert_int_equal(hear_server(wire), SERVER_READY);
	assert_int_equal(hear_client(wire), CLIENT_READY);
	assert_true(client_is_idle(wire->client));
	assert_true(
	    client_message(wire->client)->welcome.since == wire->policy.since);
	assert_int_equal(wire->lobby.count, 0);
}

static void
ask_for_session(struct wire *wire)
{
	const struct message_accepted yes = {.port = 8888, .sid = {1, 2}};

	client_request(wire->client, &request);
	assert_false(client_is_idle(wire->client));
	assert_int_equal(hear_server(wire), SERVER_REQUEST);
	assert_int_equal(server_message(wire->server)->request.packets, 100);
	server_answer(wire->server, &yes);
	assert_int_equal(hear_client(wire), CLIENT_ACCEPTED);
	assert_int_equal(client_message(wire->client)->accepted.port, 8888);
}

static void
start(struct wire *wire)
{
	client_start(wire->client);
	assert_int_equal(hear_server(wire), SERVER_START);
	server_started(wire->server, ACCEPT_OK);
	assert_int_equal(hear_client(wire), CLIENT_STARTED);
	assert_true(client_is_running(wire->client));
	assert_true(server_is_running(wire->server));
}

static const struct message_stopped stopped = {
    .sid = {1, 2}, .next = 100, .skip_count = 1, .skips = &skip};
static const struct message_stop client_s = {.count = 1, .sessions = &stopped};
static const struct message_stop server_s = {.accept = ACCEPT_FAILURE};

static void
stop(struct wire *wire, bool server_first)
{
	if (server_first)
		server_stop(wire->server, &server_s);
	client_stop(wire->client, &client_s);
	assert_int_equal(hear_server(wire), SERVER_STOP);
	assert_int_equal(server_message(wire->server)->stop.count, 1);
	assert_int_equal(
	    server_message(wire->server)->stop.sessions[0].skips[0].last, 4);
	if (!server_first)
		server_stop(wire->server, &server_s);
	assert_int_equal(hear_client(wire), CLIENT_STOP);
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
	outlet_request(out, &request);
	outlet_skips(out, &skip, 1);
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
	assert_int_equal(hear_server(wire), SERVER_FETCH);
	send_session(wire);
	assert_int_equal(hear_client(wire), CLIENT_FETCHED);
	assert_int_equal(hear_client(wire), CLIENT_SESSION);
	assert_int_equal(hear_client(wire), CLIENT_SKIPS);
	for (uint32_t i = 0; i < RECORDS; i++) {
		assert_int_equal(hear_client(wire), CLIENT_RECORD);
		assert_int_equal(
		    client_message(wire->client)->record.sequence, i);
	}
	assert_false(client_is_idle(wire->client));
	assert_int_equal(hear_client(wire), CLIENT_END);
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
		open_wire(&wire, modes[i / 3], &wish, pieces[i % 3]);
		set_up(&wire);
		assert_int_equal(client_mode(wire.client), modes[i / 3]);
		assert_int_equal(server_mode(wire.server), modes[i / 3]);
		for (int again = 0; again < 2; again++) {
			ask_for_session(&wire);
			ask_for_session(&wire);
			start(&wire);
			stop(&wire, again != 0);
			fetch(&wire);
		}
		close_wire(&wire);
	}
}

static void
the_strongest_mode_of_both_is_taken(void **state)
{
	struct wire wire;

	open_wire(&wire, MODE_ALL, &wish, 100);
	set_up(&wire);
	assert_int_equal(server_mode(wire.server), MODE_ENCRYPTED);
	assert_string_equal(server_key_id(wire.server), "nyc");
	assert_memory_equal(server_keys(wire.server), client_keys(wire.client),
	    sizeof(struct keys));
	close_wire(&wire);
	open_wire(&wire, MODE_OPEN | MODE_AUTHENTICATED, &wish, 100);
	set_up(&wire);
	assert_int_equal(server_mode(wire.server), MODE_AUTHENTICATED);
	close_wire(&wire);
	open_wire(&wire, MODE_OPEN, &wish, 100);
	set_up(&wire);
	assert_null(server_keys(wire.server));
	close_wire(&wire);
}

static void
check_turned_away(const struct client_wish *w, const char *why)
{
	struct wire wire;

	open_wire(&wire, MODE_AUTHENTICATED, w, 7);
	assert_int_equal(hear_client(&wire), CLIENT_MORE);
	assert_int_equal(hear_server(&wire), SERVER_REFUSED);
	assert_string_equal(wire.server_err.text, why);
	assert_int_equal(hear_client(&wire), -1);
	assert_string_equal(wire.client_err.text,
	    "it refused us: the key is unknown there, or another one");
	close_wire(&wire);
}

static void
who_does_not_know_the_secret_is_turned_away(void **state)
{
	struct client_wish w = wish;

	w.secret = "secreT";
	check_turned_away(&w, "key \"nyc\": unknown, or another secret");
	w.secret = "secret";
	w.key_id = "lon";
	check_turned_away(&w, "key \"lon\": unknown, or another secret");
}

/* As perfSONAR's server lets anybody in who chooses open mode. */
static void
a_mode_that_was_not_offered_is_refused(void **state)
{
	const struct message_setup forced = {.mode = MODE_OPEN};
	struct wire wire;

	open_wire(&wire, MODE_ENCRYPTED, &wish, 50);
	outlet_setup(client_outlet(wire.client), &forced);
	assert_int_equal(hear_server(&wire), SERVER_REFUSED);
	assert_string_equal(wire.server_err.text, "mode 1, offered were 4");
	assert_int_equal(wire.lobby.count, 1);
	close_wire(&wire);
	assert_int_equal(wire.lobby.count, 0);
}

static void
a_client_takes_no_offer_that_it_does_not_want(void **state)
{
	struct client_wish w = wish;
	struct wire wire;

	w.modes = MODE_ENCRYPTED;
	open_wire(&wire, MODE_OPEN, &w, 50);
	assert_int_equal(hear_client(&wire), -1);
	assert_string_equal(wire.client_err.text,
	    "it talks in other modes than we: open; expected encrypted");
	close_wire(&wire);
	open_wire(&wire, 0, &w, 50);
	assert_int_equal(hear_client(&wire), -1);
	close_wire(&wire);
}

static void
a_client_does_not_count_for_ever(void **state)
{
	struct message_greeting greeting = {
	    .modes = MODE_ALL, .count = UINT32_C(1) << 31};
	struct outlet *out = outlet_new();
	struct client *client = client_new(&wish);
	enum client_event event;
	const uint8_t *data;
	struct error err;
	size_t length;

	outlet_greeting(out, &greeting);
	data = outlet_data(out, &length);
	assert_int_equal(client_take(client, &data, &length, &event, &err), -1);
	assert_non_null(strstr(err.text, "expected a power of two"));
	client_free(client);
	outlet_free(out);
}

static void
while_sessions_run_only_stop_is_legal(void **state)
{
	struct wire wire;

	open_wire(&wire, MODE_ALL, &wish, 50);
	set_up(&wire);
	ask_for_session(&wire);
	start(&wire);
	outlet_request(client_outlet(wire.client), &request);
	assert_int_equal(hear_server(&wire), -1);
	assert_string_equal(
	    wire.server_err.text, "expected Stop-Sessions only");
	close_wire(&wire);
	open_wire(&wire, MODE_ALL, &wish, 50);
	set_up(&wire);
	outlet_stop(client_outlet(wire.client), &client_s);
	assert_int_equal(hear_server(&wire), -1);
	close_wire(&wire);
}

static void
a_start_may_be_refused(void **state)
{
	struct wire wire;

	open_wire(&wire, MODE_ALL, &wish, 50);
	set_up(&wire);
	client_start(wire.client);
	assert_int_equal(hear_server(&wire), SERVER_START);
	server_started(wire.server, ACCEPT_REJECTED);
	assert_int_equal(hear_client(&wire), CLIENT_STARTED);
	assert_true(client_is_idle(wire.client));
	ask_for_session(&wire);
	close_wire(&wire);
}

static void
check_refused_request(
    struct wire *wire, const struct message_request *r, uint8_t why)
{
	client_request(wire->client, r);
	assert_int_equal(hear_server(wire), SERVER_MORE);
	assert_int_equal(hear_client(wire), CLIENT_ACCEPTED);
	assert_int_equal(client_message(wire->client)->accepted.accept, why);
}

static void
what_cannot_be_done_is_refused_and_the_rest_goes_on(void **state)
{
	struct message_request r = request;
	struct wire wire;

	open_wire(&wire, MODE_ALL, &wish, 50);
	set_up(&wire);
	r.sends = 1;
	check_refused_request(&wire, &r, ACCEPT_UNSUPPORTED);
	ask_for_session(&wire);
	ask_for_session(&wire);
	check_refused_request(&wire, &request, ACCEPT_LATER);
	start(&wire);
	stop(&wire, false);
	ask_for_session(&wire); /* there is room again */
	close_wire(&wire);
}

/* An impatient client: what it asks meanwhile waits for the answer. */
static void
nothing_is_read_before_the_answer(void **state)
{
	struct wire wire;

	open_wire(&wire, MODE_ALL, &wish, 10000);
	set_up(&wire);
	client_request(wire.client, &request);
	outlet_start(client_outlet(wire.client));
	assert_int_equal(hear_server(&wire), SERVER_REQUEST);
	assert_int_equal(hear_server(&wire), SERVER_MORE);
	server_answer(wire.server, &(struct message_accepted){.port = 1});
	assert_int_equal(hear_server(&wire), SERVER_START);
	close_wire(&wire);
}

static void
those_who_say_nothing_keep_nobody_out(void **state)
{
	struct server *crowd[3000], *evicted;
	struct wire early, late;
	size_t left = 0;

	open_wire(&early, MODE_ALL, &wish, 50);
	early.lobby.most = 100;
	set_up(&early);
	for (size_t i = 0; i < COUNT(crowd); i++) {
		crowd[i] = server_new(&early.policy, &early.lobby, &evicted);
		assert_true(evicted == (i < 100 ? NULL : crowd[left]));
		if (evicted != NULL) {
			server_free(evicted);
			left++;
		}
	}
	assert_int_equal(early.lobby.count, 100);
	/* one more, who speaks */
	late = early;
	late.server = server_new(&early.policy, &early.lobby, &evicted);
	late.client = client_new(&wish);
	assert_true(evicted == crowd[left]);
	server_free(crowd[left++]);
	assert_int_equal(hear_client(&late), CLIENT_MORE);
	assert_int_equal(hear_server(&late), SERVER_READY);
	assert_int_equal(hear_client(&late), CLIENT_READY);
	assert_int_equal(early.lobby.count, 99);
	ask_for_session(&late);
	ask_for_session(&early); /* set up before: not touched */
	while (left < COUNT(crowd))
		server_free(crowd[left++]);
	assert_int_equal(early.lobby.count, 0);
	close_wire(&late);
	close_wire(&early);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sessions_run_in_each_mode_and_any_pieces),
	    cmocka_unit_test(the_strongest_mode_of_both_is_taken),
	    cmocka_unit_test(who_does_not_know_the_secret_is_turned_away),
	    cmocka_unit_test(a_mode_that_was_not_offered_is_refused),
	    cmocka_unit_test(a_client_takes_no_offer_that_it_does_not_want),
	    cmocka_unit_test(a_client_does_not_count_for_ever),
	    cmocka_unit_test(while_sessions_run_only_stop_is_legal),
	    cmocka_unit_test(a_start_may_be_refused),
	    cmocka_unit_test(
		what_cannot_be_done_is_refused_and_the_rest_goes_on),
	    cmocka_unit_test(nothing_is_read_before_the_answer),
	    cmocka_unit_test(those_who_say_nothing_keep_nobody_out),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
