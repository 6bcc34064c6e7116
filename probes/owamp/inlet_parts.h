/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inlet_parts.h - what the files of inlet share.
 *
 * The stream is cut into parts whose length is known before they come. When a
 * part is complete, a step reads it and says what comes next: another part, more
 * of the same, or nothing but an event.
 */
#ifndef PHAROS_PROBES_OWAMP_INLET_PARTS_H
#define PHAROS_PROBES_OWAMP_INLET_PARTS_H

#include "probes/owamp/guard.h"
#include "probes/owamp/inlet.h"

typedef int inlet_step(struct inlet *inlet, struct error *err);

struct inlet {
	struct inlet_limits limits;
	struct keys keys;
	bool secure, broken, statements;
	struct guard *guard;
	inlet_step *step; /* NULL: nothing is expected */
	uint8_t *part;
	size_t have, need, room;
	size_t opened; /* of the part, decrypted */
	enum inlet_event event;
	union inlet_message message;
	bool fetching;
	struct message_fetched fetched;
	uint32_t chunk, given; /* records in the part, and given away of them */
	struct slot *slots;
	struct message_stop stop;
	struct message_stopped *sessions;
	uint32_t session; /* the one that is read */
	struct message_skip *skips;
	uint32_t skip_count; /* read so far, of all sessions */
	int32_t *later;      /* stamps of a statement */
};

/* A part of its own, or more of the one that is there. */
void inlet_await(struct inlet *inlet, size_t length, inlet_step *step);
void inlet_await_more(struct inlet *inlet, size_t length, inlet_step *step);
/* Decrypts the part; inlet_unseal: and checks the digest at its end. */
void inlet_open(struct inlet *inlet);
int inlet_unseal(struct inlet *inlet, const char *what, struct error *err);

/* The next part of a fetched session: records, or what stands behind them. */
void inlet_await_chunk(struct inlet *inlet);

/* The first step of a message whose first block is there. */
inlet_step inlet_read_command, inlet_read_fetched;
/* A statement, whose first block is there. */
void inlet_await_statement(struct inlet *inlet);
void inlet_await_label(struct inlet *inlet); /* the same */

#endif
