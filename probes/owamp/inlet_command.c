/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands, and the parts of them that have no fixed length. */
#include <inttypes.h>
#include <string.h>

#include "common/error.h"
#include "common/memory.h"
#include "probes/owamp/inlet_parts.h"

#define CHUNK 16 /* records that fill whole blocks */

static inlet_step read_chunk;

static int
check_limit(const char *what, uint32_t count, uint32_t most, struct error *err)
{
	if (count <= most)
		return (0);
	return (error_set(err, "%s: %" PRIu32 ", expected at most %" PRIu32,
	    what, count, most));
}

void
inlet_await_chunk(struct inlet *inlet)
{
	uint32_t n = inlet->fetched.records;

	inlet->chunk = inlet->given = 0;
	if (n > CHUNK)
		n = CHUNK;
	inlet_await(inlet,
	    n > 0 ? message_padded((uint64_t)n * MESSAGE_RECORD)
		  : CIPHER_DIGEST,
	    read_chunk);
}

static int
read_chunk(struct inlet *inlet, struct error *err)
{
	uint32_t left = inlet->fetched.records;

	if (left == 0) {
		inlet->fetching = false;
		inlet->event = INLET_END;
		return (inlet_unseal(inlet, "records", err));
	}
	inlet_open(inlet);
	inlet->chunk = left < CHUNK ? left : CHUNK;
	inlet->fetched.records -= inlet->chunk;
	return (0);
}

/* So many ranges from the part, behind those that are there. */
static int
add_skips(
    struct inlet *inlet, const uint8_t *p, uint32_t count, struct error *err)
{
	const struct message_skip *before = NULL;

	if (check_limit("skip ranges", count,
		inlet->limits.skips - inlet->skip_count, err) == -1)
		return (-1);
	inlet->skips = memory_resize(inlet->skips,
	    (size_t)inlet->skip_count + count + 1, sizeof(*inlet->skips));
	for (uint32_t i = 0; i < count; i++) {
		struct message_skip *skip = &inlet->skips[inlet->skip_count];

		if (message_get_skip(p, before, skip, err) == -1)
			return (-1);
		before = skip;
		inlet->skip_count++;
		p += MESSAGE_SKIP;
	}
	return (0);
}

static int
read_fetched_skips(struct inlet *inlet, struct error *err)
{
	if (inlet_unseal(inlet, "skip ranges", err) == -1 ||
	    add_skips(inlet, inlet->part, inlet->fetched.skips, err) == -1)
		return (-1);
	inlet->message.skips.count = inlet->skip_count;
	inlet->message.skips.ranges = inlet->skips;
	inlet->event = INLET_SKIPS;
	inlet_await_chunk(inlet);
	return (0);
}

static int
read_slots(struct inlet *inlet, struct error *err)
{
	struct message_request *request = &inlet->message.request;
	uint32_t count = request->slot_count;

	if (inlet_unseal(inlet, "schedule slots", err) == -1)
		return (-1);
	inlet->slots = memory_resize(
	    inlet->slots, (size_t)count + 1, sizeof(*inlet->slots));
	for (uint32_t i = 0; i < count; i++)
		message_get_slot(
		    inlet->part + (size_t)i * MESSAGE_SLOT, &inlet->slots[i]);
	request->slots = inlet->slots;
	inlet->event = inlet->fetching ? INLET_SESSION : INLET_REQUEST;
	inlet->skip_count = 0;
	if (inlet->fetching)
		inlet_await(inlet,
		    message_padded(
			(uint64_t)inlet->fetched.skips * MESSAGE_SKIP) +
			CIPHER_DIGEST,
		    read_fetched_skips);
	return (0);
}

static int
read_request(struct inlet *inlet, struct error *err)
{
	struct message_request *request = &inlet->message.request;

	if (inlet_unseal(inlet, "Request-Session", err) == -1)
		return (-1);
	if (inlet->part[0] != MESSAGE_DO_REQUEST)
		return (error_set(err, "fetched session: no request in it"));
	message_get_request(inlet->part, request);
	if (check_limit("schedule slots", request->slot_count,
		inlet->limits.slots, err) == -1)
		return (-1);
	inlet_await(inlet,
	    (size_t)request->slot_count * MESSAGE_SLOT + CIPHER_DIGEST,
	    read_slots);
	return (0);
}

static int
read_start(struct inlet *inlet, struct error *err)
{
	inlet->event = INLET_START;
	return (inlet_unseal(inlet, "Start-Sessions", err));
}

static int
read_fetch(struct inlet *inlet, struct error *err)
{
	if (inlet_unseal(inlet, "Fetch-Session", err) == -1)
		return (-1);
	message_get_fetch(inlet->part, &inlet->message.fetch);
	inlet->event = INLET_FETCH;
	return (0);
}

int
inlet_read_fetched(struct inlet *inlet, struct error *err)
{
	struct message_fetched *fetched = &inlet->message.fetched;

	if (inlet_unseal(inlet, "Fetch-Ack", err) == -1)
		return (-1);
	message_get_fetched(inlet->part, fetched);
	inlet->event = INLET_FETCHED;
	if (fetched->accept != ACCEPT_OK)
		return (0);
	if (check_limit(
		"skip ranges", fetched->skips, inlet->limits.skips, err) == -1)
		return (-1);
	inlet->fetched = *fetched;
	inlet->fetching = true;
	inlet_await(inlet, MESSAGE_REQUEST + CIPHER_DIGEST, read_request);
	return (0);
}

/* All has been read: ranges of a session stand behind those of the last. */
static int
read_stop_end(struct inlet *inlet, struct error *err)
{
	const struct message_skip *skips = inlet->skips;

	if (inlet_unseal(inlet, "Stop-Sessions", err) == -1)
		return (-1);
	for (uint32_t i = 0; i < inlet->stop.count; i++) {
		inlet->sessions[i].skips = skips;
		skips += inlet->sessions[i].skip_count;
	}
	inlet->stop.sessions = inlet->sessions;
	inlet->message.stop = inlet->stop;
	inlet->event = INLET_STOP;
	return (0);
}

static inlet_step read_stopped;

static void
await_stopped(struct inlet *inlet)
{
	if (inlet->session < inlet->stop.count)
		inlet_await(
		    inlet, message_padded(MESSAGE_STOPPED), read_stopped);
	else
		inlet_await(inlet, CIPHER_DIGEST, read_stop_end);
}

static int
read_stopped_skips(struct inlet *inlet, struct error *err)
{
	inlet_open(inlet);
	if (add_skips(inlet, inlet->part + MESSAGE_STOPPED,
		inlet->sessions[inlet->session].skip_count, err) == -1)
		return (-1);
	inlet->session++;
	await_stopped(inlet);
	return (0);
}

/* A session's first two blocks: the first of its ranges, if any, is in them. */
static int
read_stopped(struct inlet *inlet, struct error *err)
{
	struct message_stopped *session = &inlet->sessions[inlet->session];
	uint64_t length;

	inlet_open(inlet);
	message_get_stopped(inlet->part, session);
	if (check_limit("skip ranges", session->skip_count,
		inlet->limits.skips - inlet->skip_count, err) == -1)
		return (-1);
	length = message_padded(
	    MESSAGE_STOPPED + (uint64_t)session->skip_count * MESSAGE_SKIP);
	if (length == inlet->need)
		return (read_stopped_skips(inlet, err));
	inlet_await_more(inlet, length - inlet->need, read_stopped_skips);
	return (0);
}

static int
read_stop(struct inlet *inlet, struct error *err)
{
	message_get_stop(inlet->part, &inlet->stop);
	if (check_limit("sessions", inlet->stop.count, inlet->limits.sessions,
		err) == -1)
		return (-1);
	inlet->sessions = memory_resize(inlet->sessions,
	    (size_t)inlet->stop.count + 1, sizeof(*inlet->sessions));
	inlet->session = inlet->skip_count = 0;
	await_stopped(inlet);
	return (0);
}

int
inlet_read_command(struct inlet *inlet, struct error *err)
{
	inlet_open(inlet);
	if (inlet->part[0] == MESSAGE_DO_STATE && inlet->statements) {
		inlet_await_statement(inlet);
		return (0);
	}
	if (inlet->part[0] == MESSAGE_DO_LABEL && inlet->statements) {
		inlet_await_label(inlet);
		return (0);
	}
	switch (inlet->part[0]) {
	case MESSAGE_DO_REQUEST:
		inlet_await_more(inlet,
		    MESSAGE_REQUEST + CIPHER_DIGEST - CIPHER_BLOCK,
		    read_request);
		return (0);
	case MESSAGE_DO_START:
		inlet_await_more(inlet, CIPHER_DIGEST, read_start);
		return (0);
	case MESSAGE_DO_STOP:
		return (read_stop(inlet, err));
	case MESSAGE_DO_FETCH:
		inlet_await_more(inlet,
		    MESSAGE_FETCH + CIPHER_DIGEST - CIPHER_BLOCK, read_fetch);
		return (0);
	default:
		return (error_set(
		    err, "command %u, expected 1 to 4", inlet->part[0]));
	}
}
