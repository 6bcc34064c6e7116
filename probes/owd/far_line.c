/* SPDX-License-Identifier: BSD-2-Clause */
/* A control connection: bytes in and out, and its end. */
#include <event2/buffer.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/memory.h"
#include "probes/owd/far_parts.h"

#define READ_MOST 16384               /* bytes that wait to be looked at */
#define WRITE_LEAST (FAR_BACKLOG / 4) /* when there are so few, go on */
#define WRITE_MOST (1 << 20) /* who lets so many wait does not read them */

static void
make_lively(evutil_socket_t fd)
{
	static const int one = 1, idle = 60, between = 10, count = 6;

	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &between, sizeof(between));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	/* statements are to come through while the path loses a lot */
	setsockopt(
	    fd, IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS, &one, sizeof(one));
}

void
far_line_patience(struct far_line *line, nanoseconds idle)
{
	struct timeval read = clock_timeval(idle),
		       write = clock_timeval(line->far->settings.idle);

	bufferevent_set_timeouts(line->stream, idle > 0 ? &read : NULL, &write);
}

void
far_line_wait(struct far_line *line, nanoseconds wait)
{
	struct timeval tv = clock_timeval(wait + NS_PER_US);

	evtimer_add(line->timer, &tv);
}

void
far_line_close(struct far_line *line, const char *why)
{
	struct far *far = line->far;

	if (line->closed)
		return;
	if (why != NULL)
		far_note(line, why);
	line->closed = true;
	bufferevent_disable(line->stream, EV_READ | EV_WRITE);
	event_del(line->timer);
	far_guest_known(line);
	if (line->before != NULL)
		line->before->behind = line->behind;
	else
		far->lines = line->behind;
	if (line->behind != NULL)
		line->behind->before = line->before;
	far->line_count -= line->orphaned == 0;
	line->behind = far->closed;
	far->closed = line;
	event_active(far->sweep, 0, 0);
}

void
far_sweep(struct far *far)
{
	struct far_line *line;

	while ((line = far->closed) != NULL) {
		far->closed = line->behind;
		far_fetch_free(line->fetch);
		far_side_end(line);
		far_sessions_free(line, SHELF_INCOMPLETE);
		server_free(line->server);
		bufferevent_free(line->stream);
		event_free(line->timer);
		free(line);
	}
}

/* Not by the peer's will, as it seems. */
static void
broke(struct far_line *line, const char *why)
{
	if (!far_orphan_make(line, why))
		far_line_close(line, why);
}

void
far_line_flush(struct far_line *line)
{
	struct outlet *outlet = server_outlet(line->server);
	struct evbuffer *output = bufferevent_get_output(line->stream);
	const uint8_t *data;
	size_t length;

	if (line->closed)
		return;
	data = outlet_data(outlet, &length);
	if (length == 0)
		return;
	if (line->orphaned != 0) {
		outlet_sent(outlet, length);
		return;
	}
	bufferevent_write(line->stream, data, length);
	line->written += length;
	outlet_sent(outlet, length);
	if (evbuffer_get_length(output) > WRITE_MOST)
		broke(line, "does not read what it is sent");
}

void
far_line_leave(struct far_line *line)
{
	line->leaves = true;
	bufferevent_setwatermark(line->stream, EV_WRITE, 0, 0);
	bufferevent_disable(line->stream, EV_READ);
}

static int
take_event(struct far_line *line, enum server_event event, struct error *err)
{
	switch (event) {
	case SERVER_READY:
		far_guest_ready(line);
		break;
	case SERVER_REFUSED:
		far_note(line, err->text);
		far_line_leave(line);
		break;
	case SERVER_REQUEST:
		far_session_ask(line);
		break;
	case SERVER_START:
		far_start(line);
		break;
	case SERVER_STOP:
		far_stopped(line);
		break;
	case SERVER_STATE:
		return (far_stated(line, err));
	case SERVER_LABEL:
		far_side_label(line, &server_message(line->server)->label);
		break;
	case SERVER_FETCH:
		far_fetch(line);
		break;
	case SERVER_MORE:
		break;
	}
	return (0);
}

static bool
may_read(const struct far_line *line)
{
	return (!line->closed && !line->leaves && line->orphaned == 0 &&
		line->fetch == NULL &&
		evbuffer_get_length(bufferevent_get_output(line->stream)) <
		    FAR_BACKLOG);
}

/* One message, or what there is of it. False: there is no more for now. */
static bool
read_some(struct far_line *line)
{
	struct evbuffer *input = bufferevent_get_input(line->stream);
	struct evbuffer_iovec piece;
	enum server_event event;
	const uint8_t *at;
	struct error err;
	size_t left;

	if (evbuffer_peek(input, -1, NULL, &piece, 1) < 1 || piece.iov_len == 0)
		return (false);
	at = piece.iov_base;
	left = piece.iov_len;
	if (server_take(line->server, &at, &left, &event, &err) == -1) {
		far_line_close(line, err.text);
		return (false);
	}
	evbuffer_drain(input, piece.iov_len - left);
	if (event == SERVER_MORE && left == piece.iov_len)
		return (false);
	if (take_event(line, event, &err) == -1)
		far_line_close(line, err.text);
	far_line_flush(line);
	return (true);
}

/* Who says more than is looked at waits in the kernel. Not by libevent's high
 * watermark: above it, it calls again and again. */
static void
read_on(struct far_line *line)
{
	struct evbuffer *input = bufferevent_get_input(line->stream);

	if (line->closed || line->leaves || line->orphaned != 0)
		return;
	if (evbuffer_get_length(input) < READ_MOST)
		bufferevent_enable(line->stream, EV_READ);
	else
		bufferevent_disable(line->stream, EV_READ);
}

void
far_line_read(struct far_line *line)
{
	if (line->closed || line->orphaned != 0)
		return;
	if (far_guest_may_enter(line))
		while (may_read(line) && read_some(line))
			continue;
	read_on(line);
}

static void
readable(struct bufferevent *stream, void *arg)
{
	(void)stream;
	far_line_read(arg);
}

static void
writable(struct bufferevent *stream, void *arg)
{
	struct far_line *line = arg;

	if (line->closed || line->orphaned != 0)
		return;
	if (line->leaves) {
		if (evbuffer_get_length(bufferevent_get_output(stream)) == 0)
			far_line_close(line, NULL);
		return;
	}
	if (line->fetch != NULL)
		far_fetch_more(line);
	far_line_read(line);
}

static const char *
explain(short what)
{
	if ((what & BEV_EVENT_TIMEOUT) != 0)
		return ("takes nothing, and says nothing");
	return (evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
}

static void
ended(struct bufferevent *stream, short what, void *arg)
{
	struct far_line *line = arg;

	(void)stream;
	if ((what & BEV_EVENT_EOF) != 0 ||
	    !far_orphan_make(line, explain(what)))
		far_line_close(line, NULL);
}

static void
timer_fired(evutil_socket_t fd, short what, void *arg)
{
	struct far_line *line = arg;

	(void)fd;
	(void)what;
	if (line->closed || line->orphaned != 0)
		return;
	if (server_is_running(line->server))
		far_run_timer(line);
	else
		far_line_read(line);
}

static void
add_line(struct far_line *line)
{
	struct far *far = line->far;

	line->behind = far->lines;
	if (far->lines != NULL)
		far->lines->before = line;
	far->lines = line;
	far->line_count++;
}

struct far_line *
far_line_open(struct far *far, evutil_socket_t fd, const union address *peer)
{
	struct far_line *line = memory_new(1, sizeof(*line));
	socklen_t length = sizeof(line->local);

	line->far = far;
	STAILQ_INIT(&line->sides);
	line->peer = *peer;
	getsockname(fd, &line->local.sa, &length);
	address_format(peer, line->name);
	make_lively(fd);
	line->stream =
	    bufferevent_socket_new(far->base, fd, BEV_OPT_CLOSE_ON_FREE);
	line->timer = evtimer_new(far->base, timer_fired, line);
	bufferevent_setcb(line->stream, readable, writable, ended, line);
	bufferevent_setwatermark(line->stream, EV_WRITE, WRITE_LEAST, 0);
	bufferevent_enable(line->stream, EV_READ | EV_WRITE);
	add_line(line);
	return (line);
}
