/* SPDX-License-Identifier: BSD-2-Clause */
/* A stranger talks to a server in open mode, which does all that it is asked
 * for. The first byte is the length of the pieces. No session starts that was not
 * accepted, no more run than the limits say, and nothing is stated but of those
 * that run. What is stated is stated back. */
#include "probes/owamp/server.h"

#include <stdlib.h>

#include "tests/fuzz/target.h"

static const void *
find_secret(void *context, const char *key_id, size_t *length)
{
	(void)context;
	(void)key_id;
	*length = 6;
	return ("secret");
}

static const struct server_policy policy = {.modes = MODE_OPEN,
    .count = 1024,
    .limits = {.slots = 20, .sessions = 3, .skips = 50},
    .secret = find_secret};

struct seen {
	uint32_t sessions;
	bool running;
};

static void
answer_request(struct server *server, struct seen *seen)
{
	if (seen->running || ++seen->sessions > policy.limits.sessions)
		abort();
	if (message_check_request(&server_message(server)->request, NULL) !=
	    ACCEPT_OK)
		abort();
	server_answer(server, &(struct message_accepted){.port = 1});
}

static void
answer(struct server *server, enum server_event event, struct seen *seen)
{
	switch (event) {
	case SERVER_REQUEST:
		answer_request(server, seen);
		break;
	case SERVER_START:
		seen->running = true;
		server_started(server, ACCEPT_OK);
		break;
	case SERVER_STOP:
		if (!seen->running)
			abort();
		server_stop(server, &(struct message_stop){.count = 0});
		*seen = (struct seen){0};
		break;
	case SERVER_STATE:
		if (!seen->running || !server_states(server))
			abort();
		server_state(server, &server_message(server)->statement);
		break;
	case SERVER_FETCH:
		outlet_fetched(server_outlet(server),
		    &(struct message_fetched){.accept = ACCEPT_REJECTED});
		server_fetched(server);
		break;
	default:
		break;
	}
	if (server_is_running(server) != seen->running)
		abort();
}

/* False: it is over. */
static bool
offer(struct server *server, const uint8_t *data, size_t length,
    struct seen *seen)
{
	enum server_event event;
	size_t sent;

	do {
		if (server_take(server, &data, &length, &event, NULL) == -1)
			return (false);
		answer(server, event, seen);
		outlet_data(server_outlet(server), &sent);
		outlet_sent(server_outlet(server), sent);
	} while (event != SERVER_MORE && event != SERVER_REFUSED);
	return (event == SERVER_MORE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct server_lobby lobby = {.most = 1};
	struct server *evicted, *server;
	struct seen seen = {0};
	size_t piece, n;

	if (size < 1)
		return (0);
	piece = (size_t)data[0] + 1;
	server = server_new(&policy, &lobby, &evicted);
	for (size_t at = 1; at < size; at += n) {
		n = size - at < piece ? size - at : piece;
		if (!offer(server, data + at, n, &seen))
			break;
	}
	server_free(server);
	return (0);
}
