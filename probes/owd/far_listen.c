/* SPDX-License-Identifier: BSD-2-Clause */
/* The port of control connections, of IPv4 and IPv6. */
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "probes/owd/far_parts.h"

#define QUEUE 512 /* of connections that the kernel has accepted */
#define REST (100 * NS_PER_MS)
#define TRIES 20

static void
accepted(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *address, int length, void *arg)
{
	union address peer = {0};

	(void)listener;
	memcpy(&peer, address,
	    (size_t)length < sizeof(peer) ? (size_t)length : sizeof(peer));
	far_guest_new(arg, fd, &peer);
}

static void
each_listener(struct far *far, int (*act)(struct evconnlistener *))
{
	for (size_t i = 0; i < 2; i++)
		if (far->listeners[i] != NULL)
			act(far->listeners[i]);
}

static void
rested(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	each_listener(arg, evconnlistener_enable);
}

/* No file is left for it: the loop would ask again at once. */
static void
accept_failed(struct evconnlistener *listener, void *arg)
{
	static const struct timeval rest = {.tv_usec = REST / NS_PER_US};
	struct far *far = arg;
	struct error err;

	(void)listener;
	error_set(&err, "control connections: %m");
	far->host->note(far->responder, err.text);
	each_listener(far, evconnlistener_disable);
	evtimer_add(far->rest, &rest);
}

static int
open_socket(int family, uint16_t port, struct error *err)
{
	const int one = 1;
	union address address = {0};
	int saved,
	    fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return (error_set(err, "TCP socket: %m"));
	address.sa.sa_family = (sa_family_t)family;
	address.in.sin_port = htons(port); /* it is where IPv6 has it, too */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (bind(fd, &address.sa, address_length(&address)) == 0 &&
	    listen(fd, QUEUE) == 0)
		return (fd);
	saved = errno;
	error_set(err, "TCP port %u: %m%s", port,
	    errno == EADDRINUSE ? ": another server has it, or set "
				  "control-port"
				: "");
	close(fd);
	errno = saved;
	return (-1);
}

static int
listen_on(struct far *far, size_t place, int family, struct error *err)
{
	union address address;
	socklen_t length = sizeof(address);
	int fd = open_socket(family, far->port, err);

	if (fd == -1)
		return (-1);
	if (getsockname(fd, &address.sa, &length) == 0)
		far->port = ntohs(address.in.sin_port);
	far->listeners[place] = evconnlistener_new(far->base, accepted, far,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	evconnlistener_set_error_cb(far->listeners[place], accept_failed);
	return (0);
}

/* A host without IPv6, or without IPv4, is one that has the other. */
static int
listen_on_both(struct far *far, struct error *err)
{
	far->port = (uint16_t)far->settings.control_port;
	if (listen_on(far, 0, AF_INET, err) == -1 && errno != EAFNOSUPPORT)
		return (-1);
	if (listen_on(far, 1, AF_INET6, err) == -1 &&
	    (errno != EAFNOSUPPORT || far->listeners[0] == NULL))
		return (-1);
	return (0);
}

static void
close_listeners(struct far *far)
{
	for (size_t i = 0; i < 2; i++) {
		if (far->listeners[i] != NULL)
			evconnlistener_free(far->listeners[i]);
		far->listeners[i] = NULL;
	}
}

/* Any port that is free of the one family may be another's of the other. */
int
far_listen(struct far *far, struct error *err)
{
	int tries = far->settings.control_port == 0 ? TRIES : 1;

	far->rest = evtimer_new(far->base, rested, far);
	while (listen_on_both(far, err) == -1) {
		int why = errno;

		close_listeners(far);
		if (why != EADDRINUSE || --tries == 0)
			return (-1);
	}
	return (0);
}

void
far_listen_stop(struct far *far)
{
	close_listeners(far);
	if (far->rest != NULL)
		event_free(far->rest);
}
