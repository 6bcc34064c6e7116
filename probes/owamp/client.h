/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * client.h - the asking end of one control connection, without its socket.
 *
 * Bytes go in as they come and out of client_outlet, answers come out as events.
 * One thing is asked at a time: when client_is_idle, or to stop what runs. The
 * strongest mode that both sides have is taken. -1 is the end of the connection.
 */
#ifndef PHAROS_PROBES_OWAMP_CLIENT_H
#define PHAROS_PROBES_OWAMP_CLIENT_H

#include "probes/owamp/inlet.h"
#include "probes/owamp/outlet.h"

struct client_wish {
	uint32_t modes;     /* any of these */
	const char *key_id; /* both for the modes with keys; borrowed until */
	const void *secret; /* the connection is set up */
	size_t secret_length;
	struct inlet_limits limits;
};

enum client_event {
	CLIENT_MORE,
	CLIENT_READY,
	CLIENT_ACCEPTED, /* or not: message accepted */
	CLIENT_STARTED,  /* or not: message started */
	CLIENT_STOP,     /* the server's Stop-Sessions; answer it, unless ours
			    was sent before */
	CLIENT_STATE,   /* the server's message statement, while sessions run */
	CLIENT_FETCHED, /* or not; the rest as inlet.h has it */
	CLIENT_SESSION,
	CLIENT_SKIPS,
	CLIENT_RECORD,
	CLIENT_END
};

struct client;
struct client *client_new(const struct client_wish *wish);
void client_free(struct client *client); /* NULL is fine */

int client_take(struct client *client, const uint8_t **data, size_t *length,
    enum client_event *event, struct error *err);
/* Of the last event; valid until the next client_take. */
const union inlet_message *client_message(const struct client *client);
struct outlet *client_outlet(struct client *client); /* to send from */

enum mode client_mode(const struct client *client);
const struct keys *client_keys(const struct client *client); /* NULL: open */
bool client_is_idle(const struct client *client);
bool client_is_running(const struct client *client);

/* What the sessions that are asked for behind it are for; when client_is_idle, and
 * only if client_states. There is no answer. */
void client_label(struct client *client, const struct message_label *label);
void client_request(
    struct client *client, const struct message_request *request);
void client_start(struct client *client);
void client_stop(struct client *client, const struct message_stop *stop);
/* While sessions run, and only if client_states. */
bool client_states(const struct client *client);
void client_state(
    struct client *client, const struct message_statement *statement);
void client_fetch(struct client *client, const struct message_fetch *fetch);

#endif
