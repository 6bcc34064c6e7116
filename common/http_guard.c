/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/http_guard.h"

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <linux/sockios.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "common/clock.h"
#include "common/http.h"
#include "common/log.h"
#include "common/memory.h"

#define LISTENERS 2
#define KEPT_BACK 128 /* descriptors for all else that a process opens */
#define LIMIT_MOST 65536
#define REQUEST_SECONDS 60
#define NEWCOMER (5 * NS_PER_S) /* is not ended for room before */

/*
 * libevent tells of no connection that ends before its first request, and of a
 * descriptor only after it has been given a stream. So connections are known by
 * descriptor and the inode of their socket, and asked for when it matters: an
 * inode that is another one now belongs to somebody else.
 */
struct guest {
	ino_t socket; /* 0: none */
	nanoseconds came, due;
	bool waits; /* for our answer: no time runs */
	bool proven;
	bool leaves; /* libevent closes it when it has been answered */
	char *whose; /* NULL: not said */
};

struct http_guard {
	nanoseconds idle, request;
	size_t limit, most_now; /* not more than this many are there */
	struct guest *guests;   /* by descriptor */
	size_t room;
	struct bufferevent **fresh; /* came in this turn of the loop */
	size_t fresh_count;
	struct event *adopt, *tick;
	struct evconnlistener *listeners[LISTENERS];
	size_t listener_count;
	bool paused;
	bool enough; /* came in this turn */
	uint64_t ended;
};

static ino_t
socket_at(size_t fd)
{
	struct stat st;

	if (fstat((int)fd, &st) != 0 || !S_ISSOCK(st.st_mode))
		return (0);
	return (st.st_ino);
}

static bool
is_there(struct http_guard *guard, size_t fd)
{
	struct guest *guest = &guard->guests[fd];

	if (guest->socket != 0 && socket_at(fd) != guest->socket)
		guest->socket = 0;
	return (guest->socket != 0);
}

static void
count(struct http_guard *guard)
{
	guard->most_now = 0;
	for (size_t fd = 0; fd < guard->room; fd++)
		guard->most_now += is_there(guard, fd);
}

/* libevent sees its end and frees it. */
static void
end(struct http_guard *guard, size_t fd)
{
	shutdown((int)fd, SHUT_RDWR);
	guard->guests[fd].socket = 0;
	guard->ended++;
}

/* An answer that is still being fetched has time: libevent's own applies. */
static bool
is_sending(size_t fd)
{
	int pending = 0;

	return (ioctl((int)fd, SIOCOUTQ, &pending) == 0 && pending > 0);
}

static void
set_accepting(struct http_guard *guard, bool accept)
{
	for (size_t i = 0; i < guard->listener_count; i++)
		if (accept)
			evconnlistener_enable(guard->listeners[i]);
		else
			evconnlistener_disable(guard->listeners[i]);
}

static void
pause_accepting(struct http_guard *guard, bool pause)
{
	if (guard->paused == pause)
		return;
	guard->paused = pause;
	set_accepting(guard, !pause);
}

static void
make_room(struct http_guard *guard)
{
	nanoseconds now = clock_monotonic();

	count(guard);
	for (size_t fd = 0; fd < guard->room && guard->most_now >= guard->limit;
	     fd++) {
		const struct guest *guest = &guard->guests[fd];

		if (guest->socket == 0 || guest->proven ||
		    now - guest->came < NEWCOMER)
			continue;
		end(guard, fd);
		guard->most_now--;
	}
	if (guard->most_now >= guard->limit)
		log_warnx("%zu connections: more have to wait", guard->limit);
	pause_accepting(guard, guard->most_now >= guard->limit);
}

static void
take_in(struct http_guard *guard, int fd)
{
	struct guest *guest;
	nanoseconds now = clock_monotonic();

	if (fd < 0)
		return;
	if ((size_t)fd >= guard->room) {
		size_t room = 2 * (size_t)fd + 64;

		guard->guests =
		    memory_resize(guard->guests, room, sizeof(*guard->guests));
		memset(guard->guests + guard->room, 0,
		    (room - guard->room) * sizeof(*guard->guests));
		guard->room = room;
	}
	guest = &guard->guests[fd];
	free(guest->whose);
	*guest = (struct guest){.socket = socket_at((size_t)fd),
	    .came = now,
	    .due = now + guard->request};
	guard->most_now++;
}

/* What came in this turn has its descriptor now, and cannot have gone. */
static void
on_adopt(evutil_socket_t fd, short what, void *arg)
{
	struct http_guard *guard = arg;

	for (size_t i = 0; i < guard->fresh_count; i++)
		take_in(guard, bufferevent_getfd(guard->fresh[i]));
	guard->fresh_count = 0;
	if (guard->most_now >= guard->limit)
		make_room(guard);
	if (guard->enough && !guard->paused)
		set_accepting(guard, true);
	guard->enough = false;
}

static void
on_tick(evutil_socket_t unused, short what, void *arg)
{
	struct http_guard *guard = arg;
	nanoseconds now = clock_monotonic();

	for (size_t fd = 0; fd < guard->room; fd++) {
		const struct guest *guest = &guard->guests[fd];

		if (guest->socket != 0 && !guest->waits && now >= guest->due &&
		    is_there(guard, fd) && !is_sending(fd))
			end(guard, fd);
	}
	if (guard->paused)
		make_room(guard);
}

/* Out of descriptors or memory: what is waiting stays in the queue. */
static void
on_refused(struct evconnlistener *listener, void *arg)
{
	log_warn("a connection cannot be accepted");
	pause_accepting(arg, true);
}

static size_t
usual_limit(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0 ||
	    files.rlim_cur > LIMIT_MOST + KEPT_BACK)
		return (LIMIT_MOST);
	if (files.rlim_cur < 2 * KEPT_BACK)
		return ((size_t)files.rlim_cur / 2);
	return ((size_t)files.rlim_cur - KEPT_BACK);
}

struct http_guard *
http_guard_new(struct event_base *base, int idle_seconds)
{
	static const struct timeval second = {.tv_sec = 1};
	struct http_guard *guard = memory_new(1, sizeof(*guard));

	guard->idle = idle_seconds * NS_PER_S;
	http_guard_limit(guard, usual_limit(), REQUEST_SECONDS);
	guard->adopt = event_new(base, -1, 0, on_adopt, guard);
	guard->tick = event_new(base, -1, EV_PERSIST, on_tick, guard);
	if (guard->adopt == NULL || guard->tick == NULL)
		log_fatal("out of memory");
	event_add(guard->tick, &second);
	return (guard);
}

void
http_guard_free(struct http_guard *guard)
{
	event_free(guard->adopt);
	event_free(guard->tick);
	for (size_t fd = 0; fd < guard->room; fd++)
		free(guard->guests[fd].whose);
	free(guard->fresh);
	free(guard->guests);
	free(guard);
}

void
http_guard_limit(
    struct http_guard *guard, size_t connections, int request_seconds)
{
	guard->limit = connections;
	guard->request = request_seconds * NS_PER_S;
}

void
http_guard_watch(struct http_guard *guard, struct evconnlistener *listener)
{
	if (guard->listener_count == LISTENERS)
		log_fatal("more than %d listeners", LISTENERS);
	guard->listeners[guard->listener_count++] = listener;
	evconnlistener_set_error_cb(listener, on_refused);
}

void
http_guard_came(struct http_guard *guard, struct bufferevent *stream)
{
	guard->fresh = memory_resize(
	    guard->fresh, guard->fresh_count + 1, sizeof(*guard->fresh));
	guard->fresh[guard->fresh_count++] = stream;
	event_active(guard->adopt, 0, 0);
	if (guard->most_now + guard->fresh_count >= guard->limit)
		pause_accepting(guard, true); /* adopting may end that */
	guard->enough = guard->fresh_count >= HTTP_GUARD_AT_ONCE;
	if (guard->enough)
		set_accepting(guard, false); /* adopting ends that */
}

static struct guest *
find(struct http_guard *guard, struct bufferevent *stream)
{
	int fd = bufferevent_getfd(stream);

	if (fd < 0 || (size_t)fd >= guard->room)
		return (NULL);
	return (&guard->guests[fd]);
}

void
http_guard_asked(struct http_guard *guard, struct bufferevent *stream)
{
	struct guest *guest = find(guard, stream);

	if (guest != NULL)
		guest->proven = guest->waits = true;
}

void
http_guard_answered(
    struct http_guard *guard, struct bufferevent *stream, bool leaves)
{
	struct guest *guest = find(guard, stream);

	if (guest == NULL)
		return;
	guest->waits = false;
	guest->leaves = leaves;
	guest->due = clock_monotonic() + guard->idle + guard->request;
}

/* Is what is said of a guest "whose", or "whose/more"? */
static bool
is_marked(const struct guest *guest, const char *whose)
{
	size_t length = strlen(whose);

	return (guest->whose != NULL &&
		strncmp(guest->whose, whose, length) == 0 &&
		(guest->whose[length] == '\0' || guest->whose[length] == '/'));
}

void
http_guard_mark(
    struct http_guard *guard, struct bufferevent *stream, const char *whose)
{
	struct guest *guest = find(guard, stream);

	if (guest == NULL || is_marked(guest, whose))
		return;
	free(guest->whose);
	guest->whose = memory_text(whose);
}

static bool
is_of(struct http_guard *guard, size_t fd, const char *whose)
{
	return (guard->guests[fd].socket != 0 &&
		is_marked(&guard->guests[fd], whose) && is_there(guard, fd));
}

void
http_guard_end(struct http_guard *guard, const char *whose)
{
	for (size_t fd = 0; fd < guard->room; fd++)
		if (is_of(guard, fd, whose) && !guard->guests[fd].leaves)
			shutdown((int)fd, SHUT_RDWR);
}

bool
http_guard_has(struct http_guard *guard, const char *whose)
{
	for (size_t fd = 0; fd < guard->room; fd++)
		if (is_of(guard, fd, whose))
			return (true);
	return (false);
}

void
http_guard_load(struct http_guard *guard, struct http_load *load)
{
	count(guard);
	load->connections = guard->most_now;
	load->ended = guard->ended;
	load->full = guard->paused;
}
