/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owamp/client.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/hash.h"
#include "common/memory.h"

#define MODE_KEYED (MODE_AUTHENTICATED | MODE_ENCRYPTED)
#define MODES_TEXT 32

enum state { SETUP, IDLE, ASKED, RUNNING };

struct client {
	struct client_wish wish;
	struct inlet *inlet;
	struct outlet *outlet;
	enum mode mode;
	bool states;
	struct keys keys;
	enum state state;
	bool stopped, peer_stopped; /* Stop-Sessions was sent, came */
};

struct client *
client_new(const struct client_wish *wish)
{
	struct client *client = memory_new(1, sizeof(*client));

	client->wish = *wish;
	client->inlet = inlet_new(&wish->limits);
	client->outlet = outlet_new();
	inlet_expect(client->inlet, INLET_HOPE_GREETING);
	return (client);
}

void
client_free(struct client *client)
{
	if (client == NULL)
		return;
	keys_forget(&client->keys, sizeof(client->keys));
	inlet_free(client->inlet);
	outlet_free(client->outlet);
	free(client);
}

/* "open, encrypted" */
static const char *
name_modes(uint32_t modes, char text[static MODES_TEXT])
{
	snprintf(text, MODES_TEXT, "%s%s%s%s%s",
	    (modes & MODE_OPEN) != 0 ? "open" : "",
	    (modes & MODE_OPEN) != 0 && (modes & MODE_KEYED) != 0 ? ", " : "",
	    (modes & MODE_AUTHENTICATED) != 0 ? "authenticated" : "",
	    (modes & MODE_KEYED) == MODE_KEYED ? ", " : "",
	    (modes & MODE_ENCRYPTED) != 0 ? "encrypted" : "");
	return (text);
}

static int
choose_mode(struct client *client, uint32_t offered, struct error *err)
{
	uint32_t both = offered & client->wish.modes & MODE_ALL;
	char theirs[MODES_TEXT], ours[MODES_TEXT];

	if (offered == 0)
		return (error_set(err, "the server does not want to talk"));
	if (both == 0)
		return (error_set(err,
		    "it talks in other modes than we: %s; expected %s%s",
		    name_modes(offered & MODE_ALL, theirs),
		    name_modes(client->wish.modes, ours),
		    client->wish.secret_length == 0
			? ", for there is no key for it here"
			: ""));
	client->mode = (both & MODE_ENCRYPTED) != 0       ? MODE_ENCRYPTED
		       : (both & MODE_AUTHENTICATED) != 0 ? MODE_AUTHENTICATED
							  : MODE_OPEN;
	return (0);
}

/* Keys of our choice, for whoever knows the secret. */
static int
make_token(struct client *client, const struct message_greeting *greeting,
    struct message_setup *setup, struct error *err)
{
	uint8_t key[CIPHER_BLOCK];
	size_t length = strlen(client->wish.key_id);

	if (keys_check_count(greeting->count, err) == -1)
		return (-1);
	if (length > MESSAGE_KEY_ID)
		return (error_set(err, "key \"%s\": expected at most %d bytes",
		    client->wish.key_id, MESSAGE_KEY_ID));
	memcpy(setup->key_id, client->wish.key_id, length);
	keys_random(&client->keys);
	hash_random(setup->iv, sizeof(setup->iv));
	keys_derive(client->wish.secret, client->wish.secret_length,
	    greeting->salt, greeting->count, key);
	keys_wrap(key, greeting->challenge, &client->keys, setup->token);
	keys_forget(key, sizeof(key));
	return (0);
}

static int
answer_greeting(struct client *client, struct error *err)
{
	const struct message_greeting *greeting =
	    &client_message(client)->greeting;
	struct message_setup setup = {0};

	if (choose_mode(client, greeting->modes, err) == -1)
		return (-1);
	setup.mode = client->mode;
	setup.states = client->states =
	    (greeting->modes & MODE_STATEMENTS) != 0;
	if (client->mode != MODE_OPEN &&
	    make_token(client, greeting, &setup, err) == -1)
		return (-1);
	outlet_setup(client->outlet, &setup);
	outlet_protect(client->outlet, client_keys(client), setup.iv);
	inlet_protect(client->inlet, client_keys(client), NULL);
	if (client->states)
		inlet_allow_statements(client->inlet);
	inlet_expect(client->inlet, INLET_HOPE_WELCOME);
	return (0);
}

static int
take_welcome(struct client *client, enum client_event *event, struct error *err)
{
	uint8_t accept = client_message(client)->welcome.accept;

	if (accept == ACCEPT_REJECTED && client->mode != MODE_OPEN)
		return (error_set(err,
		    "it refused us: the key is unknown there, or another one"));
	if (accept != ACCEPT_OK)
		return (error_set(err, "it refused us: %u", accept));
	client->state = IDLE;
	*event = CLIENT_READY;
	return (0);
}

static void
take_started(struct client *client)
{
	client->state = IDLE;
	if (client_message(client)->started != ACCEPT_OK)
		return;
	client->state = RUNNING;
	inlet_expect(client->inlet, INLET_HOPE_COMMAND);
}

static void
end_sessions(struct client *client)
{
	if (!client->stopped || !client->peer_stopped)
		return;
	client->stopped = client->peer_stopped = false;
	client->state = IDLE;
}

/* What an answer leads to. */
static int
take_answer(struct client *client, enum inlet_event got,
    enum client_event *event, struct error *err)
{
	static const enum client_event events[] = {
	    [INLET_STOP] = CLIENT_STOP,
	    [INLET_STATE] = CLIENT_STATE,
	    [INLET_LABEL] = CLIENT_MORE,
	    [INLET_ACCEPTED] = CLIENT_ACCEPTED,
	    [INLET_STARTED] = CLIENT_STARTED,
	    [INLET_FETCHED] = CLIENT_FETCHED,
	    [INLET_SESSION] = CLIENT_SESSION,
	    [INLET_SKIPS] = CLIENT_SKIPS,
	    [INLET_RECORD] = CLIENT_RECORD,
	    [INLET_END] = CLIENT_END,
	};

	*event = events[got];
	if (*event == CLIENT_MORE)
		return (error_set(err, "the server asks, expected answers"));
	if (got == INLET_STARTED)
		take_started(client);
	else if (got == INLET_STATE)
		inlet_expect(client->inlet, INLET_HOPE_COMMAND);
	else if (got == INLET_STOP) {
		client->peer_stopped = true;
		end_sessions(client);
	} else if (got == INLET_ACCEPTED || got == INLET_END ||
		   (got == INLET_FETCHED &&
		       client_message(client)->fetched.accept != ACCEPT_OK))
		client->state = IDLE;
	return (0);
}

static int
take_one(struct client *client, enum inlet_event got, enum client_event *event,
    struct error *err)
{
	if (got == INLET_GREETING)
		return (answer_greeting(client, err));
	if (got == INLET_WELCOME)
		return (take_welcome(client, event, err));
	return (take_answer(client, got, event, err));
}

int
client_take(struct client *client, const uint8_t **data, size_t *length,
    enum client_event *event, struct error *err)
{
	enum inlet_event got;

	*event = CLIENT_MORE;
	while (*event == CLIENT_MORE) {
		if (inlet_take(client->inlet, data, length, &got, err) == -1)
			return (-1);
		if (got == INLET_MORE)
			return (0);
		if (take_one(client, got, event, err) == -1)
			return (-1);
	}
	return (0);
}

const union inlet_message *
client_message(const struct client *client)
{
	return (inlet_message(client->inlet));
}

struct outlet *
client_outlet(struct client *client)
{
	return (client->outlet);
}

enum mode
client_mode(const struct client *client)
{
	return (client->mode);
}

const struct keys *
client_keys(const struct client *client)
{
	return (client->mode == MODE_OPEN ? NULL : &client->keys);
}

bool
client_is_idle(const struct client *client)
{
	return (client->state == IDLE);
}

bool
client_is_running(const struct client *client)
{
	return (client->state == RUNNING);
}

bool
client_states(const struct client *client)
{
	return (client->states);
}

static void
ask(struct client *client, enum inlet_hope hope)
{
	assert(client->state == IDLE);
	client->state = ASKED;
	inlet_expect(client->inlet, hope);
}

void
client_request(struct client *client, const struct message_request *request)
{
	ask(client, INLET_HOPE_ACCEPTED);
	outlet_request(client->outlet, request);
}

void
client_label(struct client *client, const struct message_label *label)
{
	assert(client->state == IDLE && client->states);
	outlet_label(client->outlet, label);
}

void
client_start(struct client *client)
{
	ask(client, INLET_HOPE_STARTED);
	outlet_start(client->outlet);
}

void
client_fetch(struct client *client, const struct message_fetch *fetch)
{
	ask(client, INLET_HOPE_FETCHED);
	outlet_fetch(client->outlet, fetch);
}

void
client_stop(struct client *client, const struct message_stop *stop)
{
	assert(client->state == RUNNING && !client->stopped);
	outlet_stop(client->outlet, stop);
	client->stopped = true;
	end_sessions(client);
}

void
client_state(struct client *client, const struct message_statement *statement)
{
	assert(client->state == RUNNING && !client->stopped);
	assert(client->states);
	outlet_state(client->outlet, statement);
}
