/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * owamp_wire.h - client and server of a control connection against each other, the
 * network between them being memory.
 *
 * Whatever fails fails the test.
 */
#ifndef PHAROS_TESTS_UNIT_OWAMP_WIRE_H
#define PHAROS_TESTS_UNIT_OWAMP_WIRE_H

#include "common/error.h"
#include "probes/owamp/client.h"
#include "probes/owamp/server.h"

/* Both ends, and what each said last, an event of its; negative: it has hung up. */
struct wire {
	struct server_policy policy; /* knows "nyc" and its secret */
	struct server_lobby lobby;
	struct server *server;
	struct client *client;
	size_t piece; /* bytes that come at once */
	int server_said, client_said;
	struct error server_err, client_err;
};

extern const struct client_wish wire_wish; /* any mode, as "nyc" */
extern const struct message_request wire_request;
extern const struct message_skip wire_skip;
extern const struct message_stop wire_client_stop;

void wire_open(struct wire *wire, uint32_t modes, const struct client_wish *w,
    size_t piece);
void wire_close(struct wire *wire);

/* What it says next. */
int wire_hear_server(struct wire *wire);
int wire_hear_client(struct wire *wire);

/* Each step of a session, to its end. */
void wire_set_up(struct wire *wire);
void wire_ask(struct wire *wire); /* for wire_request */
void wire_start(struct wire *wire);

#endif
