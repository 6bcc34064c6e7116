/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/live.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "collector/changes.h"
#include "collector/fleet.h"
#include "collector/views.h"
#include "collector/web.h"
#include "collector/web_matrix.h"
#include "common/error.h"
#include "common/memory.h"

#define LOOK_EVERY NS_PER_S
#define SHARE 10 /* a look costs at most this part of the time */
#define TICK_EVERY (15 * NS_PER_S)
#define PATIENCE 20   /* seconds */
#define RETRY 2000    /* milliseconds */
#define TESTS_MOST 32 /* that one client watches */

/* What a client knows of a view. */
struct watch {
	struct view *view;
	uint64_t seen;
	size_t cell; /* or CHANGES_ALL, CHANGES_SUMMARY */
};

struct client {
	TAILQ_ENTRY(client) link;
	struct live *live;
	struct http_request *request;
	struct watch watches[TESTS_MOST];
	size_t count;
};

struct live {
	struct web *web;
	struct event *timer;
	nanoseconds ticked;
	struct views views;
	TAILQ_HEAD(, client) clients;
	size_t client_count;
};

static void
free_client(struct client *client)
{
	for (size_t i = 0; i < client->count; i++)
		views_leave(client->watches[i].view);
	free(client);
}

static void
forget_client(struct client *client)
{
	TAILQ_REMOVE(&client->live->clients, client, link);
	client->live->client_count--;
	free_client(client);
}

static void
on_gone(struct http_request *request, void *arg)
{
	forget_client(arg);
}

/* One that still has something to take is told later, and then of all. */
static void
tell(struct client *client, bool tick)
{
	struct evbuffer *out;

	if (http_stream_waiting(client->request) > 0)
		return;
	out = evbuffer_new();
	for (size_t i = 0; i < client->count; i++) {
		struct watch *watch = &client->watches[i];
		struct changes *changes = watch->view->changes;

		if (watch->seen < changes_last(changes))
			changes_tell(changes, watch->seen, watch->cell, out);
		watch->seen = changes_last(changes);
	}
	if (tick)
		evbuffer_add_printf(out,
		    "event: tick\ndata: {\"generated\":%.3f}\n\n",
		    clock_seconds(clock_wall()));
	http_stream_send(client->request, out);
	evbuffer_free(out);
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
	struct client *client;

	if (tick)
		live->ticked = began;
	views_look(&live->views, live->web);
	TAILQ_FOREACH (client, &live->clients, link)
		tell(client, tick);
	took = clock_monotonic() - began;
	if (live->views.count > 0)
		wait_for(live, took * SHARE > LOOK_EVERY ? took * SHARE - took
							 : LOOK_EVERY - took);
}

struct live *
live_new(struct web *web)
{
	struct live *live = memory_new(1, sizeof(*live));

	live->web = web;
	live->timer = evtimer_new(web->base, on_timer, live);
	views_init(&live->views);
	TAILQ_INIT(&live->clients);
	return (live);
}

static void
clear(struct live *live, bool end)
{
	struct client *client;

	while ((client = TAILQ_FIRST(&live->clients)) != NULL) {
		if (end)
			http_stream_end(client->request);
		forget_client(client);
	}
	views_clear(&live->views);
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

/* The pair that is asked for, if one is. False: there is no such pair. */
static bool
ask_cell(
    struct http_request *request, const struct matrix_question *q, size_t *cell)
{
	const char *src = http_query(request, "src");
	const char *dst = http_query(request, "dst");
	const struct fleet_test *t = q->test;
	size_t row, column;

	*cell = CHANGES_ALL;
	if (src == NULL && dst == NULL)
		return (true);
	src = src != NULL ? src : "";
	dst = dst != NULL ? dst : "";
	row = fleet_place(q->fleet, t->sources, t->source_count, src);
	column =
	    fleet_place(q->fleet, t->destinations, t->destination_count, dst);
	if (row != FLEET_NOWHERE && column != FLEET_NOWHERE) {
		*cell = row * t->destination_count + column;
		return (true);
	}
	http_problem(request, 404, "No such pair",
	    "test %s has no pair from \"%s\" to \"%s\"", t->name, src, dst);
	return (false);
}

static int
add_watch(
    struct client *client, const struct matrix_question *question, size_t cell)
{
	struct live *live = client->live;
	struct error err;
	struct view *view = views_find(&live->views, live->web, question, &err);

	if (view == NULL) {
		http_set_header(client->request, "Retry-After", "5");
		http_problem(client->request, 503, "Not now", "%s", err.text);
		return (-1);
	}
	views_join(view);
	client->watches[client->count++] =
	    (struct watch){view, changes_last(view->changes), cell};
	return (0);
}

static int
ask_one(struct client *client)
{
	struct matrix_question question;
	size_t cell;

	if (matrix_ask(client->live->web, client->request, &question, NULL) ==
		-1 ||
	    !ask_cell(client->request, &question, &cell))
		return (-1);
	return (add_watch(client, &question, cell));
}

/* More cells than this are told as a summary alone. */
static int
ask_most(struct http_request *request, size_t *most)
{
	const char *text = http_query(request, "most");
	char *end;

	*most = SIZE_MAX;
	if (text == NULL)
		return (0);
	*most = strtoul(text, &end, 10);
	if (*text >= '0' && *text <= '9' && *end == '\0')
		return (0);
	http_problem(request, 400, "No such number",
	    "most: \"%.40s\", expected how many cells", text);
	return (-1);
}

static int
ask_named(struct client *client, const char *name, size_t most)
{
	struct matrix_question q;
	bool large;

	if (client->count == TESTS_MOST) {
		http_problem(client->request, 400, "Too many tests",
		    "\"tests\" names more than %d", TESTS_MOST);
		return (-1);
	}
	if (matrix_ask_named(client->live->web, client->request, name, &q) ==
	    -1)
		return (-1);
	large = q.test->source_count * q.test->destination_count > most;
	if (large)
		matrix_leave_also(&q);
	return (add_watch(client, &q, large ? CHANGES_SUMMARY : CHANGES_ALL));
}

static int
ask_several(struct client *client, const char *tests)
{
	char *copy, *rest, *name;
	size_t most;
	int rc = ask_most(client->request, &most);

	rest = copy = memory_text(tests);
	while (rc == 0 && (name = strsep(&rest, ",")) != NULL)
		rc = ask_named(client, name, most);
	free(copy);
	return (rc);
}

/* One who watches one view goes on where he was. */
static bool
resume(struct client *client)
{
	const char *last = http_header(client->request, "Last-Event-ID");
	struct watch *watch = &client->watches[0];

	if (last == NULL)
		last = http_query(client->request, "last");
	return (client->count == 1 && last != NULL &&
		changes_resume(watch->view->changes, last, &watch->seen));
}

static void
greet(struct client *client, bool resumed)
{
	struct evbuffer *out = evbuffer_new();
	char id[CHANGES_ID];

	evbuffer_add_printf(out, "retry: %d\nevent: hello\n", RETRY);
	if (!resumed && client->count == 1) {
		changes_id(client->watches[0].view->changes, id);
		evbuffer_add_printf(out, "id: %s\n", id);
	}
	evbuffer_add_printf(out,
	    "data: {\"generated\":%.3f,\"resumed\":%s}\n\n",
	    clock_seconds(clock_wall()), resumed ? "true" : "false");
	http_stream_send(client->request, out);
	evbuffer_free(out);
}

static void
welcome(struct client *client)
{
	struct live *live = client->live;
	bool resumed = resume(client);

	http_set_header(client->request, "Cache-Control", "no-cache");
	http_set_header(client->request, "X-Accel-Buffering", "no");
	wait_for(live, LOOK_EVERY);
	if (!http_stream(client->request, "text/event-stream", PATIENCE,
		on_gone, client)) {
		free_client(client);
		return;
	}
	TAILQ_INSERT_TAIL(&live->clients, client, link);
	live->client_count++;
	greet(client, resumed);
}

void
web_get_live(struct http_request *request, void *arg)
{
	struct web *web = arg;
	const char *tests = http_query(request, "tests");
	struct client *client;

	if (web_fleet(web, request) == NULL)
		return;
	client = memory_new(1, sizeof(*client));
	client->live = web->live;
	client->request = request;
	if ((tests == NULL ? ask_one(client) : ask_several(client, tests)) == 0)
		welcome(client);
	else
		free_client(client);
}
