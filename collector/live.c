/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/live.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "collector/changes.h"
#include "collector/fleet.h"
#include "collector/web.h"
#include "collector/web_matrix.h"
#include "common/error.h"
#include "common/memory.h"

#define LOOK_EVERY NS_PER_S
#define SHARE 10 /* a look costs at most this part of the time */
#define TICK_EVERY (15 * NS_PER_S)
#define KEPT (60 * NS_PER_S) /* a view that nobody watches */
#define PATIENCE 20          /* seconds */
#define RETRY 2000           /* milliseconds */
#define VIEWS_MOST 64
#define BYTES_MOST (512u * 1024 * 1024)

struct view;

struct client {
	TAILQ_ENTRY(client) link;
	struct view *view;
	struct http_request *request;
	uint64_t seen;
	size_t cell;
};

struct view {
	TAILQ_ENTRY(view) link;
	struct live *live;
	struct changes *changes;
	size_t size;
	TAILQ_HEAD(, client) clients;
	nanoseconds left; /* monotonic: when the last client went */
};

struct live {
	struct web *web;
	struct event *timer;
	nanoseconds ticked;
	TAILQ_HEAD(, view) views;
	size_t view_count, size, client_count;
};

static void
free_view(struct live *live, struct view *view)
{
	TAILQ_REMOVE(&live->views, view, link);
	live->view_count--;
	live->size -= view->size;
	changes_free(view->changes);
	free(view);
}

static void
free_client(struct client *client)
{
	struct view *view = client->view;

	TAILQ_REMOVE(&view->clients, client, link);
	view->left = clock_monotonic();
	view->live->client_count--;
	free(client);
}

static void
on_gone(struct http_request *request, void *arg)
{
	free_client(arg);
}

/* One that still has something to take is told later, and then of all. */
static void
tell(struct client *client, bool tick)
{
	struct changes *changes = client->view->changes;
	struct evbuffer *out;

	if (http_stream_waiting(client->request) > 0)
		return;
	out = evbuffer_new();
	if (client->seen < changes_last(changes))
		changes_tell(changes, client->seen, client->cell, out);
	client->seen = changes_last(changes);
	if (tick)
		evbuffer_add_printf(out,
		    "event: tick\ndata: {\"generated\":%.3f}\n\n",
		    clock_seconds(clock_wall()));
	http_stream_send(client->request, out);
	evbuffer_free(out);
}

static void
go_round(struct live *live, bool tick)
{
	nanoseconds now = clock_monotonic();
	struct view *view, *next_view;
	struct client *client;

	for (view = TAILQ_FIRST(&live->views); view != NULL; view = next_view) {
		next_view = TAILQ_NEXT(view, link);
		if (TAILQ_EMPTY(&view->clients)) {
			if (now - view->left > KEPT)
				free_view(live, view);
			continue;
		}
		changes_look(live->web, view->changes);
		TAILQ_FOREACH (client, &view->clients, link)
			tell(client, tick);
	}
}

static void
wait_for(struct live *live, nanoseconds pause)
{
	const struct timeval wait = {
	    .tv_sec = pause / NS_PER_S, .tv_usec = pause % NS_PER_S / 1000};

	if (!event_pending(live->timer, EV_TIMEOUT, NULL))
		event_add(live->timer, &wait);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct live *live = arg;
	nanoseconds began = clock_monotonic(), took;
	bool tick = began - live->ticked >= TICK_EVERY;

	if (tick)
		live->ticked = began;
	go_round(live, tick);
	took = clock_monotonic() - began;
	if (!TAILQ_EMPTY(&live->views))
		wait_for(live, took * SHARE > LOOK_EVERY ? took * SHARE - took
							 : LOOK_EVERY - took);
}

struct live *
live_new(struct web *web)
{
	struct live *live = memory_new(1, sizeof(*live));

	live->web = web;
	live->timer = evtimer_new(web->base, on_timer, live);
	TAILQ_INIT(&live->views);
	return (live);
}

static void
clear(struct live *live, bool end)
{
	struct client *client;
	struct view *view;

	while ((view = TAILQ_FIRST(&live->views)) != NULL) {
		while ((client = TAILQ_FIRST(&view->clients)) != NULL) {
			if (end)
				http_stream_end(client->request);
			free_client(client);
		}
		free_view(live, view);
	}
}

void
live_free(struct live *live)
{
	if (live == NULL)
		return;
	clear(live, false);
	event_free(live->timer);
	free(live);
}

void
live_forget(struct live *live)
{
	clear(live, true);
}

size_t
live_clients(const struct live *live)
{
	return (live->client_count);
}

/* Views that nobody watches make room, the oldest first. */
static bool
make_room(struct live *live, size_t size)
{
	struct view *view, *oldest;

	while (
	    live->view_count >= VIEWS_MOST || live->size + size > BYTES_MOST) {
		oldest = NULL;
		TAILQ_FOREACH (view, &live->views, link)
			if (TAILQ_EMPTY(&view->clients) &&
			    (oldest == NULL || view->left < oldest->left))
				oldest = view;
		if (oldest == NULL)
			return (false);
		free_view(live, oldest);
	}
	return (true);
}

static struct view *
new_view(struct live *live, const struct matrix_question *question,
    struct error *err)
{
	size_t size = changes_size(question);
	struct changes *changes;
	struct view *view;

	if (!make_room(live, size)) {
		error_set(err, "too many different views are watched; close "
			       "some, or watch one that others do");
		return (NULL);
	}
	if ((changes = changes_new(live->web, question, err)) == NULL)
		return (NULL);
	view = memory_new(1, sizeof(*view));
	view->live = live;
	view->changes = changes;
	view->size = size;
	view->left = clock_monotonic();
	TAILQ_INIT(&view->clients);
	TAILQ_INSERT_TAIL(&live->views, view, link);
	live->view_count++;
	live->size += size;
	return (view);
}

static struct view *
find_view(struct live *live, const struct matrix_question *question,
    struct error *err)
{
	struct view *view;

	TAILQ_FOREACH (view, &live->views, link)
		if (changes_are_of(view->changes, question)) {
			if (TAILQ_EMPTY(&view->clients))
				changes_look(live->web, view->changes);
			return (view);
		}
	return (new_view(live, question, err));
}

/* The pair that is asked for, if one is. False: there is no such pair. */
static bool
ask_cell(
    struct http_request *request, const struct matrix_question *q, size_t *cell)
{
	const char *src = http_query(request, "src");
	const char *dst = http_query(request, "dst");
	const struct fleet_test *t = q->test;

	*cell = CHANGES_ALL;
	if (src == NULL && dst == NULL)
		return (true);
	for (size_t i = 0; src != NULL && i < t->source_count; i++)
		for (size_t j = 0; dst != NULL && j < t->destination_count; j++)
			if (strcmp(q->fleet->ends[t->sources[i]].name, src) ==
				0 &&
			    strcmp(q->fleet->ends[t->destinations[j]].name,
				dst) == 0) {
				*cell = i * t->destination_count + j;
				return (true);
			}
	http_problem(request, 404, "No such pair",
	    "test %s has no pair from \"%s\" to \"%s\"", t->name,
	    src == NULL ? "" : src, dst == NULL ? "" : dst);
	return (false);
}

static void
greet(struct client *client, bool resumed)
{
	struct evbuffer *out = evbuffer_new();
	char id[CHANGES_ID];

	changes_id(client->view->changes, id);
	evbuffer_add_printf(out, "retry: %d\nevent: hello\n", RETRY);
	if (!resumed)
		evbuffer_add_printf(out, "id: %s\n", id);
	evbuffer_add_printf(out,
	    "data: {\"generated\":%.3f,\"resumed\":%s}\n\n",
	    clock_seconds(clock_wall()), resumed ? "true" : "false");
	http_stream_send(client->request, out);
	evbuffer_free(out);
}

static void
welcome(struct view *view, struct http_request *request, size_t cell)
{
	struct client *client = memory_new(1, sizeof(*client));
	const char *last = http_header(request, "Last-Event-ID");
	bool resumed;

	if (last == NULL)
		last = http_query(request, "last");
	client->view = view;
	client->request = request;
	client->cell = cell;
	client->seen = changes_last(view->changes);
	resumed =
	    last != NULL && changes_resume(view->changes, last, &client->seen);
	http_set_header(request, "Cache-Control", "no-cache");
	http_set_header(request, "X-Accel-Buffering", "no");
	wait_for(view->live, LOOK_EVERY);
	if (!http_stream(
		request, "text/event-stream", PATIENCE, on_gone, client)) {
		free(client);
		return;
	}
	TAILQ_INSERT_TAIL(&view->clients, client, link);
	view->live->client_count++;
	greet(client, resumed);
}

void
web_get_live(struct http_request *request, void *arg)
{
	struct web *web = arg;
	struct matrix_question question;
	struct view *view;
	struct error err;
	size_t cell;

	if (matrix_ask(web, request, &question, NULL) == -1 ||
	    !ask_cell(request, &question, &cell))
		return;
	if ((view = find_view(web->live, &question, &err)) == NULL) {
		http_set_header(request, "Retry-After", "5");
		http_problem(request, 503, "Not now", "%s", err.text);
		return;
	}
	welcome(view, request, cell);
}
