/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <sys/socket.h>

#include "common/http_parts.h"

/* What the kernel keeps for a client that reads slowly. */
#define KERNEL_MOST (256 * 1024)

static struct bufferevent *
stream_of(const struct http_request *request)
{
	return (evhttp_connection_get_bufferevent(request->connection));
}

/* Nothing is expected of the client but that it reads; libevent goes on reading
 * with nobody to read, and so it sees the end. */
static void
be_patient(struct http_request *request, int seconds)
{
	const struct timeval patience = {.tv_sec = seconds};
	struct bufferevent *stream = stream_of(request);
	int most = KERNEL_MOST;

	setsockopt(bufferevent_getfd(stream), SOL_SOCKET, SO_SNDBUF, &most,
	    sizeof(most));
	bufferevent_set_timeouts(stream, NULL, &patience);
	bufferevent_setwatermark(stream, EV_READ, 0, HTTP_HELD_INPUT);
}

bool
http_stream(struct http_request *request, const char *type,
    int patience_seconds, void (*gone)(struct http_request *request, void *arg),
    void *arg)
{
	struct evhttp_request *inner = request->inner;

	assert(request->handling && !request->answered);
	http_set_header(request, "Content-Type", type);
	if (evhttp_request_get_command(inner) == EVHTTP_REQ_HEAD) {
		http_reply(request, 200, NULL, NULL);
		return (false);
	}
	request->gone = gone;
	request->gone_arg = arg;
	request->streams = true;
	evhttp_send_reply_start(inner, 200, NULL);
	be_patient(request, patience_seconds);
	return (true);
}

size_t
http_stream_waiting(struct http_request *request)
{
	return (
	    evbuffer_get_length(bufferevent_get_output(stream_of(request))));
}

void
http_stream_send(struct http_request *request, struct evbuffer *part)
{
	assert(request->streams && !request->answered);
	if (evbuffer_get_length(part) > 0)
		evhttp_send_reply_chunk(request->inner, part);
}

void
http_stream_end(struct http_request *request)
{
	struct evhttp_request *inner = request->inner;

	assert(request->streams && !request->answered);
	http_let_go(request);
	evhttp_send_reply_end(inner);
}

void
http_stream_break(struct http_request *request)
{
	assert(request->streams && !request->answered);
	shutdown(bufferevent_getfd(stream_of(request)), SHUT_RDWR);
}
