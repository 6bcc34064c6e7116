/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inlet.h - reads what the other side of a control connection sends.
 *
 * Bytes go in as they come, in any pieces; messages come out one at a time,
 * decrypted, and with their digests found right. Only the records of a fetched
 * session come out before the digest over all of them has been seen: they count
 * when INLET_END does. Nothing is read that was not expected, so what follows a
 * message stays with the caller until he says what it is. What a peer may make us
 * keep is limited.
 */
#ifndef PHAROS_PROBES_OWAMP_INLET_H
#define PHAROS_PROBES_OWAMP_INLET_H

#include "probes/owamp/message.h"

enum inlet_event {
	INLET_MORE, /* nothing yet */
	INLET_GREETING,
	INLET_SETUP,
	INLET_WELCOME,
	INLET_REQUEST,
	INLET_START,
	INLET_STOP,
	INLET_FETCH,
	INLET_STATE,
	INLET_LABEL,
	INLET_ACCEPTED,
	INLET_STARTED,
	INLET_FETCHED, /* if accepted, these follow without being expected: */
	INLET_SESSION, /* a request */
	INLET_SKIPS,
	INLET_RECORD, /* as often as announced */
	INLET_END
};

/* What can be expected. */
enum inlet_hope {
	INLET_HOPE_GREETING,
	INLET_HOPE_SETUP,
	INLET_HOPE_WELCOME,
	INLET_HOPE_COMMAND, /* REQUEST, START, STOP, FETCH; STATE and LABEL if
	                       allowed */
	INLET_HOPE_ACCEPTED,
	INLET_HOPE_STARTED,
	INLET_HOPE_FETCHED
};

struct inlet_limits {
	uint32_t slots;    /* of a request */
	uint32_t sessions; /* of a Stop-Sessions */
	uint32_t skips;    /* of all its sessions, or of one fetched */
};

/* What the last event is about; valid until the next call of inlet_take. */
union inlet_message {
	struct message_greeting greeting;
	struct message_setup setup;
	struct message_welcome welcome;
	struct message_request request; /* REQUEST, SESSION */
	struct message_accepted accepted;
	uint8_t started; /* accept */
	struct message_stop stop;
	struct message_fetch fetch;
	struct message_statement statement;
	struct message_label label;
	struct message_fetched fetched;
	struct {
		uint32_t count;
		const struct message_skip *ranges;
	} skips;
	struct message_record record;
};

struct inlet;
struct inlet *inlet_new(const struct inlet_limits *limits);
void inlet_free(struct inlet *inlet); /* NULL is fine */

/* The keys that the connection is to have; NULL: open mode. A client calls it
 * before it expects WELCOME, which brings the vector; a server behind SETUP,
 * with the vector from there (clients: iv is NULL). */
void inlet_protect(
    struct inlet *inlet, const struct keys *keys, const uint8_t *iv);
/* From here on the peer may state what it sent: both ends have said so. */
void inlet_allow_statements(struct inlet *inlet);
/* Not while a message is under way. */
void inlet_expect(struct inlet *inlet, enum inlet_hope hope);

/* Takes from *data what belongs to the next message and moves both on. -1: the
 * peer broke the rules; nothing can be read any more. */
int inlet_take(struct inlet *inlet, const uint8_t **data, size_t *length,
    enum inlet_event *event, struct error *err);
const union inlet_message *inlet_message(const struct inlet *inlet);

#endif
