/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asking chronyd, at all its doors at once: the first good answer counts.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/chrony.h"
#include "common/error.h"
#include "common/hash.h"
#include "common/memory.h"

#define DOORS 3  /* its socket, 127.0.0.1, ::1 */
#define ROOM 512 /* more than any answer has */

struct door {
	struct chrony *chrony;
	int fd; /* -1: closed */
	struct event *event;
};

struct chrony {
	struct event_base *base;
	char *socket;
	char own[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* "": none */
	uint16_t port;
	chrony_answer answer;
	void *arg;
	uint32_t sequence;
	bool asking;
	struct event *patience;
	struct door doors[DOORS];
	struct error why; /* "": nobody is there */
};

static void
close_door(struct door *door)
{
	if (door->fd == -1)
		return;
	event_free(door->event);
	close(door->fd);
	door->fd = -1;
}

static void
close_all(struct chrony *chrony)
{
	for (int i = 0; i < DOORS; i++)
		close_door(&chrony->doors[i]);
	if (chrony->own[0] != '\0')
		unlink(chrony->own);
	chrony->own[0] = '\0';
	evtimer_del(chrony->patience);
}

static void
finish(struct chrony *chrony, const struct chrony_tracking *tracking)
{
	struct error why = chrony->why;

	close_all(chrony);
	chrony->asking = false;
	chrony->answer(chrony->arg, tracking,
	    tracking == NULL && why.text[0] != '\0' ? why.text : NULL);
}

static bool
is_waiting(const struct chrony *chrony)
{
	for (int i = 0; i < DOORS; i++)
		if (chrony->doors[i].fd != -1)
			return (true);
	return (false);
}

static void
on_patience(evutil_socket_t fd, short what, void *arg)
{
	struct chrony *chrony = arg;

	if (is_waiting(chrony))
		error_set(&chrony->why,
		    "chronyd: no answer within 1 s; does it hang?");
	finish(chrony, NULL);
}

/* An answer that is none closes the door that it came by. */
static void
on_answer(evutil_socket_t fd, short what, void *arg)
{
	struct door *door = arg;
	struct chrony *chrony = door->chrony;
	struct chrony_tracking tracking;
	uint8_t answer[ROOM];
	ssize_t length = recv(fd, answer, sizeof(answer), 0);

	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (length >= 0 && chrony_read(&tracking, answer, (size_t)length,
			       chrony->sequence, &chrony->why) == 0) {
		finish(chrony, &tracking);
		return;
	}
	close_door(door);
	if (!is_waiting(chrony))
		finish(chrony, NULL);
}

/* The answer comes to a socket with a name, in the folder of chronyd's own,
 * where it may write. */
static int
name_own(struct chrony *chrony, int fd)
{
	struct sockaddr_un own = {.sun_family = AF_UNIX};
	const char *slash = strrchr(chrony->socket, '/');
	int folder = slash != NULL ? (int)(slash - chrony->socket) : 0;
	int length = snprintf(own.sun_path, sizeof(own.sun_path),
	    "%.*s/pharos.%ld.%08x.sock", folder, chrony->socket, (long)getpid(),
	    (unsigned)chrony->sequence);

	if (length < 0 || (size_t)length >= sizeof(own.sun_path) ||
	    bind(fd, (struct sockaddr *)&own, sizeof(own)) == -1)
		return (-1);
	strcpy(chrony->own, own.sun_path);
	return (chmod(own.sun_path, 0666)); /* it is another user */
}

static int
open_unix(struct chrony *chrony)
{
	struct sockaddr_un its = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(chrony->socket) >= sizeof(its.sun_path))
		return (-1);
	strcpy(its.sun_path, chrony->socket);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd != -1 &&
	    (access(chrony->socket, W_OK) == -1 || name_own(chrony, fd) == -1 ||
		connect(fd, (struct sockaddr *)&its, sizeof(its)) == -1)) {
		close(fd);
		fd = -1;
	}
	return (fd);
}

static int
open_udp(const struct chrony *chrony, int family)
{
	const struct sockaddr_in four = {.sin_family = AF_INET,
	    .sin_port = htons(chrony->port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const struct sockaddr_in6 six = {.sin6_family = AF_INET6,
	    .sin6_port = htons(chrony->port),
	    .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool is4 = family == AF_INET;

	if (fd != -1 && connect(fd,
			    is4 ? (const struct sockaddr *)&four
				: (const struct sockaddr *)&six,
			    is4 ? sizeof(four) : sizeof(six)) == -1) {
		close(fd);
		fd = -1;
	}
	return (fd);
}

static void
knock(struct chrony *chrony, struct door *door, int fd)
{
	uint8_t question[CHRONY_SIZE];

	if (fd == -1)
		return;
	chrony_write(question, chrony->sequence);
	if (send(fd, question, sizeof(question), 0) == -1) {
		close(fd);
		return;
	}
	door->fd = fd;
	door->event =
	    event_new(chrony->base, fd, EV_READ | EV_PERSIST, on_answer, door);
	event_add(door->event, NULL);
}

void
chrony_ask(struct chrony *chrony)
{
	struct timeval patience = {CHRONY_PATIENCE / NS_PER_S, 0};

	if (chrony->asking)
		return;
	chrony->asking = true;
	chrony->why.text[0] = '\0';
	hash_random(&chrony->sequence, sizeof(chrony->sequence));
	knock(chrony, &chrony->doors[0], open_unix(chrony));
	knock(chrony, &chrony->doors[1], open_udp(chrony, AF_INET));
	knock(chrony, &chrony->doors[2], open_udp(chrony, AF_INET6));
	if (!is_waiting(chrony))
		patience.tv_sec = 0; /* the answer comes from the loop */
	evtimer_add(chrony->patience, &patience);
}

struct chrony *
chrony_new(struct event_base *base, const struct chrony_about *about)
{
	struct chrony *chrony = memory_new(1, sizeof(*chrony));

	chrony->base = base;
	chrony->socket =
	    memory_text(about->socket != NULL ? about->socket : CHRONY_SOCKET);
	chrony->port = (uint16_t)(about->port != 0 ? about->port : CHRONY_PORT);
	chrony->answer = about->answer;
	chrony->arg = about->arg;
	chrony->patience = evtimer_new(base, on_patience, chrony);
	for (int i = 0; i < DOORS; i++)
		chrony->doors[i] = (struct door){.chrony = chrony, .fd = -1};
	return (chrony);
}

void
chrony_free(struct chrony *chrony)
{
	if (chrony == NULL)
		return;
	close_all(chrony);
	event_free(chrony->patience);
	free(chrony->socket);
	free(chrony);
}
