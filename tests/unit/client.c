/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/client.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/memory.h"

static void
on_read(struct bufferevent *stream, void *arg)
{
	struct client *client = arg;
	struct evbuffer *input = bufferevent_get_input(stream);
	size_t used = strlen(client->text), more = evbuffer_get_length(input);

	client->text = memory_resize(client->text, used + more + 1, 1);
	evbuffer_remove(input, client->text + used, more);
	client->text[used + more] = '\0';
}

static void
on_event(struct bufferevent *stream, short what, void *arg)
{
	struct client *client = arg;

	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		client->closed = true;
}

void
client_open(struct client *client, struct event_base *base, int listener)
{
	struct sockaddr_storage address = {0};
	socklen_t length = sizeof(address);

	getsockname(listener, (struct sockaddr *)&address, &length);
	client->base = base;
	client->text = memory_text("");
	client->closed = false;
	client->stream =
	    bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(client->stream, on_read, NULL, on_event, client);
	assert_int_equal(bufferevent_socket_connect(client->stream,
			     (struct sockaddr *)&address, (int)length),
	    0);
	bufferevent_enable(client->stream, EV_READ | EV_WRITE);
}

void
client_close(struct client *client)
{
	bufferevent_free(client->stream);
	free(client->text);
}

void
client_send(struct client *client, const char *text)
{
	bufferevent_write(client->stream, text, strlen(text));
}

void
client_await(struct client *client, const char *text)
{
	const struct timeval tick = {.tv_usec = 10000};
	nanoseconds deadline = clock_monotonic() + 10 * NS_PER_S;

	while (strstr(client->text, text) == NULL) {
		if (clock_monotonic() > deadline)
			fail_msg("no %s in: %s", text, client->text);
		event_base_loopexit(client->base, &tick);
		event_base_loop(client->base, EVLOOP_ONCE);
	}
}
