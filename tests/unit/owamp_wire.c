/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/owamp_wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probes/owamp/ntp.h"
#include "tests/unit/owamp_line.h"

#define LIMITS                                         \
	(struct inlet_limits)                          \
	{                                              \
		.slots = 4, .sessions = 2, .skips = 10 \
	}

static const struct slot slot = {SLOT_EXPONENTIAL, NTP_S / 2};
const struct message_request wire_request = {.family = 6,
    .receives = 1,
    .packets = 100,
    .sid = {1, 2},
    .timeout = NTP_S,
    .slot_count = 1,
    .slots = &slot};
const struct message_skip wire_skip = {3, 4};

static const struct message_stopped stopped = {
    .sid = {1, 2}, .next = 100, .skip_count = 1, .skips = &wire_skip};
const struct message_stop wire_client_stop = {.count = 1, .sessions = &stopped};

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

const struct client_wish wire_wish = {.modes = MODE_ALL,
    .key_id = "nyc",
    .secret = "secret",
    .secret_length = 6,
    .limits = LIMITS};

void
wire_open(struct wire *wire, uint32_t modes, const struct client_wish *w,
    size_t piece)
{
	struct server *evicted;

	*wire = (struct wire){
	    .policy = make_policy(modes), .lobby = {.most = 3}, .piece = piece};
	wire->server = server_new(&wire->policy, &wire->lobby, &evicted);
	wire->client = client_new(w);
}

void
wire_close(struct wire *wire)
{
	server_free(wire->server);
	client_free(wire->client);
}

/* True: bytes went, or somebody said something. */
static bool
to_server(struct wire *wire)
{
	struct outlet *from = client_outlet(wire->client);
	enum server_event event = SERVER_MORE;
	size_t length, offered;
	uint8_t *copy = line_piece(from, wire->piece, &length);
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
	uint8_t *copy = line_piece(from, wire->piece, &length);
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

int
wire_hear_server(struct wire *wire)
{
	wire->server_said = SERVER_MORE;
	while (wire->server_said == SERVER_MORE && to_server(wire))
		continue;
	return (wire->server_said);
}

int
wire_hear_client(struct wire *wire)
{
	wire->client_said = CLIENT_MORE;
	while (wire->client_said == CLIENT_MORE && to_client(wire))
		continue;
	return (wire->client_said);
}

void
wire_set_up(struct wire *wire)
{
	assert_int_equal(wire_hear_client(wire), CLIENT_MORE);
	assert_int_equal(wire_hear_server(wire), SERVER_READY);
	assert_int_equal(wire_hear_client(wire), CLIENT_READY);
	assert_true(client_is_idle(wire->client));
	assert_true(
	    client_message(wire->client)->welcome.since == wire->policy.since);
	assert_int_equal(wire->lobby.count, 0);
}

void
wire_ask(struct wire *wire)
{
	const struct message_accepted yes = {.port = 8888, .sid = {1, 2}};

	client_request(wire->client, &wire_request);
	assert_false(client_is_idle(wire->client));
	assert_int_equal(wire_hear_server(wire), SERVER_REQUEST);
	assert_int_equal(server_message(wire->server)->request.packets, 100);
	server_answer(wire->server, &yes);
	assert_int_equal(wire_hear_client(wire), CLIENT_ACCEPTED);
	assert_int_equal(client_message(wire->client)->accepted.port, 8888);
}

void
wire_start(struct wire *wire)
{
	client_start(wire->client);
	assert_int_equal(wire_hear_server(wire), SERVER_START);
	server_started(wire->server, ACCEPT_OK);
	assert_int_equal(wire_hear_client(wire), CLIENT_STARTED);
	assert_true(client_is_running(wire->client));
	assert_true(server_is_running(wire->server));
}
