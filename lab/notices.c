/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/notices.h"

#include <event2/buffer.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "common/clock.h"
#include "common/http.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"

#define PATIENCE 3600 /* seconds a listener may take nothing */
#define WAITING_MOST (1024 * 1024)

struct listener {
	TAILQ_ENTRY(listener) next;
	struct http_request *request;
	struct notices *notices;
};

struct notices {
	TAILQ_HEAD(, listener) listeners;
};

struct notices *
notices_new(void)
{
	struct notices *notices = memory_new(1, sizeof(*notices));

	TAILQ_INIT(&notices->listeners);
	return (notices);
}

static void
forget(struct listener *listener)
{
	TAILQ_REMOVE(&listener->notices->listeners, listener, next);
	free(listener);
}

void
notices_free(struct notices *notices)
{
	if (notices == NULL)
		return;
	while (!TAILQ_EMPTY(&notices->listeners))
		forget(TAILQ_FIRST(&notices->listeners));
	free(notices);
}

static void
on_gone(struct http_request *request, void *arg)
{
	forget(arg);
}

json_object *
notices_new_notice(const char *event)
{
	json_object *notice = json_object_new_object();

	member_add_number(notice, "time", clock_seconds(clock_wall()));
	member_add_text(notice, "event", event);
	return (notice);
}

static void
send_line(struct http_request *request, const char *text)
{
	struct evbuffer *line = evbuffer_new();

	evbuffer_add_printf(line, "%s\n", text);
	http_stream_send(request, line);
	evbuffer_free(line);
}

/* From here on nothing is missed. */
static void
greet(struct http_request *request)
{
	json_object *notice = notices_new_notice("listening");

	send_line(request,
	    json_object_to_json_string_ext(notice, JSON_C_TO_STRING_PLAIN));
	json_object_put(notice);
}

void
notices_add(struct notices *notices, struct http_request *request)
{
	struct listener *listener = memory_new(1, sizeof(*listener));

	listener->request = request;
	listener->notices = notices;
	TAILQ_INSERT_TAIL(&notices->listeners, listener, next);
	if (http_stream(
		request, "application/x-ndjson", PATIENCE, on_gone, listener))
		greet(request);
	else
		forget(listener);
}

void
notices_end(struct notices *notices)
{
	while (!TAILQ_EMPTY(&notices->listeners)) {
		struct listener *listener = TAILQ_FIRST(&notices->listeners);

		http_stream_end(listener->request);
		forget(listener);
	}
}

void
notices_tell(struct notices *notices, json_object *notice)
{
	const char *text =
	    json_object_to_json_string_ext(notice, JSON_C_TO_STRING_PLAIN);
	struct listener *listener, *next;

	log_info("%s", text);
	for (listener = TAILQ_FIRST(&notices->listeners); listener != NULL;
	     listener = next) {
		next = TAILQ_NEXT(listener, next);
		send_line(listener->request, text);
		if (http_stream_waiting(listener->request) > WAITING_MOST)
			http_stream_break(listener->request);
	}
	json_object_put(notice);
}
