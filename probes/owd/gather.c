/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owd/gather.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "common/error.h"
#include "common/memory.h"
#include "probes/owd/turns.h"

#define ROOM 64  /* sockets, in one look */
#define LOOKS 16 /* until others have their turn */

struct gather {
	struct gather *next; /* of another loop */
	struct event_base *base;
	unsigned takers;
	int sockets; /* an epoll of them */
	/* Another one, that the loop waits for: of the first, once, until it is
	 * put in anew. To have the loop itself forget it and know it again
	 * would cost time for each socket. */
	int silence;
	struct event *first; /* packet behind a silence */
	struct turns *turns;
	struct turn turn;     /* it is time for ... */
	struct event *others; /* what came since; behind those who send */
};
static struct gather *gathers;

/* How many sockets had something. */
static int
look(const struct gather *gather)
{
	struct epoll_event found[ROOM];
	int n = epoll_wait(gather->sockets, found, ROOM, 0);

	for (int i = 0; i < n; i++) {
		struct gather_source *source = found[i].data.ptr;

		source->ready(source->arg);
	}
	return (n);
}

/* False: there was nothing. */
static bool
take_in(struct gather *gather)
{
	int n = look(gather), found = n;

	for (int i = 1; i < LOOKS && n == ROOM; i++)
		n = look(gather);
	if (found <= 0)
		return (false);
	turns_set(
	    gather->turns, &gather->turn, clock_monotonic() + GATHER_PAUSE);
	return (true);
}

static int
wait_for_first(const struct gather *gather, int operation)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT};

	return (epoll_ctl(gather->silence, operation, gather->sockets, &event));
}

static void
on_first(evutil_socket_t fd, short what, void *arg)
{
	struct epoll_event event;

	if (epoll_wait(fd, &event, 1, 0) == 1 && !take_in(arg))
		wait_for_first(arg, EPOLL_CTL_MOD);
}

static void
on_turn(void *arg)
{
	struct gather *gather = arg;

	event_active(gather->others, 0, 0);
}

static void
on_others(evutil_socket_t fd, short what, void *arg)
{
	if (!take_in(arg))
		wait_for_first(arg, EPOLL_CTL_MOD);
}

static void
gather_free(struct gather *gather)
{
	if (gather->first != NULL)
		event_free(gather->first);
	if (gather->turns != NULL)
		turns_drop(gather->turns, &gather->turn);
	turns_give(gather->turns);
	event_free(gather->others);
	if (gather->silence != -1)
		close(gather->silence);
	if (gather->sockets != -1)
		close(gather->sockets);
	free(gather);
}

static struct gather *
gather_new(struct event_base *base, struct error *err)
{
	struct gather *gather = memory_new(1, sizeof(*gather));

	gather->base = base;
	gather->others = event_new(base, -1, 0, on_others, gather);
	gather->turn = (struct turn){
	    .come = on_turn, .arg = gather, .slack = GATHER_PAUSE};
	gather->sockets = epoll_create1(EPOLL_CLOEXEC);
	gather->silence = epoll_create1(EPOLL_CLOEXEC);
	if (gather->sockets == -1 || gather->silence == -1 ||
	    wait_for_first(gather, EPOLL_CTL_ADD) == -1) {
		error_set(err, "epoll: %m");
		gather_free(gather);
		return (NULL);
	}
	gather->turns = turns_take(base, err);
	if (gather->turns == NULL) {
		gather_free(gather);
		return (NULL);
	}
	gather->first = event_new(
	    base, gather->silence, EV_READ | EV_PERSIST, on_first, gather);
	event_add(gather->first, NULL);
	gather->next = gathers;
	gathers = gather;
	return (gather);
}

struct gather *
gather_take(struct event_base *base, struct error *err)
{
	struct gather *gather = gathers;

	while (gather != NULL && gather->base != base)
		gather = gather->next;
	if (gather == NULL)
		gather = gather_new(base, err);
	if (gather != NULL)
		gather->takers++;
	return (gather);
}

void
gather_give(struct gather *gather)
{
	struct gather **at = &gathers;

	if (gather == NULL || --gather->takers > 0)
		return;
	while (*at != gather)
		at = &(*at)->next;
	*at = gather->next;
	gather_free(gather);
}

int
gather_add(struct gather *gather, int fd, struct gather_source *source,
    struct error *err)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = source};

	if (epoll_ctl(gather->sockets, EPOLL_CTL_ADD, fd, &event) == -1)
		return (error_set(err, "epoll: %m"));
	return (0);
}
