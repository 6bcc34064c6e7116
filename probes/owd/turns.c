/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owd/turns.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "common/error.h"
#include "common/memory.h"

#define ROOM 64 /* at first */
#define NEVER INT64_MAX
/* Who is late goes before all others; so long, and then these have theirs. */
#define BUNCH NS_PER_MS
#define OTHERS (20 * NS_PER_US)

struct turns_entry {
	nanoseconds at, latest;
	struct turn *turn;
};

struct turns {
	struct turns *next; /* of another loop */
	struct event_base *base;
	unsigned takers;
	int timer;
	struct event *event;
	nanoseconds armed; /* what the timer is set to; NEVER: it is not */
	bool serving;      /* it is set when that is over */
	struct turns_entry *heap; /* from 1 on; the earliest is the first */
	size_t count, room;
};
static struct turns *all;

static void
rise(struct turns *turns, size_t place, struct turns_entry entry)
{
	while (place > 1 && turns->heap[place / 2].at > entry.at) {
		turns->heap[place] = turns->heap[place / 2];
		place /= 2;
	}
	turns->heap[place] = entry;
}

static void
sink(struct turns *turns, size_t place, struct turns_entry entry)
{
	struct turns_entry *heap = turns->heap;
	size_t child;

	while ((child = 2 * place) <= turns->count) {
		if (child < turns->count && heap[child + 1].at < heap[child].at)
			child++;
		if (heap[child].at >= entry.at)
			break;
		heap[place] = heap[child];
		place = child;
	}
	heap[place] = entry;
}

static void
remove_at(struct turns *turns, size_t place)
{
	struct turns_entry last = turns->heap[turns->count];

	turns->heap[place].turn->set = false;
	turns->count--;
	if (place > turns->count)
		return;
	if (place > 1 && turns->heap[place / 2].at > last.at)
		rise(turns, place, last);
	else
		sink(turns, place, last);
}

/* When the last of those comes, from this place on, that come by *limit; that is
 * none behind the latest of any of them. */
static nanoseconds
last_by(const struct turns *turns, size_t place, nanoseconds *limit)
{
	const struct turns_entry *entry = &turns->heap[place];
	nanoseconds left, right;

	if (place > turns->count || entry->at > *limit)
		return (0);
	if (entry->latest < *limit)
		*limit = entry->latest;
	left = last_by(turns, 2 * place, limit);
	right = last_by(turns, 2 * place + 1, limit);
	left = left > right ? left : right;
	return (left > entry->at ? left : entry->at);
}

/* When the first one comes, and with it those that it may wait for. */
static nanoseconds
next_time(const struct turns *turns)
{
	nanoseconds limit;

	if (turns->count == 0)
		return (NEVER);
	limit = turns->heap[1].latest;
	last_by(turns, 1, &limit); /* some leave less time than the first */
	return (last_by(turns, 1, &limit));
}

/* Not before `least`. A time that has passed fires at once. */
static void
arm(struct turns *turns, nanoseconds least)
{
	nanoseconds at = next_time(turns);
	struct itimerspec when = {.it_value = {0}};

	if (at < least)
		at = least;
	if (turns->serving || at == turns->armed)
		return;
	turns->armed = at;
	if (at != NEVER)
		when.it_value = (struct timespec){at / NS_PER_S, at % NS_PER_S};
	timerfd_settime(turns->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct turns *turns = arg;
	nanoseconds now = clock_monotonic(), end = now + BUNCH;

	turns->armed = NEVER;
	turns->serving = true;
	while (turns->count > 0 && turns->heap[1].at <= now && now < end) {
		struct turn *turn = turns->heap[1].turn;

		remove_at(turns, 1);
		turn->come(turn->arg);
		now = clock_monotonic();
	}
	turns->serving = false;
	arm(turns,
	    turns->count > 0 && turns->heap[1].at <= now ? now + OTHERS : 1);
}

static void
turns_free(struct turns *turns)
{
	if (turns->event != NULL)
		event_free(turns->event);
	if (turns->timer != -1)
		close(turns->timer);
	free(turns->heap);
	free(turns);
}

static struct turns *
turns_new(struct event_base *base, struct error *err)
{
	struct turns *turns = memory_new(1, sizeof(*turns));

	turns->base = base;
	turns->armed = NEVER;
	turns->timer =
	    timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (turns->timer == -1) {
		error_set(err, "timerfd: %m");
		turns_free(turns);
		return (NULL);
	}
	/* at its edge: how often it has fired need not be read */
	turns->event = event_new(
	    base, turns->timer, EV_READ | EV_ET | EV_PERSIST, on_timer, turns);
	event_priority_set(turns->event, 0);
	event_add(turns->event, NULL);
	turns->next = all;
	all = turns;
	return (turns);
}

struct turns *
turns_take(struct event_base *base, struct error *err)
{
	struct turns *turns = all;

	while (turns != NULL && turns->base != base)
		turns = turns->next;
	if (turns == NULL)
		turns = turns_new(base, err);
	if (turns != NULL)
		turns->takers++;
	return (turns);
}

void
turns_give(struct turns *turns)
{
	struct turns **at = &all;

	if (turns == NULL || --turns->takers > 0)
		return;
	assert(turns->count == 0);
	while (*at != turns)
		at = &(*at)->next;
	*at = turns->next;
	turns_free(turns);
}

void
turns_set(struct turns *turns, struct turn *turn, nanoseconds at)
{
	assert(!turn->set);
	if (turns->count + 1 >= turns->room) {
		turns->room = turns->room == 0 ? ROOM : 2 * turns->room;
		turns->heap = memory_resize(
		    turns->heap, turns->room, sizeof(*turns->heap));
	}
	turn->set = true;
	rise(turns, ++turns->count,
	    (struct turns_entry){at, at + turn->slack, turn});
	arm(turns, 1); /* 0 is no time at all */
}

/* Seldom: sought for, rather than have each turn know its place. */
void
turns_drop(struct turns *turns, struct turn *turn)
{
	size_t place = 1;

	if (!turn->set)
		return;
	while (turns->heap[place].turn != turn)
		place++;
	remove_at(turns, place);
	arm(turns, 1);
}
