/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owd/far.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "common/memory.h"
#include "probes/owamp/ntp.h"
#include "probes/owd/far_parts.h"

#define COUNT 2048  /* rounds of PBKDF2, as perfSONAR has it */
#define SLOTS 512   /* of a request */
#define SKIPS 65536 /* of a Stop-Sessions */
#define QUEUE 512   /* of connections that the kernel has accepted */
#define LOBBY 4     /* 1 in so many connections may be no more than one */
#define SETUPS 200  /* at once, of one address: a millisecond each ... */
#define SETUP_RATE 100
#define ALL_SETUPS 400 /* ... and of all */
#define ALL_SETUP_RATE 200
#define REST (100 * NS_PER_MS)

void
far_note(const struct far_line *line, const char *what)
{
	struct far *far = line->far;
	char address[ADDRESS_TEXT], text[FAR_NAME + sizeof(struct error)];

	if (line->standing == FAR_KEY || line->standing == FAR_MEMBER)
		snprintf(text, sizeof(text), "%s (%s): %s", line->name,
		    address_format(&line->peer, address), what);
	else
		snprintf(text, sizeof(text), "%s: %s",
		    address_format(&line->peer, address), what);
	for (char *p = text; *p != '\0'; p++)
		if (*p < ' ' || *p > '~')
			*p = '?'; /* a stranger's choice of a name */
	far->host->note(far->responder, text);
}

/* A member's, or from the file; in this order. */
static const void *
find_secret(void *context, const char *key_id, size_t *length)
{
	struct far *far = context;
	const struct probe_peer *peer =
	    far->host->peer(far->responder->worker, key_id);

	if (peer == NULL)
		return (keyring_find(far->keyring, key_id, length));
	*length = sizeof(peer->secret);
	return (peer->secret);
}

static void
fill_policies(struct far *far, uint32_t modes)
{
	far->keyed = (struct server_policy){
	    .modes = modes & ~(uint32_t)MODE_OPEN,
	    .count = COUNT,
	    .since = ntp_of_wall(far->host->wall()),
	    .limits = {.slots = SLOTS,
		.sessions = (uint32_t)far->settings.client_sessions,
		.skips = SKIPS},
	    .secret = find_secret,
	    .context = far,
	};
	far->everybody = far->keyed;
	far->everybody.modes = modes;
}

static int
read_settings(struct far *far, struct error *err)
{
	const struct far_settings *settings = &far->settings;
	uint32_t modes;

	if (far_read_ports(settings->test_ports, &far->ports, err) == -1 ||
	    far_read_modes(settings->modes, &modes, err) == -1)
		return (-1);
	fill_policies(far, modes);
	far->allow = prefixes_new(settings->allow, err);
	if (far->allow == NULL)
		return (error_place(err, "allow"));
	far->keyring = keyring_new(settings->keys, err);
	return (far->keyring != NULL ? 0 : -1);
}

static void
make_limits(struct far *far)
{
	const struct far_settings *settings = &far->settings;

	far->lobby.most = (uint32_t)settings->connections / LOBBY;
	if (far->lobby.most == 0)
		far->lobby.most = 1;
	far->crowd = crowd_new(&(struct crowd_limits){
	    .most = (uint32_t)settings->client_connections,
	    .burst = SETUPS,
	    .rate = SETUP_RATE,
	    .burst_of_all = ALL_SETUPS,
	    .rate_of_all = ALL_SETUP_RATE});
	far->shelf = shelf_new(
	    far->base, &(struct shelf_limits){.bytes = (size_t)settings->keep,
			   .item = (size_t)settings->keep / 4,
			   .keep = settings->keep_for});
}

static void
accepted(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *address, int length, void *arg)
{
	union address peer = {0};

	(void)listener;
	memcpy(&peer, address,
	    (size_t)length < sizeof(peer) ? (size_t)length : sizeof(peer));
	far_line_new(arg, fd, &peer);
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
	error_set(err, "TCP port %u: %m%s", port,
	    errno == EADDRINUSE ? ": another server has it, or set "
				  "control-port"
				: "");
	saved = errno;
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
listen_everywhere(struct far *far, struct error *err)
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
sweep(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	far_sweep(arg);
}

/* A sender looks before each packet; a receiver's stamps are void, too. */
static void
look(evutil_socket_t fd, short what, void *arg)
{
	struct far *far = arg;
	nanoseconds by = step_look(&far->step, far->host);

	(void)fd;
	(void)what;
	if (by != 0)
		far_clock_set(far, by);
}

struct far *
far_new(struct probe_responder *responder, struct error *err)
{
	static const struct timeval second = {.tv_sec = 1};
	struct far *far = memory_new(1, sizeof(*far));

	far->responder = responder;
	far->host = responder->worker->host;
	far->base = responder->worker->base;
	far->settings = *(const struct far_settings *)responder->settings;
	far->sweep = event_new(far->base, -1, 0, sweep, far);
	far->rest = evtimer_new(far->base, rested, far);
	far->look = event_new(far->base, -1, EV_PERSIST, look, far);
	event_add(far->look, &second);
	step_look(&far->step, far->host);
	make_limits(far);
	if (read_settings(far, err) == 0 && listen_everywhere(far, err) == 0)
		return (far);
	far_free(far);
	return (NULL);
}

void
far_free(struct far *far)
{
	if (far == NULL)
		return;
	while (far->lines != NULL)
		far_line_close(far->lines, NULL);
	far_sweep(far);
	for (size_t i = 0; i < 2; i++)
		if (far->listeners[i] != NULL)
			evconnlistener_free(far->listeners[i]);
	event_free(far->sweep);
	event_free(far->rest);
	event_free(far->look);
	shelf_free(far->shelf);
	crowd_free(far->crowd);
	keyring_free(far->keyring);
	prefixes_free(far->allow);
	free(far);
}

uint16_t
far_port(const struct far *far)
{
	return (far->port);
}

static bool
is_member_still(const struct far_line *line)
{
	struct far *far = line->far;
	const struct probe_peer *peer = far->host->peer(
	    far->responder->worker, server_key_id(line->server));
	uint8_t digest[HASH_SIZE];

	if (peer == NULL)
		return (false);
	hash_sha256(peer->secret, sizeof(peer->secret), digest);
	return (memcmp(digest, line->secret, sizeof(digest)) == 0);
}

void
far_peers_changed(struct far *far)
{
	struct far_line *line = far->lines;

	while (line != NULL) {
		struct far_line *behind = line->behind;

		if (line->standing == FAR_MEMBER && !is_member_still(line))
			far_line_close(line, "is no member of the fleet any "
					     "more, or has another secret");
		line = behind;
	}
}

int
far_respond(struct probe_responder *responder, struct error *err)
{
	struct far **far = responder->state;

	*far = far_new(responder, err);
	return (*far != NULL ? 0 : -1);
}

void
far_respond_stop(struct probe_responder *responder)
{
	struct far **far = responder->state;

	far_free(*far);
	*far = NULL;
}
