/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#include "common/error.h"
#include "lab/from_config.h"
#include "lab/from_config_parts.h"

#define HELLO 10 /* seconds, of FRR and BIRD where it is not given */
#define SIX 64   /* the prefix of a lab's IPv6 networks */

static bool
joined_four(const struct port *a, const struct port *b)
{
	uint32_t mask;

	if (a->prefix == 0 || a->prefix >= 32 || a->prefix != b->prefix)
		return (false);
	mask = htonl(~(uint32_t)0 << (32 - a->prefix));
	return (((a->four.s_addr ^ b->four.s_addr) & mask) == 0);
}

static bool
joined_six(const struct port *a, const struct port *b)
{
	unsigned bytes = a->prefix6 / 8, bits = a->prefix6 % 8;
	uint8_t mask = (uint8_t)(0xff00u >> bits);

	if (a->prefix6 == 0 || a->prefix6 >= 128 || a->prefix6 != b->prefix6 ||
	    memcmp(&a->six, &b->six, bytes) != 0)
		return (false);
	return (bits == 0 ||
		((a->six.s6_addr[bytes] ^ b->six.s6_addr[bytes]) & mask) == 0);
}

static bool
joined(const struct port *a, const struct port *b)
{
	return (strcmp(a->router, b->router) != 0 &&
		(joined_four(a, b) || joined_six(a, b)));
}

static bool
any_four(const struct from_config *from)
{
	for (size_t i = 0; i < from->count; i++)
		if (from->ports[i].prefix != 0)
			return (true);
	return (false);
}

static bool
any_six(const struct from_config *from)
{
	for (size_t i = 0; i < from->count; i++)
		if (from->ports[i].prefix6 != 0)
			return (true);
	return (false);
}

/* What a router is known by: the first of each family on a loopback. */
static void
write_known(const struct from_config *from, const char *router, FILE *out)
{
	const struct port *four = NULL, *six = NULL;
	char text[INET6_ADDRSTRLEN];

	for (size_t i = from->count; i-- > 0;) {
		const struct port *port = &from->ports[i];

		if (strcmp(port->router, router) != 0)
			continue;
		four = port->prefix == 32 ? port : four;
		six = port->prefix6 == 128 ? port : six;
	}
	if (four == NULL && six == NULL)
		return;
	fprintf(out, ", address: [");
	if (four != NULL)
		fprintf(out, "%s",
		    inet_ntop(AF_INET, &four->four, text, sizeof(text)));
	if (six != NULL)
		fprintf(out, "%s\"%s\"", four != NULL ? ", " : "",
		    inet_ntop(AF_INET6, &six->six, text, sizeof(text)));
	fprintf(out, "]");
}

static bool
has_ports(const struct from_config *from, const struct router *router)
{
	for (size_t i = 0; i < from->count; i++)
		if (strcmp(from->ports[i].router, router->name) == 0)
			return (true);
	return (false);
}

static void
write_nodes(const struct from_config *from, FILE *out)
{
	fprintf(out, "nodes:\n");
	for (size_t i = 0; i < from->router_count; i++) {
		const struct router *router = &from->routers[i];

		if (!has_ports(from, router))
			continue;
		fprintf(out, "  %s: {kind: router", router->name);
		write_known(from, router->name, out);
		if (router->timed)
			fprintf(out,
			    ", spf: {delay: %ldms, hold: %ldms, most: %ldms}",
			    router->delay, router->hold, router->most);
		fprintf(out, "}\n");
	}
}

static long
hello_of(const struct port *port)
{
	return (port->hello != 0 ? port->hello : HELLO);
}

static long
dead_of(const struct port *port)
{
	if (port->dead != 0)
		return (port->dead);
	return (port->dead_count != 0 ? port->dead_count * hello_of(port)
				      : 4 * hello_of(port));
}

static bool
times_hellos(const struct port *port)
{
	return (port->hello != 0 || port->dead != 0 || port->dead_count != 0);
}

static bool
has_partner(const struct from_config *from, const struct port *port)
{
	for (size_t i = 0; i < from->count; i++)
		if (joined(port, &from->ports[i]))
			return (true);
	return (false);
}

/* A lab has them once. Where no interface of a link has any, they are the lab's
 * own. */
static int
write_times(const struct from_config *from, FILE *out, struct error *err)
{
	const struct port *first = NULL;
	bool timed = false;

	for (size_t i = 0; i < from->count; i++) {
		const struct port *port = &from->ports[i];

		if (!has_partner(from, port))
			continue;
		timed |= times_hellos(port);
		if (first == NULL)
			first = port;
		if (hello_of(port) != hello_of(first) ||
		    dead_of(port) != dead_of(first))
			return (error_set(err,
			    "%s %s: hello %ld and dead %ld s, but %s %s: %ld "
			    "and %ld s, expected the same everywhere",
			    first->router, first->interface, hello_of(first),
			    dead_of(first), port->router, port->interface,
			    hello_of(port), dead_of(port)));
	}
	if (timed)
		fprintf(out, "ospf: {hello: %lds, dead: %lds}\n",
		    hello_of(first), dead_of(first));
	return (0);
}

/* What both ends have an address of, in one network. */
static void
write_end(const struct port *port, const struct port *peer, FILE *out)
{
	bool four = joined_four(port, peer),
	     six = joined_six(port, peer) && port->prefix6 == SIX;
	char text[INET6_ADDRSTRLEN];

	fprintf(out, "{node: %s, interface: %s", port->router, port->interface);
	if (four || six)
		fprintf(out, ", address: [");
	if (four)
		fprintf(out, "%s/%u",
		    inet_ntop(AF_INET, &port->four, text, sizeof(text)),
		    port->prefix);
	if (six)
		fprintf(out, "%s\"%s/%u\"", four ? ", " : "",
		    inet_ntop(AF_INET6, &port->six, text, sizeof(text)),
		    port->prefix6);
	fprintf(out, "%s}", four || six ? "]" : "");
}

static int
write_link(const struct port *a, const struct port *b, size_t number, FILE *out,
    struct error *err)
{
	long cost = a->cost != 0 ? a->cost : b->cost;

	if (b->cost != 0 && b->cost != cost)
		return (error_set(err,
		    "%s %s: cost %ld, but %s %s: cost %ld, expected one of both "
		    "ends",
		    a->router, a->interface, cost, b->router, b->interface,
		    b->cost));
	if (joined_six(a, b) && a->prefix6 != SIX)
		fprintf(out,
		    "  # %s %s: no address of IPv6, for its network is a /%u "
		    "and a lab's are a /%d\n",
		    a->router, a->interface, a->prefix6, SIX);
	fprintf(out, "  %s-%s-%zu:\n    ends: [", a->router, b->router, number);
	write_end(a, b, out);
	fprintf(out, ", ");
	write_end(b, a, out);
	fprintf(out, "]\n    cost: %ld\n", cost != 0 ? cost : 10);
	return (0);
}

static int
write_links(const struct from_config *from, FILE *out, struct error *err)
{
	fprintf(out, "links:\n");
	for (size_t i = 0; i < from->count; i++) {
		const struct port *port = &from->ports[i];
		size_t partners = 0;

		for (size_t k = 0; k < from->count; k++) {
			if (!joined(port, &from->ports[k]))
				continue;
			partners++;
			if (k > i && write_link(port, &from->ports[k], i, out,
					 err) == -1)
				return (-1);
		}
		if (partners > 1)
			return (error_set(err,
			    "%s %s: %zu others are in its network, expected "
			    "one",
			    port->router, port->interface, partners));
		if (partners == 0 && port->prefix != 32 && port->prefix6 != 128)
			fprintf(out, "  # %s %s: no other end\n", port->router,
			    port->interface);
	}
	return (0);
}

int
from_config_write(const struct from_config *from, const char *name, FILE *out,
    struct error *err)
{
	if (from->count == 0)
		return (error_set(err,
		    "no interface, expected the configuration of routers"));
	fprintf(out, "name: %s\nrouting: frr\n", name);
	if (any_six(from))
		fprintf(out, "families: [%s6]\n", any_four(from) ? "4, " : "");
	if (write_times(from, out, err) == -1)
		return (-1);
	write_nodes(from, out);
	return (write_links(from, out, err));
}
