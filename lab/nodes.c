/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/nodes.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"
#include "lab/group.h"
#include "lab/space.h"
#include "lab/tap.h"
#include "lab/tool.h"
#include "lab/topology.h"

#define IPV4 "/proc/sys/net/ipv4/"
#define IPV6 "/proc/sys/net/ipv6/"

enum when { ALWAYS, ROUTER, WITH_IPV6, WITHOUT_IPV6, ROUTER_IPV6 };

/* "all" is for interfaces that are there, "default" for those that come. Paths of
 * routing need not be symmetric, and every packet with an error may be told. */
static const struct {
	enum when when;
	const char *path, *value;
} settings[] = {
    {ALWAYS, IPV4 "conf/all/rp_filter", "0"},
    {ALWAYS, IPV4 "conf/default/rp_filter", "0"},
    {ALWAYS, IPV4 "icmp_ratelimit", "0"},
    {ALWAYS, IPV4 "icmp_msgs_per_sec", "1000000"},
    {ALWAYS, IPV4 "fib_multipath_hash_policy", "1"},
    {ROUTER, IPV4 "ip_forward", "1"},
    {WITHOUT_IPV6, IPV6 "conf/all/disable_ipv6", "1"},
    {WITHOUT_IPV6, IPV6 "conf/default/disable_ipv6", "1"},
    {WITH_IPV6, IPV6 "conf/default/accept_dad", "0"},
    {WITH_IPV6, IPV6 "conf/default/accept_ra", "0"},
    {WITH_IPV6, IPV6 "conf/default/router_solicitations", "0"},
    {WITH_IPV6, IPV6 "icmp/ratelimit", "0"},
    {WITH_IPV6, IPV6 "fib_multipath_hash_policy", "1"},
    {ROUTER_IPV6, IPV6 "conf/all/forwarding", "1"},
    {ROUTER_IPV6, IPV6 "conf/default/forwarding", "1"},
};

static bool
applies(enum when when, const struct topology *topology,
    const struct topology_node *node)
{
	bool router =
	    node->kind == NODE_ROUTER || node->egress || node->ingress != NULL;

	switch (when) {
	case ROUTER:
		return (router);
	case WITH_IPV6:
		return (topology->ipv6);
	case WITHOUT_IPV6:
		return (!topology->ipv6);
	case ROUTER_IPV6:
		return (router && topology->ipv6);
	default:
		return (true);
	}
}

/* A kernel without IPv6, or an older one, lacks some. */
static int
put(const char *path, const char *value, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), status = 0;

	if (fd == -1)
		return (errno == ENOENT ? 0 : error_set(err, "%s: %m", path));
	if (write(fd, value, strlen(value)) == -1 && errno != EPERM)
		status = error_set(err, "%s: %m", path);
	close(fd);
	return (status);
}

static int
settle(const struct topology *topology, const struct topology_node *node,
    struct error *err)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		if (applies(settings[i].when, topology, node) &&
		    put(settings[i].path, settings[i].value, err) == -1)
			return (-1);
	return (0);
}

static int
make(struct nodes *nodes, const struct space *space,
    const struct topology *topology, struct group *group, struct error *err)
{
	size_t i = nodes->count;
	const struct topology_node *node = &topology->nodes[i];
	int status;

	if ((nodes->nets[i] = space_net(space, err)) == -1)
		return (-1);
	nodes->count++;
	if (node->cpu > 0 && (nodes->shares[i] = group_share(
				  group, node->name, node->cpu, err)) == NULL)
		return (-1);
	if (space_enter(nodes->nets[i], err) == -1)
		return (-1);
	status = settle(topology, node, err);
	if (space_enter(space->home, NULL) == -1)
		log_fatal("no way back to the lab's own network namespace");
	return (status);
}

struct nodes *
nodes_new(const struct space *space, const struct topology *topology,
    struct group *group, struct error *err)
{
	struct nodes *nodes = memory_new(1, sizeof(*nodes));
	size_t count = topology->node_count;

	nodes->nets = memory_new(count, sizeof(*nodes->nets));
	nodes->shares = memory_new(count, sizeof(*nodes->shares));
	while (nodes->count < count)
		if (make(nodes, space, topology, group, err) == -1) {
			nodes_free(nodes);
			return (NULL);
		}
	return (nodes);
}

void
nodes_free(struct nodes *nodes)
{
	if (nodes == NULL)
		return;
	for (size_t i = 0; i < nodes->count; i++) {
		close(nodes->nets[i]);
		free(nodes->shares[i]);
	}
	free(nodes->nets);
	free(nodes->shares);
	free(nodes);
}

static void
add_address(FILE *lines, int family, const void *address, unsigned prefix,
    const char *interface)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(family, address, text, sizeof(text));
	fprintf(lines, "address add %s/%u dev %s%s\n", text, prefix, interface,
	    family == AF_INET6 ? " nodad" : "");
}

static void
add_interface(FILE *lines, const struct topology *topology,
    const struct topology_link *link, const struct topology_end *end)
{
	fprintf(
	    lines, "link set %s txqueuelen %d up\n", end->interface, TAP_QUEUE);
	if (topology->ipv4)
		add_address(lines, AF_INET, &end->address, link->prefix,
		    end->interface);
	if (topology->ipv6)
		add_address(
		    lines, AF_INET6, &end->address6, 64, end->interface);
}

static void
add_all(FILE *lines, const struct topology *topology, size_t node)
{
	const struct topology_node *of = &topology->nodes[node];

	if (topology->ipv4)
		add_address(lines, AF_INET, &of->address, 32, "lo");
	if (topology->ipv6)
		add_address(lines, AF_INET6, &of->address6, 128, "lo");
	for (size_t i = 0; i < topology->link_count; i++)
		for (int end = 0; end < 2; end++)
			if (topology->links[i].ends[end].node == node)
				add_interface(lines, topology,
				    &topology->links[i],
				    &topology->links[i].ends[end]);
}

static int
address_node(const struct nodes *nodes, const struct topology *topology,
    size_t node, struct error *err)
{
	static const char *const argv[] = {"ip", "-batch", "-", NULL};
	char *text = NULL;
	size_t length;
	FILE *lines = open_memstream(&text, &length);
	int status;

	add_all(lines, topology, node);
	fclose(lines);
	status = tool_run(
	    &(const struct tool){
		.argv = argv, .input = text, .net = nodes->nets[node]},
	    err);
	free(text);
	return (status == -1
		    ? error_place(err, "node %s", topology->nodes[node].name)
		    : 0);
}

int
nodes_address(const struct nodes *nodes, const struct topology *topology,
    struct error *err)
{
	for (size_t i = 0; i < nodes->count; i++)
		if (address_node(nodes, topology, i, err) == -1)
			return (-1);
	return (0);
}
