/* SPDX-License-Identifier: BSD-2-Clause */
/* A server says what it likes to a client in open mode, which asks for a session,
 * runs it, fetches it, and begins again. The first byte is the length of the
 * pieces. No answer comes that was not asked for, and records are as many as were
 * announced. */
#include "probes/owamp/client.h"

#include <stdlib.h>

#include "tests/fuzz/target.h"

static const struct slot slot = {SLOT_FIXED, 1};
static const struct message_request request = {
    .family = 4, .sends = 1, .slot_count = 1, .slots = &slot};
static const struct client_wish wish = {.modes = MODE_OPEN,
    .key_id = "",
    .limits = {.slots = 20, .sessions = 3, .skips = 50}};

static void
ask(struct client *client, enum client_event event, uint32_t *records)
{
	const union inlet_message *m = client_message(client);

	switch (event) {
	case CLIENT_READY:
	case CLIENT_END:
		if (!client_is_idle(client) || *records != 0)
			abort();
		client_request(client, &request);
		break;
	case CLIENT_ACCEPTED:
		client_start(client);
		break;
	case CLIENT_STARTED:
		if (client_is_running(client) != (m->started == ACCEPT_OK))
			abort();
		if (!client_is_running(client))
			client_fetch(client, &(struct message_fetch){.end = 1});
		break;
	case CLIENT_STATE:
		if (!client_is_running(client) || !client_states(client))
			abort();
		client_state(client, &m->statement);
		break;
	case CLIENT_STOP:
		client_stop(client, &(struct message_stop){.count = 0});
		client_fetch(client, &(struct message_fetch){.end = 1});
		break;
	case CLIENT_FETCHED:
		*records = m->fetched.records;
		if (m->fetched.accept == ACCEPT_OK)
			break;
		*records = 0;
		client_request(client, &request);
		break;
	case CLIENT_RECORD:
		if ((*records)-- == 0)
			abort();
		break;
	default:
		break;
	}
}

/* False: it is over. */
static bool
offer(struct client *client, const uint8_t *data, size_t length,
    uint32_t *records)
{
	enum client_event event;
	size_t sent;

	do {
		if (client_take(client, &data, &length, &event, NULL) == -1)
			return (false);
		ask(client, event, records);
		outlet_data(client_outlet(client), &sent);
		outlet_sent(client_outlet(client), sent);
	} while (event != CLIENT_MORE);
	return (true);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct client *client;
	uint32_t records = 0;
	size_t piece, n;

	if (size < 1)
		return (0);
	piece = (size_t)data[0] + 1;
	client = client_new(&wish);
	for (size_t at = 1; at < size; at += n) {
		n = size - at < piece ? size - at : piece;
		if (!offer(client, data + at, n, &records))
			break;
	}
	client_free(client);
	return (0);
}
