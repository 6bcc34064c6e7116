/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/routes.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "lab/carried.h"
#include "lab/paths.h"
#include "lab/topology.h"

struct routes {
	const struct topology *topology;
	size_t node;
	struct paths *paths;
	size_t *links; /* the first of the ways that are being written */
	size_t count;
	FILE *out;
};

static void
write_address(FILE *out, const char *before, int family,
    const struct in_addr *four, const struct in6_addr *six)
{
	char text[INET6_ADDRSTRLEN];

	if (family == 4)
		inet_ntop(AF_INET, four, text, sizeof(text));
	else
		inet_ntop(AF_INET6, six, text, sizeof(text));
	fprintf(out, " %s %s", before, text);
}

/* "nexthop via ADDRESS dev INTERFACE" for each first link. */
static void
write_hops(const struct routes *routes, int family)
{
	for (size_t i = 0; i < routes->count; i++) {
		const struct topology_end *ends =
		    routes->topology->links[routes->links[i]].ends;
		int here = ends[0].node != routes->node;

		if (routes->count > 1)
			fprintf(routes->out, " nexthop");
		write_address(routes->out, "via", family, &ends[!here].address,
		    &ends[!here].address6);
		fprintf(routes->out, " dev %s", ends[here].interface);
	}
	fprintf(routes->out, "\n");
}

static void
write_route(const struct routes *routes, int family, const char *prefix)
{
	const struct topology_node *node =
	    &routes->topology->nodes[routes->node];

	fprintf(routes->out, "route add %s", prefix);
	write_address(
	    routes->out, "src", family, &node->address, &node->address6);
	write_hops(routes, family);
}

static void
write_carried(struct routes *routes, size_t to)
{
	struct carried carried[CARRIED_MOST];
	size_t count = carried_of(routes->topology, to, carried);

	for (size_t i = 0; i < count; i++)
		write_route(routes, carried[i].family, carried[i].prefix);
}

static void
write_default(struct routes *routes)
{
	if (routes->topology->ipv4)
		write_route(routes, 4, "0.0.0.0/0");
	if (routes->topology->ipv6)
		write_route(routes, 6, "::/0");
}

static void
write_link(struct routes *routes, const struct topology_link *link)
{
	const struct topology_end *end = &link->ends[0];
	char prefix[INET6_ADDRSTRLEN + 4], text[INET6_ADDRSTRLEN];
	struct in6_addr six = end->address6;
	struct in_addr four = {
	    end->address.s_addr & htonl(~(uint32_t)0 << (32 - link->prefix))};

	if (routes->topology->ipv4) {
		inet_ntop(AF_INET, &four, text, sizeof(text));
		snprintf(prefix, sizeof(prefix), "%s/%u", text, link->prefix);
		write_route(routes, 4, prefix);
	}
	memset(&six.s6_addr[8], 0, 8);
	if (routes->topology->ipv6) {
		inet_ntop(AF_INET6, &six, text, sizeof(text));
		snprintf(prefix, sizeof(prefix), "%s/64", text);
		write_route(routes, 6, prefix);
	}
}

/* To the nearest place where packets leave the lab, unless it is here. */
static void
write_way_out(struct routes *routes)
{
	const struct topology *topology = routes->topology;
	size_t nearest = topology->node_count;

	for (size_t i = topology->node_count; i-- > 0;)
		if (topology->nodes[i].egress &&
		    (nearest == topology->node_count ||
			paths_cost(routes->paths, i) <=
			    paths_cost(routes->paths, nearest)))
			nearest = i;
	if (nearest == topology->node_count || nearest == routes->node)
		return;
	routes->count = paths_first(routes->paths, nearest, routes->links);
	write_default(routes);
}

static void
write_all(struct routes *routes)
{
	const struct topology *topology = routes->topology;

	routes->paths = paths_new(topology, routes->node);
	for (size_t i = 0; i < topology->node_count; i++) {
		routes->count = paths_first(routes->paths, i, routes->links);
		if (i != routes->node)
			write_carried(routes, i);
	}
	for (size_t i = 0; i < topology->link_count; i++) {
		const struct topology_link *link = &topology->links[i];

		routes->count =
		    paths_first_to_link(routes->paths, i, routes->links);
		if (link->ends[0].node != routes->node &&
		    link->ends[1].node != routes->node)
			write_link(routes, link);
	}
	write_way_out(routes);
	paths_free(routes->paths);
}

/* The hosts next to a router that runs a daemon. */
static void
write_hosts(struct routes *routes)
{
	const struct topology *topology = routes->topology;
	struct topology_near near;
	size_t i = 0;

	routes->count = 1;
	while (topology_near(topology, routes->node, &i, &near)) {
		routes->links[0] = i - 1;
		if (near.peer->kind == NODE_HOST)
			write_carried(routes, near.there->node);
		if (near.peer->kind == NODE_HOST && near.peer->egress)
			write_default(routes);
	}
}

static bool
has_one_way(const struct topology *topology, size_t node)
{
	const struct topology_node *of = &topology->nodes[node];
	struct topology_near near;
	size_t i = 0, links = 0, routers = 0;

	while (topology_near(topology, node, &i, &near)) {
		links++;
		routers += near.peer->kind == NODE_ROUTER;
	}
	return (
	    of->kind == NODE_HOST && !of->egress && links == 1 && routers == 1);
}

void
routes_write(const struct topology *topology, size_t node, FILE *out)
{
	struct routes routes = {topology, node, .out = out};
	struct topology_near near;
	size_t i = 0;

	routes.links =
	    memory_new(topology->link_count + 1, sizeof(*routes.links));
	if (has_one_way(topology, node)) {
		topology_near(topology, node, &i, &near);
		routes.links[0] = i - 1;
		routes.count = 1;
		write_default(&routes);
	} else if (topology->routing == ROUTING_STATIC ||
		   topology->nodes[node].kind == NODE_HOST) {
		write_all(&routes);
	} else {
		write_hosts(&routes);
	}
	free(routes.links);
}
