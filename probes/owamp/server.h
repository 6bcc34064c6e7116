/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * server.h - the responding end of one control connection, without its socket.
 *
 * Bytes go in as they come, bytes come out of server_data, and what the peer
 * wants comes out as events; those that ask for an answer hold back what follows
 * until it is given. The rules of RFC 4656 section 3 are kept here: only a mode
 * that was offered, only the keys that the secret opens, only Stop-Sessions while
 * sessions run. Whoever breaks them loses the connection (-1); what nobody could
 * do is refused without an event.
 *
 *   SETUP -- READY <-- request, fetch: any number -- START --> RUNNING
 *              ^------- both have sent Stop-Sessions ------------'
 */
#ifndef PHAROS_PROBES_OWAMP_SERVER_H
#define PHAROS_PROBES_OWAMP_SERVER_H

#include "probes/owamp/inlet.h"
#include "probes/owamp/outlet.h"

/* What all connections share; borrowed. */
struct server_policy {
	uint32_t modes; /* offered, and MODE_STATEMENTS with them; 0: none, who
			   comes is told that there is nothing to talk about */
	uint32_t count; /* rounds of PBKDF2: keys_check_count */
	uint64_t since; /* NTP: when the server began */
	struct inlet_limits limits;
	/* The secret of this name: NULL where there is none. */
	const void *(*secret)(
	    void *context, const char *key_id, size_t *length);
	void *context;
};

/* Connections that have not been set up. One more than `most` makes the oldest
 * leave, so strangers who say nothing keep nobody out. most > 0; else zeroed. */
struct server;
struct server_lobby {
	uint32_t most, count;
	struct server *oldest, *newest;
};

enum server_event {
	SERVER_MORE,    /* nothing */
	SERVER_READY,   /* set up: server_mode, server_keys */
	SERVER_REFUSED, /* why is in err: send what there is, and close */
	SERVER_REQUEST, /* answer: server_answer */
	SERVER_START,   /* answer: server_started */
	SERVER_STOP,    /* answer, unless it was sent before: server_stop */
	SERVER_STATE,   /* the peer's message statement, while sessions run */
	SERVER_LABEL,   /* what the sessions behind it are for: message label */
	SERVER_FETCH    /* answer: into server_outlet, then server_fetched */
};

/* The greeting is ready to be sent. *evicted: one to close and free, or NULL. */
struct server *server_new(const struct server_policy *policy,
    struct server_lobby *lobby, struct server **evicted);
void server_free(struct server *server); /* NULL is fine */

int server_take(struct server *server, const uint8_t **data, size_t *length,
    enum server_event *event, struct error *err);
/* Of the last event; valid until the next server_take. */
const union inlet_message *server_message(const struct server *server);
struct outlet *server_outlet(struct server *server);

enum mode server_mode(const struct server *server);
const char *server_key_id(const struct server *server);
const struct keys *server_keys(const struct server *server); /* NULL: open */
bool server_is_running(const struct server *server);

void server_answer(
    struct server *server, const struct message_accepted *accepted);
void server_started(struct server *server, enum message_accept accept);
void server_stop(struct server *server, const struct message_stop *stop);
void server_fetched(struct server *server);
/* While sessions run, and only if server_states. */
bool server_states(const struct server *server);
void server_state(
    struct server *server, const struct message_statement *statement);

#endif
