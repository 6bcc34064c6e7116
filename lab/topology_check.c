/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/memory.h"
#include "lab/topology_parts.h"

static int
refuse_node(const struct topology_node *node, const char *file,
    struct error *err, const char *what)
{
	struct yml at = topology_place(file, node->line, node->column);

	return (yml_error(&at, err, "node \"%s\" %s", node->name, what));
}

static int
refuse_link(const struct topology_link *link, const char *file,
    struct error *err, const char *what)
{
	struct yml at = topology_place(file, link->line, link->column);

	return (yml_error(&at, err, "link \"%s\" %s", link->name, what));
}

/* Do two links have an interface of one name at one node? */
static int
check_interfaces(
    const struct topology *topology, const char *file, struct error *err)
{
	for (size_t i = 0; i < 2 * topology->link_count; i++)
		for (size_t k = 0; k < i; k++) {
			const struct topology_link *link =
			    &topology->links[i / 2];
			const struct topology_end *a = &link->ends[i % 2];
			const struct topology_end *b =
			    &topology->links[k / 2].ends[k % 2];
			struct yml at =
			    topology_place(file, link->line, link->column);

			if (a->node != b->node ||
			    strcmp(a->interface, b->interface) != 0)
				continue;
			return (yml_error(&at, err,
			    "interface \"%s\" of node \"%s\" is that of link "
			    "\"%s\" as well, expected another name in {node: "
			    "%s, interface: NAME}",
			    a->interface, topology->nodes[a->node].name,
			    topology->links[k / 2].name,
			    topology->nodes[a->node].name));
		}
	return (0);
}

static int
check_frr(const struct topology *topology, const char *file, struct error *err)
{
	if (topology->routing == ROUTING_FRR)
		return (0);
	for (size_t i = 0; i < topology->node_count; i++)
		if (topology->nodes[i].spf_most != 0)
			return (refuse_node(&topology->nodes[i], file, err,
			    "has spf, expected routing: frr for that"));
	for (size_t i = 0; i < topology->link_count; i++)
		if (topology->links[i].pim)
			return (refuse_link(&topology->links[i], file, err,
			    "has pim, expected routing: frr for that"));
	return (0);
}

static int
check_pim(const struct topology *topology, const char *file, struct error *err)
{
	for (size_t i = 0; i < topology->link_count; i++)
		if (topology->links[i].pim &&
		    (topology->group == NULL || !topology->ipv4))
			return (refuse_link(&topology->links[i], file, err,
			    "has pim, expected multicast: {group: ADDRESS, "
			    "rendezvous: NODE} and family 4 for that"));
	return (0);
}

static int
check_netem(
    const struct topology *topology, const char *file, struct error *err)
{
	struct error why;
	char *what;

	for (size_t i = 0; i < topology->link_count; i++) {
		if (topology->backend != BACKEND_NETEM ||
		    topology_netem(topology, i, &why) == 0)
			continue;
		what = memory_print("is by netem, and %s, expected backend: "
				    "auto or emulator for that",
		    why.text);
		refuse_link(&topology->links[i], file, err, what);
		free(what);
		return (-1);
	}
	return (0);
}

/* Without a collector agents would have nobody to report to. */
static int
check_agents(
    const struct topology *topology, const char *file, struct error *err)
{
	for (size_t i = 0; i < topology->node_count; i++)
		if (topology->nodes[i].collector)
			return (0);
	for (size_t i = 0; i < topology->node_count; i++)
		if (topology->nodes[i].agent)
			return (refuse_node(&topology->nodes[i], file, err,
			    "has an agent, expected a node with collector: yes "
			    "as well"));
	return (0);
}

static int
check_gateways(
    const struct topology *topology, const char *file, struct error *err)
{
	size_t count = 0;

	for (size_t i = 0; i < topology->node_count; i++) {
		const struct topology_node *node = &topology->nodes[i];

		if (node->ingress == NULL && !node->egress)
			continue;
		if (!topology->ipv4)
			return (refuse_node(node, file, err,
			    "has an ingress or egress, expected family 4 for "
			    "that"));
		if (++count > TOPOLOGY_GATEWAYS)
			return (refuse_node(node, file, err,
			    "has an ingress or egress beyond the sixteenth, "
			    "expected at most 16 nodes with one"));
	}
	return (0);
}

/* The nodes that can be reached from this one; hosts forward nothing. */
static void
spread(const struct topology *topology, size_t from, bool reached[])
{
	size_t queue[TOPOLOGY_NODES], first = 0, last = 0;

	memset(reached, 0, topology->node_count * sizeof(*reached));
	reached[from] = true;
	queue[last++] = from;
	while (first < last) {
		size_t node = queue[first++];

		if (node != from && topology->nodes[node].kind == NODE_HOST)
			continue;
		for (size_t i = 0; i < 2 * topology->link_count; i++) {
			const struct topology_link *link =
			    &topology->links[i / 2];
			size_t to = link->ends[!(i % 2)].node;

			if (link->ends[i % 2].node != node || reached[to])
				continue;
			reached[to] = true;
			queue[last++] = to;
		}
	}
}

static int
check_reach_from(const struct topology *topology, size_t from, const char *file,
    struct error *err)
{
	bool reached[TOPOLOGY_NODES];

	spread(topology, from, reached);
	for (size_t i = 0; i < topology->node_count; i++) {
		const struct topology_node *node = &topology->nodes[i];
		struct yml at = topology_place(file, node->line, node->column);

		if (!reached[i])
			return (yml_error(&at, err,
			    "node \"%s\" cannot be reached from \"%s\", "
			    "expected links and routers between them",
			    node->name, topology->nodes[from].name));
	}
	return (0);
}

int
topology_check(
    const struct topology *topology, const char *file, struct error *err)
{
	if (check_interfaces(topology, file, err) == -1 ||
	    check_frr(topology, file, err) == -1 ||
	    check_pim(topology, file, err) == -1 ||
	    check_agents(topology, file, err) == -1 ||
	    check_gateways(topology, file, err) == -1 ||
	    check_netem(topology, file, err) == -1)
		return (-1);
	for (size_t i = 0; i < topology->node_count; i++)
		if (check_reach_from(topology, i, file, err) == -1)
			return (-1);
	return (0);
}
