/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owamp/server.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/hash.h"
#include "common/memory.h"

enum state { SETUP, READY, RUNNING };

struct server {
	const struct server_policy *policy;
	struct server_lobby *lobby; /* NULL: not in it any more */
	struct server *older, *newer;
	struct inlet *inlet;
	struct outlet *outlet;
	struct message_greeting greeting;
	struct message_setup setup;
	struct keys keys;
	enum state state;
	enum server_event asked; /* waits for an answer */
	uint32_t sessions;
	bool stopped, peer_stopped; /* Stop-Sessions was sent, came */
};

static void
leave_lobby(struct server *server)
{
	struct server_lobby *lobby = server->lobby;

	if (lobby == NULL)
		return;
	if (server->older != NULL)
		server->older->newer = server->newer;
	else
		lobby->oldest = server->newer;
	if (server->newer != NULL)
		server->newer->older = server->older;
	else
		lobby->newest = server->older;
	lobby->count--;
	server->lobby = NULL;
}

/* Returns who has to leave for it. */
static struct server *
enter_lobby(struct server *server, struct server_lobby *lobby)
{
	struct server *evicted = NULL;

	if (lobby->count == lobby->most) {
		evicted = lobby->oldest;
		leave_lobby(evicted);
	}
	server->lobby = lobby;
	server->older = lobby->newest;
	if (lobby->newest != NULL)
		lobby->newest->newer = server;
	else
		lobby->oldest = server;
	lobby->newest = server;
	lobby->count++;
	return (evicted);
}

struct server *
server_new(const struct server_policy *policy, struct server_lobby *lobby,
    struct server **evicted)
{
	struct server *server = memory_new(1, sizeof(*server));
	struct message_greeting *greeting = &server->greeting;

	assert((policy->modes & ~(uint32_t)MODE_ALL) == 0);
	server->policy = policy;
	server->inlet = inlet_new(&policy->limits);
	server->outlet = outlet_new();
	greeting->modes =
	    policy->modes != 0 ? policy->modes | MODE_STATEMENTS : 0;
	greeting->count = policy->count;
	hash_random(greeting->challenge, sizeof(greeting->challenge));
	hash_random(greeting->salt, sizeof(greeting->salt));
	outlet_greeting(server->outlet, greeting);
	inlet_expect(server->inlet, INLET_HOPE_SETUP);
	*evicted = enter_lobby(server, lobby);
	return (server);
}

void
server_free(struct server *server)
{
	if (server == NULL)
		return;
	leave_lobby(server);
	keys_forget(&server->keys, sizeof(server->keys));
	inlet_free(server->inlet);
	outlet_free(server->outlet);
	free(server);
}

static int
refuse(struct server *server, enum message_accept why, enum server_event *event)
{
	outlet_welcome(
	    server->outlet, &(struct message_welcome){.accept = (uint8_t)why});
	*event = SERVER_REFUSED;
	return (0);
}

/* A name that is not known takes as long as a secret that is wrong. */
static bool
unlock(struct server *server)
{
	const struct server_policy *policy = server->policy;
	uint8_t key[CIPHER_BLOCK], nothing[CIPHER_BLOCK];
	size_t length = 0;
	int result;
	const void *secret =
	    policy->secret(policy->context, server->setup.key_id, &length);

	hash_random(nothing, sizeof(nothing));
	keys_derive(secret != NULL ? secret : nothing,
	    secret != NULL ? length : sizeof(nothing), server->greeting.salt,
	    server->greeting.count, key);
	result = keys_unwrap(key, server->greeting.challenge,
	    server->setup.token, &server->keys);
	keys_forget(key, sizeof(key));
	return (result == 0);
}

static void
welcome(struct server *server)
{
	struct message_welcome message = {.since = server->policy->since};

	hash_random(message.iv, sizeof(message.iv));
	inlet_protect(server->inlet, server_keys(server), server->setup.iv);
	outlet_protect(server->outlet, server_keys(server), message.iv);
	outlet_welcome(server->outlet, &message);
	if (server->setup.states)
		inlet_allow_statements(server->inlet);
	leave_lobby(server);
	server->state = READY;
	inlet_expect(server->inlet, INLET_HOPE_COMMAND);
}

static int
set_up(struct server *server, enum server_event *event, struct error *err)
{
	server->setup = server_message(server)->setup;
	if ((server->setup.mode & server->policy->modes) == 0) {
		error_set(err, "mode %" PRIu32 ", offered were %" PRIu32,
		    server->setup.mode, server->policy->modes);
		return (refuse(server, ACCEPT_UNSUPPORTED, event));
	}
	if (server->setup.mode != MODE_OPEN && !unlock(server)) {
		error_set(err, "key \"%s\": unknown, or another secret",
		    server->setup.key_id);
		return (refuse(server, ACCEPT_REJECTED, event));
	}
	welcome(server);
	*event = SERVER_READY;
	return (0);
}

/* Without an event where nobody could do it, or there are enough already. */
static int
take_request(struct server *server, enum server_event *event)
{
	enum message_accept verdict =
	    message_check_request(&server_message(server)->request, NULL);

	if (verdict == ACCEPT_OK &&
	    server->sessions == server->policy->limits.sessions)
		verdict = ACCEPT_LATER;
	server->asked = SERVER_REQUEST;
	if (verdict == ACCEPT_OK)
		*event = SERVER_REQUEST;
	else
		server_answer(server,
		    &(struct message_accepted){.accept = (uint8_t)verdict});
	return (0);
}

/* Sessions are over when both sides have said so. */
static void
end_sessions(struct server *server)
{
	if (!server->stopped || !server->peer_stopped)
		return;
	server->stopped = server->peer_stopped = false;
	server->sessions = 0;
	server->state = READY;
	inlet_expect(server->inlet, INLET_HOPE_COMMAND);
}

static int
take_command(struct server *server, enum inlet_event got,
    enum server_event *event, struct error *err)
{
	bool running = server->state == RUNNING;

	if ((got == INLET_STOP || got == INLET_STATE) != running)
		return (error_set(
		    err, running ? "expected Stop-Sessions only"
				 : "no session is to be stopped or spoken of"));
	if (got == INLET_STATE || got == INLET_LABEL) {
		*event = got == INLET_STATE ? SERVER_STATE : SERVER_LABEL;
		inlet_expect(server->inlet, INLET_HOPE_COMMAND);
		return (0);
	}
	if (got == INLET_REQUEST)
		return (take_request(server, event));
	*event = got == INLET_START  ? SERVER_START
		 : got == INLET_STOP ? SERVER_STOP
				     : SERVER_FETCH;
	if (got != INLET_STOP) {
		server->asked = *event;
		return (0);
	}
	server->peer_stopped = true;
	end_sessions(server);
	return (0);
}

int
server_take(struct server *server, const uint8_t **data, size_t *length,
    enum server_event *event, struct error *err)
{
	enum inlet_event got;

	*event = SERVER_MORE;
	while (*event == SERVER_MORE) {
		if (inlet_take(server->inlet, data, length, &got, err) == -1)
			return (-1);
		if (got == INLET_MORE)
			return (0);
		if ((got == INLET_SETUP
			    ? set_up(server, event, err)
			    : take_command(server, got, event, err)) == -1)
			return (-1);
	}
	return (0);
}

const union inlet_message *
server_message(const struct server *server)
{
	return (inlet_message(server->inlet));
}

struct outlet *
server_outlet(struct server *server)
{
	return (server->outlet);
}

enum mode
server_mode(const struct server *server)
{
	return ((enum mode)server->setup.mode);
}

const char *
server_key_id(const struct server *server)
{
	return (server->setup.key_id);
}

const struct keys *
server_keys(const struct server *server)
{
	return (server->setup.mode == MODE_OPEN ? NULL : &server->keys);
}

bool
server_is_running(const struct server *server)
{
	return (server->state == RUNNING);
}

/* The answer to what was asked is written: go on. */
static void
answered(struct server *server, enum server_event asked)
{
	assert(server->asked == asked);
	server->asked = SERVER_MORE;
	inlet_expect(server->inlet, INLET_HOPE_COMMAND);
}

void
server_answer(struct server *server, const struct message_accepted *accepted)
{
	outlet_accepted(server->outlet, accepted);
	server->sessions += accepted->accept == ACCEPT_OK;
	answered(server, SERVER_REQUEST);
}

void
server_started(struct server *server, enum message_accept accept)
{
	outlet_started(server->outlet, (uint8_t)accept);
	if (accept == ACCEPT_OK)
		server->state = RUNNING;
	answered(server, SERVER_START);
}

void
server_fetched(struct server *server)
{
	answered(server, SERVER_FETCH);
}

bool
server_states(const struct server *server)
{
	return (server->setup.states);
}

void
server_state(struct server *server, const struct message_statement *statement)
{
	assert(server->state == RUNNING && !server->stopped);
	assert(server->setup.states);
	outlet_state(server->outlet, statement);
}

void
server_stop(struct server *server, const struct message_stop *stop)
{
	assert(server->state == RUNNING && !server->stopped);
	outlet_stop(server->outlet, stop);
	server->stopped = true;
	end_sessions(server);
}
