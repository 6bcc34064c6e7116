/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/channel.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"

struct channel {
	struct bufferevent *stream;
	channel_message message;
	channel_closed closed;
	channel_line show; /* may be NULL */
	void *arg;
	size_t most;    /* bytes of a line */
	size_t scanned; /* bytes of the input known to hold no newline */
	bool *freed;    /* set while a callback that may free us runs */
	bool ended;     /* closed was called, or is about to be */
	bool finishing; /* no more is sent; shut down when all is written */
};

/* Nothing of the channel may be touched after this: closed may free it. */
static void
end(struct channel *channel, const char *why)
{
	channel->ended = true;
	bufferevent_disable(channel->stream, EV_READ | EV_WRITE);
	channel->closed(channel->arg, why);
}

/* As a message. */
static bool
parse_line(struct channel *channel, const char *line, size_t length)
{
	json_object *message;
	struct error err;
	bool freed = false;

	message = member_parse(line, length, &err);
	if (message == NULL ||
	    !json_object_is_type(message, json_type_object)) {
		if (message != NULL)
			error_set(&err, "no JSON object");
		json_object_put(message);
		error_place(&err, "garbage on the channel");
		end(channel, err.text);
		return (false);
	}
	channel->freed = &freed;
	channel->message(channel->arg, message);
	json_object_put(message);
	if (freed)
		return (false);
	channel->freed = NULL;
	return (true);
}

/* False when the channel is gone or done. */
static bool
take_line(struct channel *channel, const char *line, size_t length)
{
	bool freed = false, taken;

	if (channel->show == NULL)
		return (parse_line(channel, line, length));
	channel->freed = &freed;
	taken = channel->show(channel->arg, line, length);
	if (freed)
		return (false);
	channel->freed = NULL;
	return (taken || parse_line(channel, line, length));
}

/* The length of the next line without its newline, or -1. */
static ev_ssize_t
find_line(struct channel *channel, struct evbuffer *input)
{
	struct evbuffer_ptr from, at;

	if (evbuffer_ptr_set(
		input, &from, channel->scanned, EVBUFFER_PTR_SET) != 0)
		return (-1);
	at = evbuffer_search(input, "\n", 1, &from);
	channel->scanned = at.pos < 0 ? evbuffer_get_length(input) : 0;
	return (at.pos);
}

static void
on_read(struct bufferevent *stream, void *arg)
{
	struct evbuffer *input = bufferevent_get_input(stream);
	struct channel *channel = arg;
	ev_ssize_t length;
	bool more = true;

	while (more && (length = find_line(channel, input)) >= 0 &&
	       (size_t)length <= channel->most) {
		char *line = memory_new((size_t)length + 1, 1);

		evbuffer_remove(input, line, (size_t)length + 1);
		more = take_line(channel, line, (size_t)length);
		free(line);
	}
	if (more && evbuffer_get_length(input) > channel->most)
		end(channel, "a line on the channel is too long");
}

static void
on_written(struct bufferevent *stream, void *arg)
{
	struct channel *channel = arg;

	if (channel->finishing)
		shutdown(bufferevent_getfd(stream), SHUT_WR);
}

static void
on_event(struct bufferevent *stream, short what, void *arg)
{
	struct evbuffer *output = bufferevent_get_output(stream);
	struct channel *channel = arg;

	if (what & BEV_EVENT_WRITING) {
		/* it reads no more, yet what it said before is still to come */
		bufferevent_disable(stream, EV_WRITE);
		evbuffer_drain(output, evbuffer_get_length(output));
		return;
	}
	/* a reset is the end of one that left something unread */
	if ((what & BEV_EVENT_ERROR) && errno != ECONNRESET)
		end(channel, strerror(errno));
	else if (evbuffer_get_length(bufferevent_get_input(stream)) > 0)
		end(channel, "the channel ended within a line");
	else
		end(channel, NULL);
}

struct channel *
channel_new(struct event_base *base, int fd, channel_message message,
    channel_closed closed, void *arg)
{
	struct channel *channel = memory_new(1, sizeof(*channel));

	channel->most = CHANNEL_MOST;
	channel->message = message;
	channel->closed = closed;
	channel->arg = arg;
	signal(SIGPIPE, SIG_IGN);
	evutil_make_socket_nonblocking(fd);
	channel->stream =
	    bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (channel->stream == NULL)
		log_fatal("out of memory");
	bufferevent_setcb(
	    channel->stream, on_read, on_written, on_event, channel);
	bufferevent_enable(channel->stream, EV_READ | EV_WRITE);
	return (channel);
}

void
channel_free(struct channel *channel)
{
	if (channel == NULL)
		return;
	if (channel->freed != NULL)
		*channel->freed = true;
	/* it is closed by the loop only, which may not run again */
	shutdown(bufferevent_getfd(channel->stream), SHUT_RDWR);
	bufferevent_free(channel->stream);
	free(channel);
}

void
channel_lines(struct channel *channel, channel_line show)
{
	channel->show = show;
}

void
channel_limit(struct channel *channel, size_t most)
{
	channel->most = most;
}

static bool
is_open(const struct channel *channel)
{
	return (!channel->ended && !channel->finishing &&
		(bufferevent_get_enabled(channel->stream) & EV_WRITE));
}

void
channel_send_line(struct channel *channel, const char *line, size_t length)
{
	if (is_open(channel))
		bufferevent_write(channel->stream, line, length);
}

void
channel_send(struct channel *channel, json_object *message)
{
	size_t length;
	const char *text = json_object_to_json_string_length(message,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);

	if (is_open(channel)) {
		bufferevent_write(channel->stream, text, length);
		bufferevent_write(channel->stream, "\n", 1);
	}
	json_object_put(message);
}

void
channel_finish(struct channel *channel)
{
	if (channel->ended || channel->finishing)
		return;
	channel->finishing = true;
	if (channel_pending(channel) == 0)
		shutdown(bufferevent_getfd(channel->stream), SHUT_WR);
}

size_t
channel_pending(const struct channel *channel)
{
	return (evbuffer_get_length(bufferevent_get_output(channel->stream)));
}
