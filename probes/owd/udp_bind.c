/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports: those that are wished for, as far as that is possible. */
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "common/error.h"
#include "probes/owd/udp_parts.h"

static LIST_HEAD(, udp) all = LIST_HEAD_INITIALIZER(all);

in_port_t
udp_port_of(const union address *address)
{
	return (address->sa.sa_family == AF_INET6 ? address->in6.sin6_port
						  : address->in.sin_port);
}

static bool
is_same(const union address *a, const union address *b)
{
	return (address_equal(a, b) && udp_port_of(a) == udp_port_of(b));
}

/* Would a packet for the one be taken for the other's? */
static bool
may_meet(const union address *a, const union address *b)
{
	if (a->sa.sa_family == 0 || b->sa.sa_family == 0)
		return (true);
	return (address_equal(a, b) &&
		(udp_port_of(a) == 0 || udp_port_of(b) == 0 ||
		    udp_port_of(a) == udp_port_of(b)));
}

/* Others of this process are there already, and all are with other peers. */
static bool
may_join(const struct udp *udp)
{
	const struct udp *it;
	bool found = false;

	LIST_FOREACH (it, &all, bound) {
		if (!is_same(&it->local, &udp->local))
			continue;
		if (may_meet(&it->peer, &udp->peer))
			return (false);
		found = true;
	}
	return (found);
}

/* For the bind of this one alone: nobody else can come in between. */
static void
let_reuse(const struct udp *udp, int yes)
{
	const struct udp *it;

	setsockopt(udp->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	LIST_FOREACH (it, &all, bound)
		if (is_same(&it->local, &udp->local))
			setsockopt(it->fd, SOL_SOCKET, SO_REUSEADDR, &yes,
			    sizeof(yes));
}

static bool
bind_local(const struct udp *udp)
{
	return (
	    bind(udp->fd, &udp->local.sa, address_length(&udp->local)) == 0);
}

/* False: errno. */
static bool
bind_port(struct udp *udp, uint16_t port)
{
	bool bound;

	if (udp->family == 6)
		udp->local.in6.sin6_port = htons(port);
	else
		udp->local.in.sin_port = htons(port);
	if (bind_local(udp))
		return (true);
	if (errno != EADDRINUSE || !may_join(udp))
		return (false);
	let_reuse(udp, 1);
	bound = bind_local(udp);
	let_reuse(udp, 0);
	return (bound);
}

/* False: errno; EADDRINUSE: all of the range are taken. */
static bool
bind_some(struct udp *udp, const struct udp_about *about)
{
	unsigned span = about->most - about->least + 1U, i;

	if (about->port != 0 && bind_port(udp, about->port))
		return (true);
	if (about->port != 0 && errno != EADDRINUSE && errno != EACCES)
		return (false);
	if (about->least == 0)
		return (bind_port(udp, 0));
	for (i = 0; i < span; i++) {
		unsigned port = about->least + (about->flow % span + i) % span;

		if (bind_port(udp, (uint16_t)port))
			return (true);
		if (errno != EADDRINUSE && errno != EACCES)
			return (false);
	}
	errno = EADDRINUSE;
	return (false);
}

int
udp_bind(struct udp *udp, const struct udp_about *about, struct error *err)
{
	socklen_t length = sizeof(udp->local);
	char text[ADDRESS_TEXT];

	udp->local = *about->local;
	if (about->peer != NULL)
		udp->peer = *about->peer;
	if (bind_some(udp, about) &&
	    getsockname(udp->fd, &udp->local.sa, &length) == 0) {
		LIST_INSERT_HEAD(&all, udp, bound);
		return (0);
	}
	address_format(about->local, text);
	if (errno == EADDRINUSE && about->least != 0)
		error_set(err,
		    "UDP at %s: none of the ports %u-%u is free; give more",
		    text, about->least, about->most);
	else
		error_set(err, "UDP at %s: %m", text);
	udp->local.sa.sa_family = 0;
	return (-1);
}

void
udp_unbind(struct udp *udp)
{
	if (udp->local.sa.sa_family != 0)
		LIST_REMOVE(udp, bound);
}
