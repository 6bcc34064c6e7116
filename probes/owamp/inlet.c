/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owamp/inlet.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/memory.h"
#include "probes/owamp/inlet_parts.h"

#define ROOM 64 /* while nothing is there of a message, bytes */

struct inlet *
inlet_new(const struct inlet_limits *limits)
{
	struct inlet *inlet = memory_new(1, sizeof(*inlet));

	inlet->limits = *limits;
	inlet->room = ROOM;
	inlet->part = memory_new(inlet->room, 1);
	return (inlet);
}

void
inlet_free(struct inlet *inlet)
{
	if (inlet == NULL)
		return;
	guard_free(inlet->guard);
	keys_forget(&inlet->keys, sizeof(inlet->keys));
	free(inlet->part);
	free(inlet->slots);
	free(inlet->sessions);
	free(inlet->skips);
	free(inlet->later);
	free(inlet);
}

static void
start_guard(struct inlet *inlet, const uint8_t iv[static CIPHER_BLOCK])
{
	assert(inlet->guard == NULL);
	inlet->guard =
	    guard_new(CIPHER_DECRYPT, inlet->secure ? &inlet->keys : NULL, iv);
}

void
inlet_protect(struct inlet *inlet, const struct keys *keys, const uint8_t *iv)
{
	inlet->secure = keys != NULL;
	if (keys != NULL)
		inlet->keys = *keys;
	if (iv != NULL)
		start_guard(inlet, iv);
}

void
inlet_allow_statements(struct inlet *inlet)
{
	inlet->statements = true;
}

void
inlet_await_more(struct inlet *inlet, size_t length, inlet_step *step)
{
	inlet->need += length;
	inlet->step = step;
	if (inlet->need <= inlet->room)
		return;
	inlet->room = inlet->need;
	inlet->part = memory_resize(inlet->part, inlet->room, 1);
}

void
inlet_await(struct inlet *inlet, size_t length, inlet_step *step)
{
	inlet->have = inlet->need = inlet->opened = 0;
	inlet_await_more(inlet, length, step);
}

void
inlet_open(struct inlet *inlet)
{
	guard_open(inlet->guard, inlet->part + inlet->opened,
	    inlet->need - inlet->opened);
	inlet->opened = inlet->need;
}

int
inlet_unseal(struct inlet *inlet, const char *what, struct error *err)
{
	size_t signed_length = inlet->need - CIPHER_DIGEST;

	guard_open(inlet->guard, inlet->part + inlet->opened,
	    signed_length - inlet->opened);
	inlet->opened = inlet->need;
	if (guard_check(inlet->guard, inlet->part + signed_length))
		return (0);
	return (error_set(err, "%s: wrong HMAC", what));
}

static int
read_greeting(struct inlet *inlet, struct error *err)
{
	(void)err;
	message_get_greeting(inlet->part, &inlet->message.greeting);
	inlet->event = INLET_GREETING;
	return (0);
}

static int
read_setup(struct inlet *inlet, struct error *err)
{
	inlet->event = INLET_SETUP;
	return (message_get_setup(inlet->part, &inlet->message.setup, err));
}

static int
read_welcome(struct inlet *inlet, struct error *err)
{
	(void)err;
	if (inlet->guard != NULL) {
		guard_open(inlet->guard, inlet->part + MESSAGE_WELCOME_CLEAR,
		    MESSAGE_WELCOME - MESSAGE_WELCOME_CLEAR);
	}
	message_get_welcome(inlet->part, &inlet->message.welcome);
	inlet->event = INLET_WELCOME;
	return (0);
}

/* The clear part: the rest of it is encrypted, if we are welcome. */
static int
read_welcome_clear(struct inlet *inlet, struct error *err)
{
	struct message_welcome *welcome = &inlet->message.welcome;

	(void)err;
	memset(inlet->part + MESSAGE_WELCOME_CLEAR, 0,
	    MESSAGE_WELCOME - MESSAGE_WELCOME_CLEAR);
	message_get_welcome(inlet->part, welcome);
	if (welcome->accept == ACCEPT_OK)
		start_guard(inlet, welcome->iv);
	inlet_await_more(
	    inlet, MESSAGE_WELCOME - MESSAGE_WELCOME_CLEAR, read_welcome);
	return (0);
}

static int
read_accepted(struct inlet *inlet, struct error *err)
{
	if (inlet_unseal(inlet, "Accept-Session", err) == -1)
		return (-1);
	message_get_accepted(inlet->part, &inlet->message.accepted);
	inlet->event = INLET_ACCEPTED;
	return (0);
}

static int
read_started(struct inlet *inlet, struct error *err)
{
	if (inlet_unseal(inlet, "Start-Ack", err) == -1)
		return (-1);
	inlet->message.started = message_get_started(inlet->part);
	inlet->event = INLET_STARTED;
	return (0);
}

void
inlet_expect(struct inlet *inlet, enum inlet_hope hope)
{
	static const struct {
		size_t length;
		inlet_step *step;
	} hopes[] = {
	    [INLET_HOPE_GREETING] = {MESSAGE_GREETING, read_greeting},
	    [INLET_HOPE_SETUP] = {MESSAGE_SETUP, read_setup},
	    [INLET_HOPE_WELCOME] = {MESSAGE_WELCOME_CLEAR, read_welcome_clear},
	    [INLET_HOPE_COMMAND] = {CIPHER_BLOCK, inlet_read_command},
	    [INLET_HOPE_ACCEPTED] = {MESSAGE_ACCEPT + CIPHER_DIGEST,
		read_accepted},
	    [INLET_HOPE_STARTED] = {MESSAGE_STARTED + CIPHER_DIGEST,
		read_started},
	    [INLET_HOPE_FETCHED] = {MESSAGE_FETCHED + CIPHER_DIGEST,
		inlet_read_fetched},
	};

	assert(inlet->step == NULL && inlet->given == inlet->chunk);
	assert(inlet->guard != NULL || hope <= INLET_HOPE_WELCOME);
	if (inlet->room > ROOM) {
		inlet->room = ROOM;
		inlet->part = memory_resize(inlet->part, ROOM, 1);
	}
	inlet_await(inlet, hopes[hope].length, hopes[hope].step);
}

/* Moves bytes into the part. False: it is not complete. */
static bool
fill(struct inlet *inlet, const uint8_t **data, size_t *length)
{
	size_t n = inlet->need - inlet->have;

	if (n > *length)
		n = *length;
	if (n > 0)
		memcpy(inlet->part + inlet->have, *data, n);
	inlet->have += n;
	*data += n;
	*length -= n;
	return (inlet->have == inlet->need);
}

static void
give_record(struct inlet *inlet)
{
	message_get_record(
	    inlet->part + (size_t)inlet->given++ * MESSAGE_RECORD,
	    &inlet->message.record);
	inlet->event = INLET_RECORD;
}

static int
take_step(struct inlet *inlet, struct error *err)
{
	inlet_step *step = inlet->step;

	inlet->step = NULL;
	if (step(inlet, err) == 0)
		return (0);
	inlet->broken = true;
	inlet->step = NULL;
	return (-1);
}

int
inlet_take(struct inlet *inlet, const uint8_t **data, size_t *length,
    enum inlet_event *event, struct error *err)
{
	inlet->event = INLET_MORE;
	if (inlet->broken)
		return (error_set(err, "nothing can be read any more"));
	while (inlet->event == INLET_MORE) {
		if (inlet->given < inlet->chunk)
			give_record(inlet);
		else if (inlet->chunk > 0)
			inlet_await_chunk(inlet);
		else if (inlet->step == NULL || !fill(inlet, data, length))
			break;
		else if (take_step(inlet, err) == -1)
			return (-1);
	}
	*event = inlet->event;
	return (0);
}

const union inlet_message *
inlet_message(const struct inlet *inlet)
{
	return (&inlet->message);
}
