/* SPDX-License-Identifier: BSD-2-Clause */
/* A control connection: bytes in and out, and its end. */
#include <event2/buffer.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "common/memory.h"
#include "probes/bytes.h"
#include "probes/owd/far_parts.h"

#define READ_MOST 16384               /* bytes that wait to be looked at */
#define WRITE_LEAST (FAR_BACKLOG / 4) /* when there are so few, go on */
#define WRITE_MOST (1 << 20) /* who lets so many wait does not read them */
#define SETUP_TIME (60 * NS_PER_S)

static void
make_lively(evutil_socket_t fd)
{
	static const int one = 1, idle = 60, between = 10, count = 6;

	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &between, sizeof(between));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

static struct timeval
to_timeval(nanoseconds ns)
{
	return ((struct timeval){.tv_sec = ns / NS_PER_S,
	    .tv_usec = (suseconds_t)(ns % NS_PER_S / NS_PER_US)});
}

void
far_line_patience(struct far_line *line, nanoseconds idle)
{
	struct timeval read = to_timeval(idle),
		       write = to_timeval(line->far->settings.idle);

	bufferevent_set_timeouts(line->stream, idle > 0 ? &read : NULL, &write);
}

void
far_line_wait(struct far_line *line, nanoseconds wait)
{
	struct timeval tv = to_timeval(wait + NS_PER_US);

	evtimer_add(line->timer, &tv);
}

static void
leave_crowd(struct far_line *line)
{
	if (line->crowded)
		crowd_leave(line->far->crowd, &line->peer);
	line->crowded = false;
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
	leave_crowd(line);
	if (line->before != NULL)
		line->before->behind = line->behind;
	else
		far->lines = line->behind;
	if (line->behind != NULL)
		line->behind->before = line->before;
	far->line_count--;
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
		far_sessions_free(line, SHELF_INCOMPLETE);
		server_free(line->server);
		bufferevent_free(line->stream);
		event_free(line->timer);
		free(line);
	}
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
	bufferevent_write(line->stream, data, length);
	outlet_sent(outlet, length);
	if (evbuffer_get_length(output) > WRITE_MOST)
		far_line_close(line, "does not read what it is sent");
}

/* When all is sent. */
static void
leave(struct far_line *line)
{
	line->leaves = true;
	bufferevent_setwatermark(line->stream, EV_WRITE, 0, 0);
	bufferevent_disable(line->stream, EV_READ);
}

static void
set_member(struct far_line *line, const struct probe_peer *peer)
{
	line->standing = FAR_MEMBER;
	hash_sha256(peer->secret, sizeof(peer->secret), line->secret);
}

static void
be_ready(struct far_line *line)
{
	struct far *far = line->far;
	const char *key_id = server_key_id(line->server);
	const struct probe_peer *peer;

	far_line_patience(line, far->settings.idle);
	if (server_mode(line->server) == MODE_OPEN) {
		line->standing = FAR_OPEN;
		return;
	}
	leave_crowd(line);
	line->standing = FAR_KEY;
	peer = far->host->peer(far->responder->worker, key_id);
	if (peer != NULL)
		set_member(line, peer);
	snprintf(line->name, sizeof(line->name), "%s", key_id);
}

static int
take_event(struct far_line *line, enum server_event event, struct error *err)
{
	switch (event) {
	case SERVER_READY:
		be_ready(line);
		break;
	case SERVER_REFUSED:
		far_note(line, err->text);
		leave(line);
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
	case SERVER_FETCH:
		far_fetch(line);
		break;
	case SERVER_MORE:
		break;
	}
	return (0);
}

/* Keys cost a millisecond: not too often, and not before all of it is there. */
static bool
may_be_set_up(struct far_line *line)
{
	struct far *far = line->far;
	struct evbuffer *input = bufferevent_get_input(line->stream);
	uint8_t mode[4];
	nanoseconds wait;

	if (line->passed)
		return (true);
	if (evbuffer_get_length(input) < MESSAGE_SETUP)
		return (false);
	evbuffer_copyout(input, mode, sizeof(mode));
	if ((bytes_get32(mode) & MODE_OPEN) == 0 &&
	    !crowd_pass(
		far->crowd, &line->peer, far->host->monotonic(), &wait)) {
		far_line_wait(line, wait);
		return (false);
	}
	line->passed = true;
	return (true);
}

static bool
may_read(const struct far_line *line)
{
	return (!line->closed && !line->leaves && line->fetch == NULL &&
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

	if (line->closed || line->leaves)
		return;
	if (evbuffer_get_length(input) < READ_MOST)
		bufferevent_enable(line->stream, EV_READ);
	else
		bufferevent_disable(line->stream, EV_READ);
}

void
far_line_read(struct far_line *line)
{
	if (line->closed)
		return;
	if (may_be_set_up(line))
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

	if (line->closed)
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

static void
ended(struct bufferevent *stream, short what, void *arg)
{
	struct far_line *line = arg;

	(void)stream;
	far_line_close(line, NULL);
	(void)what;
}

static void
timer_fired(evutil_socket_t fd, short what, void *arg)
{
	struct far_line *line = arg;

	(void)fd;
	(void)what;
	if (line->closed)
		return;
	if (server_is_running(line->server))
		far_run_timer(line);
	else
		far_line_read(line);
}

static struct far_line *
find_line(const struct far *far, const struct server *server)
{
	struct far_line *line = far->lines;

	while (line != NULL && line->server != server)
		line = line->behind;
	return (line);
}

/* Makes room for one more. False: all that there are have been set up. */
static bool
make_room(struct far *far)
{
	if (far->line_count < (uint64_t)far->settings.connections)
		return (true);
	if (far->lobby.oldest == NULL)
		return (false);
	far_line_close(find_line(far, far->lobby.oldest), NULL);
	far_sweep(far); /* none that is closed is in the lobby */
	return (true);
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

static void
greet(struct far_line *line)
{
	struct far *far = line->far;
	struct server *evicted;
	const struct server_policy *policy =
	    prefixes_have(far->allow, &line->peer) ? &far->everybody
						   : &far->keyed;

	line->server = server_new(policy, &far->lobby, &evicted);
	if (evicted != NULL)
		far_line_close(find_line(far, evicted), NULL);
	add_line(line);
	far_line_flush(line);
	if (policy->modes == 0)
		leave(line);
}

void
far_line_new(struct far *far, evutil_socket_t fd, const union address *peer)
{
	struct far_line *line;
	socklen_t length = sizeof(line->local);

	far_sweep(far);
	if (!make_room(far) || !crowd_enter(far->crowd, peer)) {
		close(fd);
		return;
	}
	line = memory_new(1, sizeof(*line));
	line->far = far;
	line->crowded = true;
	line->peer = *peer;
	getsockname(fd, &line->local.sa, &length);
	address_format(peer, line->name);
	make_lively(fd);
	line->stream =
	    bufferevent_socket_new(far->base, fd, BEV_OPT_CLOSE_ON_FREE);
	line->timer = evtimer_new(far->base, timer_fired, line);
	bufferevent_setcb(line->stream, readable, writable, ended, line);
	bufferevent_setwatermark(line->stream, EV_WRITE, WRITE_LEAST, 0);
	far_line_patience(line,
	    SETUP_TIME < far->settings.idle ? SETUP_TIME : far->settings.idle);
	bufferevent_enable(line->stream, EV_READ | EV_WRITE);
	greet(line);
}
