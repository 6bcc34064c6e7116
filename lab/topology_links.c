/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "common/error.h"
#include "common/memory.h"
#include "common/name.h"
#include "lab/topology_parts.h"

static const struct setting link_options[] = {
    {"cost", OPTION_COUNT, "10", 1, 65535, NULL,
	"of OSPF, also for static routes",
	offsetof(struct topology_link, cost)},
    {"pim", OPTION_FLAG, "no", 0, 0, NULL, "does multicast take it",
	offsetof(struct topology_link, pim)},
    {.name = NULL},
};

static int
read_interface(
    struct topology_end *end, const struct yml *name, struct error *err)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	if (yml_null(name))
		return (0);
	if (yml_expect(name, YML_SCALAR, "an interface's name", err) == -1)
		return (-1);
	if (strlen(name->text) > TOPOLOGY_NAME || name->text[0] == '.' ||
	    name->text[0] == '-' || strcmp(name->text, "lo") == 0 ||
	    strspn(name->text, good) != strlen(name->text))
		return (yml_error(name, err,
		    "interface \"%.80s\", expected at most %d of A-Z, a-z, "
		    "0-9, '.', '_' and '-', not \"lo\"",
		    name->text, TOPOLOGY_NAME));
	strcpy(end->interface, name->text);
	return (0);
}

static int
read_addresses(const struct topology *topology, struct topology_link *link,
    struct topology_end *end, const struct yml *yml, struct error *err)
{
	unsigned prefix;

	if (yml_null(yml))
		return (0);
	if (topology_addresses(
		yml, &end->address, &end->address6, &prefix, err) == -1)
		return (-1);
	if ((end->address.s_addr != 0 && !topology->ipv4) ||
	    (!IN6_IS_ADDR_UNSPECIFIED(&end->address6) && !topology->ipv6))
		return (yml_error(yml, err,
		    "address of a family that the lab has not, expected it in "
		    "families"));
	if (prefix != 0 && link->prefix != 0 && prefix != link->prefix)
		return (yml_error(yml, err,
		    "prefix /%u, expected that of the other end, /%u", prefix,
		    link->prefix));
	if (prefix != 0)
		link->prefix = prefix;
	return (0);
}

static int
read_end(const struct topology *topology, struct topology_link *link,
    struct topology_end *end, const struct yml *yml, struct error *err)
{
	static const char *const keys[] = {
	    "node", "interface", "address", NULL};
	const struct yml *node = yml;

	if (yml->kind == YML_MAP) {
		if (yml_known(yml, keys, err) == -1)
			return (-1);
		if ((node = yml_get(yml, "node")) == NULL)
			return (yml_error(
			    yml, err, "no node, expected node: NAME"));
	}
	if (topology_refer_node(topology, node, &end->node, err) == -1 ||
	    read_interface(end, yml_get(yml, "interface"), err) == -1)
		return (-1);
	return (
	    read_addresses(topology, link, end, yml_get(yml, "address"), err));
}

/* The default is "to-PEER". */
static int
name_interface(const struct topology *topology, struct topology_link *link,
    int which, const struct yml *yml, struct error *err)
{
	struct topology_end *end = &link->ends[which];
	const char *peer = topology->nodes[link->ends[!which].node].name;

	if (end->interface[0] != '\0')
		return (0);
	if (strlen(peer) + 3 > TOPOLOGY_NAME)
		return (yml_error(yml, err,
		    "interface \"to-%s\" is too long, expected a node's name of "
		    "at most %d characters, or an end {node: %s, interface: "
		    "NAME}",
		    peer, TOPOLOGY_NAME - 3, topology->nodes[end->node].name));
	snprintf(end->interface, sizeof(end->interface), "to-%.12s", peer);
	return (0);
}

/* Both or none have an address, and both in one network. */
static int
check_addresses(
    const struct topology_link *link, const struct yml *yml, struct error *err)
{
	const struct topology_end *a = &link->ends[0], *b = &link->ends[1];
	uint32_t mask =
	    link->prefix == 0 ? 0 : htonl(~(uint32_t)0 << (32 - link->prefix));

	if ((a->address.s_addr != 0) != (b->address.s_addr != 0) ||
	    IN6_IS_ADDR_UNSPECIFIED(&a->address6) !=
		IN6_IS_ADDR_UNSPECIFIED(&b->address6))
		return (yml_error(yml, err,
		    "one end has an address of a family that the other has "
		    "not, expected both or none"));
	if (((a->address.s_addr ^ b->address.s_addr) & mask) != 0 ||
	    memcmp(&a->address6, &b->address6, 8) != 0)
		return (yml_error(yml, err,
		    "the addresses of its ends are of different networks, "
		    "expected them of one"));
	return (0);
}

static int
read_ends(const struct topology *topology, struct topology_link *link,
    const struct yml *yml, struct error *err)
{
	if (yml_expect(yml, YML_LIST, "two nodes", err) == -1)
		return (-1);
	if (yml->count != 2)
		return (yml_error(
		    yml, err, "%zu ends, expected two nodes", yml->count));
	for (int i = 0; i < 2; i++)
		if (read_end(topology, link, &link->ends[i], yml->items[i],
			err) == -1)
			return (-1);
	if (link->ends[0].node == link->ends[1].node)
		return (yml_error(yml, err,
		    "link \"%s\" leads from \"%s\" to itself, expected two "
		    "different nodes",
		    link->name, topology->nodes[link->ends[0].node].name));
	for (int i = 0; i < 2; i++)
		if (name_interface(topology, link, i, yml, err) == -1)
			return (-1);
	return (check_addresses(link, yml, err));
}

static int
read_back(struct way *way, const struct yml *back, struct error *err)
{
	static const char *const none[] = {NULL};

	if (yml_null(back))
		return (0);
	if (topology_known(back, none, way_options, err) == -1)
		return (-1);
	return (yml_change(back, way_options, way, err));
}

static int
read_ways(struct topology_link *link, const struct yml *yml, struct error *err)
{
	struct way *there = &link->ends[0].way, *back = &link->ends[1].way;

	if (option_load(way_options, there, NULL, err) == -1 ||
	    yml_change(yml, way_options, there, err) == -1)
		return (-1);
	*back = *there;
	return (read_back(back, yml_get(yml, "back"), err));
}

static int
link_known(const struct yml *yml, struct error *err)
{
	static const char *const keys[] = {"ends", "back", "cost", "pim", NULL};

	return (topology_known(yml, keys, way_options, err));
}

static int
read_link(struct topology *topology, const struct yml *yml, const char *name,
    struct error *err)
{
	struct topology_link *link = &topology->links[topology->link_count];

	if (!name_valid(name))
		return (yml_error(
		    yml, err, "link \"%.80s\", expected %s", name, name_rule));
	link->name = memory_text(name);
	topology->link_count++;
	link->line = yml->line;
	link->column = yml->column;
	if (link_known(yml, err) == -1)
		return (-1);
	if (yml_get(yml, "ends") == NULL)
		return (yml_error(yml, err,
		    "link \"%s\" has no ends, expected ends: [NODE, NODE]",
		    name));
	if (option_load(link_options, link, NULL, err) == -1 ||
	    yml_change(yml, link_options, link, err) == -1 ||
	    read_ends(topology, link, yml_get(yml, "ends"), err) == -1)
		return (-1);
	return (read_ways(link, yml, err));
}

int
topology_read_links(
    struct topology *topology, const struct yml *node, struct error *err)
{
	if (yml_null(node))
		return (0);
	if (yml_expect(node, YML_MAP, "links by name", err) == -1)
		return (-1);
	if (node->count > TOPOLOGY_LINKS)
		return (yml_error(node, err, "%zu links, expected at most %d",
		    node->count, TOPOLOGY_LINKS));
	topology->links = memory_new(node->count, sizeof(*topology->links));
	for (size_t i = 0; i < node->count; i++)
		if (read_link(topology, node->items[i], node->keys[i], err) ==
		    -1)
			return (-1);
	return (0);
}

int
topology_read_multicast(
    struct topology *topology, const struct yml *node, struct error *err)
{
	static const char *const keys[] = {"group", "rendezvous", NULL};
	const struct yml *group = yml_get(node, "group");
	const struct yml *rendezvous = yml_get(node, "rendezvous");
	struct in_addr address;

	if (yml_null(node))
		return (0);
	if (yml_known(node, keys, err) == -1)
		return (-1);
	if (topology->routing != ROUTING_FRR)
		return (yml_error(node, err,
		    "multicast is carried by FRR alone, expected routing: "
		    "frr"));
	if (yml_null(group) || yml_null(rendezvous))
		return (yml_error(node, err,
		    "no group or no rendezvous, expected such as {group: "
		    "239.1.1.1, rendezvous: NODE}"));
	if (yml_expect(group, YML_SCALAR, "an address", err) == -1)
		return (-1);
	if (inet_pton(AF_INET, group->text, &address) != 1 ||
	    !IN_MULTICAST(ntohl(address.s_addr)))
		return (yml_error(group, err,
		    "group \"%.80s\", expected one from 224.0.0.0 to "
		    "239.255.255.255",
		    group->text));
	if (topology_refer_node(
		topology, rendezvous, &topology->rendezvous, err) == -1)
		return (-1);
	if (topology->nodes[topology->rendezvous].kind != NODE_ROUTER)
		return (yml_error(rendezvous, err,
		    "rendezvous \"%s\" is a host, expected a router",
		    rendezvous->text));
	topology->group = memory_text(group->text);
	return (0);
}
