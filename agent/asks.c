/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/asks.h"

#include <event2/event.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "common/member.h"
#include "common/memory.h"

struct ask {
	TAILQ_ENTRY(ask) link;
	struct asks *asks;
	int64_t number;
	json_object *order; /* until it is sent */
	struct event *timer;
	crew_cost answer;
	void *arg;
};

struct asks {
	struct event_base *base;
	const struct asks_calls *calls;
	void *arg;
	int64_t last;
	TAILQ_HEAD(, ask) open;
};

struct asks *
asks_new(struct event_base *base, const struct asks_calls *calls, void *arg)
{
	struct asks *asks = memory_new(1, sizeof(*asks));

	asks->base = base;
	asks->calls = calls;
	asks->arg = arg;
	TAILQ_INIT(&asks->open);
	return (asks);
}

static void
remove_ask(struct ask *ask)
{
	TAILQ_REMOVE(&ask->asks->open, ask, link);
	event_free(ask->timer);
	json_object_put(ask->order);
	free(ask);
}

void
asks_free(struct asks *asks)
{
	while (!TAILQ_EMPTY(&asks->open))
		remove_ask(TAILQ_FIRST(&asks->open));
	free(asks);
}

static void
answer(struct ask *ask, const struct cost *cost, const char *why)
{
	crew_cost call = ask->answer;
	void *arg = ask->arg;

	remove_ask(ask);
	call(arg, cost, why);
}

static void
set_timer(struct ask *ask, nanoseconds wait)
{
	const struct timeval tv = {.tv_sec = wait / NS_PER_S};

	event_add(ask->timer, &tv);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct ask *ask = arg;
	struct asks *asks = ask->asks;

	if (ask->order != NULL) {
		answer(ask, NULL, asks->calls->why(asks->arg));
		return;
	}
	answer(ask, NULL, "its worker hung");
	asks->calls->hangs(asks->arg);
}

static void
send_ask(struct ask *ask)
{
	struct asks *asks = ask->asks;

	if (!asks->calls->send(asks->arg, json_object_get(ask->order)))
		return;
	json_object_put(ask->order);
	ask->order = NULL;
	set_timer(ask, ASKS_SILENCE);
}

void
asks_add(
    struct asks *asks, struct json_object *settings, crew_cost call, void *arg)
{
	struct ask *ask = memory_new(1, sizeof(*ask));

	ask->asks = asks;
	ask->number = ++asks->last;
	ask->answer = call;
	ask->arg = arg;
	ask->order = json_object_new_object();
	member_add_text(ask->order, "m", "cost");
	member_add_whole(ask->order, "ask", ask->number);
	if (settings != NULL)
		json_object_object_add(
		    ask->order, "settings", json_object_get(settings));
	ask->timer = evtimer_new(asks->base, on_timer, ask);
	TAILQ_INSERT_TAIL(&asks->open, ask, link);
	set_timer(ask, ASKS_START);
	send_ask(ask);
}

void
asks_started(struct asks *asks)
{
	struct ask *ask;

	TAILQ_FOREACH (ask, &asks->open, link)
		if (ask->order != NULL)
			send_ask(ask);
}

/* What was not sent yet has its chance with the next one. An answer may ask
 * again: that is behind the last one of now. */
void
asks_ended(struct asks *asks, const char *why)
{
	struct ask *ask, *next;
	int64_t last = asks->last;

	for (ask = TAILQ_FIRST(&asks->open); ask != NULL && ask->number <= last;
	     ask = next) {
		next = TAILQ_NEXT(ask, link);
		if (ask->order == NULL)
			answer(ask, NULL, why);
	}
}

static bool
read_number(json_object *message, const char *name, double *number)
{
	*number = member_number_or(message, name, -1);
	return (*number >= 0);
}

static const char *
read_cost(struct cost *cost, json_object *message)
{
	if (!read_number(message, "packets", &cost->packets) ||
	    !read_number(message, "bits", &cost->bits) ||
	    !read_number(message, "seconds", &cost->seconds))
		return ("its worker's price is not of numbers from 0");
	cost->heavy = json_object_get_boolean(member_get(message, "heavy"));
	return (NULL);
}

bool
asks_take(struct asks *asks, struct json_object *message)
{
	int64_t number = member_whole_or(message, "ask", 0);
	const char *why = member_text_or(message, "why", NULL);
	struct ask *ask = TAILQ_FIRST(&asks->open);
	struct cost cost;

	while (ask != NULL && (ask->number != number || ask->order != NULL))
		ask = TAILQ_NEXT(ask, link);
	if (ask == NULL)
		return (false);
	if (why == NULL)
		why = read_cost(&cost, message);
	answer(ask, why == NULL ? &cost : NULL, why);
	return (true);
}
