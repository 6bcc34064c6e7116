/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owamp/outlet.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "probes/owamp/guard.h"

#define ROOM 512 /* at first, bytes */

struct outlet {
	struct guard *guard; /* NULL: not yet */
	uint8_t *data;
	size_t gone;  /* was sent, and is still in front */
	size_t ready; /* sealed, or in clear for good */
	size_t length, room;
};

struct outlet *
outlet_new(void)
{
	return (memory_new(1, sizeof(struct outlet)));
}

void
outlet_free(struct outlet *outlet)
{
	if (outlet == NULL)
		return;
	guard_free(outlet->guard);
	free(outlet->data);
	free(outlet);
}

void
outlet_protect(struct outlet *outlet, const struct keys *keys,
    const uint8_t iv[static CIPHER_BLOCK])
{
	assert(outlet->guard == NULL);
	outlet->guard = guard_new(CIPHER_ENCRYPT, keys, iv);
}

const uint8_t *
outlet_data(const struct outlet *outlet, size_t *length)
{
	*length = outlet->ready - outlet->gone;
	return (*length > 0 ? outlet->data + outlet->gone : NULL);
}

/* What was sent is thrown away when it is more than what is left: so no byte is
 * moved more than once for each that was sent. Most of the time there is nothing. */
void
outlet_sent(struct outlet *outlet, size_t length)
{
	size_t left = outlet->length - outlet->gone - length;

	assert(length <= outlet->ready - outlet->gone);
	outlet->gone += length;
	if (outlet->gone <= left || outlet->gone == 0)
		return;
	if (left == 0) {
		free(outlet->data);
		outlet->data = NULL;
		outlet->ready = outlet->length = outlet->room = 0;
		outlet->gone = 0;
		return;
	}
	memmove(outlet->data, outlet->data + outlet->gone, left);
	outlet->ready -= outlet->gone;
	outlet->length = left;
	outlet->gone = 0;
}

/* Room for so many bytes more, which are zeros. */
static uint8_t *
grow(struct outlet *outlet, size_t length)
{
	uint8_t *p;

	while (outlet->room < outlet->length + length) {
		outlet->room = outlet->room > 0 ? 2 * outlet->room : ROOM;
		outlet->data = memory_resize(outlet->data, outlet->room, 1);
	}
	p = outlet->data + outlet->length;
	memset(p, 0, length);
	outlet->length += length;
	return (p);
}

static uint8_t *
grow_clear(struct outlet *outlet, size_t length)
{
	uint8_t *p = grow(outlet, length);

	outlet->ready = outlet->length;
	return (p);
}

/* Seals the whole blocks among what is not ready. */
static void
seal(struct outlet *outlet)
{
	size_t length = outlet->length - outlet->ready;

	length -= length % CIPHER_BLOCK;
	guard_seal(outlet->guard, outlet->data + outlet->ready, length);
	outlet->ready += length;
}

static void
sign(struct outlet *outlet)
{
	seal(outlet);
	assert(outlet->ready == outlet->length);
	guard_sign(outlet->guard, grow_clear(outlet, CIPHER_DIGEST));
}

void
outlet_greeting(struct outlet *outlet, const struct message_greeting *m)
{
	message_put_greeting(grow_clear(outlet, MESSAGE_GREETING), m);
}

void
outlet_setup(struct outlet *outlet, const struct message_setup *m)
{
	message_put_setup(grow_clear(outlet, MESSAGE_SETUP), m);
}

void
outlet_welcome(struct outlet *outlet, const struct message_welcome *m)
{
	message_put_welcome(grow(outlet, MESSAGE_WELCOME), m);
	outlet->ready += MESSAGE_WELCOME_CLEAR;
	if (m->accept == ACCEPT_OK)
		seal(outlet); /* signed with the next message */
	else
		outlet->ready = outlet->length;
}

void
outlet_request(struct outlet *outlet, const struct message_request *m)
{
	message_put_request(grow(outlet, MESSAGE_REQUEST), m);
	sign(outlet);
	for (uint32_t i = 0; i < m->slot_count; i++)
		message_put_slot(grow(outlet, MESSAGE_SLOT), &m->slots[i]);
	sign(outlet);
}

void
outlet_accepted(struct outlet *outlet, const struct message_accepted *m)
{
	message_put_accepted(grow(outlet, MESSAGE_ACCEPT), m);
	sign(outlet);
}

void
outlet_start(struct outlet *outlet)
{
	message_put_start(grow(outlet, MESSAGE_START));
	sign(outlet);
}

void
outlet_started(struct outlet *outlet, uint8_t accept)
{
	message_put_started(grow(outlet, MESSAGE_STARTED), accept);
	sign(outlet);
}

static void
add_skips(
    struct outlet *outlet, const struct message_skip *skips, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		message_put_skip(grow(outlet, MESSAGE_SKIP), &skips[i]);
}

static void
fill_block(struct outlet *outlet)
{
	size_t length = outlet->length - outlet->ready;

	grow(outlet, message_padded(length) - length);
}

void
outlet_stop(struct outlet *outlet, const struct message_stop *m)
{
	message_put_stop(grow(outlet, MESSAGE_STOP), m);
	for (uint32_t i = 0; i < m->count; i++) {
		const struct message_stopped *session = &m->sessions[i];

		message_put_stopped(grow(outlet, MESSAGE_STOPPED), session);
		add_skips(outlet, session->skips, session->skip_count);
		fill_block(outlet);
	}
	sign(outlet);
}

void
outlet_state(struct outlet *outlet, const struct message_statement *m)
{
	message_put_statement(grow(outlet, MESSAGE_STATEMENT), m);
	add_skips(outlet, m->unsent, m->unsent_count);
	add_skips(outlet, m->stuck, m->stuck_count);
	for (uint32_t i = 0; i < m->stamp_count; i++)
		message_put_stamp(grow(outlet, MESSAGE_STAMP), m->later[i]);
	fill_block(outlet);
	sign(outlet);
}

void
outlet_label(struct outlet *outlet, const struct message_label *m)
{
	message_put_label(grow(outlet, MESSAGE_LABEL), m);
	sign(outlet);
}

void
outlet_fetch(struct outlet *outlet, const struct message_fetch *m)
{
	message_put_fetch(grow(outlet, MESSAGE_FETCH), m);
	sign(outlet);
}

void
outlet_fetched(struct outlet *outlet, const struct message_fetched *m)
{
	message_put_fetched(grow(outlet, MESSAGE_FETCHED), m);
	sign(outlet);
}

void
outlet_skips(
    struct outlet *outlet, const struct message_skip *skips, uint32_t count)
{
	add_skips(outlet, skips, count);
	fill_block(outlet);
	sign(outlet);
}

void
outlet_record(struct outlet *outlet, const struct message_record *m)
{
	message_put_record(grow(outlet, MESSAGE_RECORD), m);
	seal(outlet);
}

void
outlet_end(struct outlet *outlet)
{
	fill_block(outlet);
	sign(outlet);
}
