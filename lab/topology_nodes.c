/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>
#include <string.h>

#include "common/error.h"
#include "common/memory.h"
#include "common/name.h"
#include "lab/topology_parts.h"

static const char *const kinds[] = {"host", "router", NULL};
static const char *const ingresses[] = {"none", "openvpn", "wireguard", NULL};

struct options {
	int64_t kind, ingress;
	bool agent, collector, egress;
	double cpu;
};

#define AT(field) offsetof(struct options, field)

static const struct setting node_options[] = {
    {"kind", OPTION_CHOICE, "host", 0, 0, kinds, "does it forward packets",
	AT(kind)},
    {"agent", OPTION_FLAG, "no", 0, 0, NULL, "does it run pharosd", AT(agent)},
    {"collector", OPTION_FLAG, "no", 0, 0, NULL,
	"does it run pharos-collectord", AT(collector)},
    {"cpu", OPTION_RATIO, "0", 0, 64, NULL,
	"how much of one core is reserved for it, 0 for no reservation",
	AT(cpu)},
    {"ingress", OPTION_CHOICE, "none", 0, 0, ingresses,
	"how hosts outside enter the lab here", AT(ingress)},
    {"egress", OPTION_FLAG, "no", 0, 0, NULL,
	"do packets leave the lab here, through NAT", AT(egress)},
    {.name = NULL},
};

static const struct setting spf_options[] = {
    {"delay", OPTION_DURATION, "0s", 0, 600, NULL,
	"from the first change to new routes",
	offsetof(struct topology_node, spf_delay)},
    {"hold", OPTION_DURATION, "50ms", 0, 600, NULL,
	"between two calculations, at first",
	offsetof(struct topology_node, spf_hold)},
    {"most", OPTION_DURATION, "5s", 0, 600, NULL,
	"between two calculations, at most",
	offsetof(struct topology_node, spf_most)},
    {.name = NULL},
};

static int
check_name(const struct yml *node, const char *name, struct error *err)
{
	if (!name_valid(name) || strlen(name) > TOPOLOGY_NAME)
		return (yml_error(node, err,
		    "node \"%.80s\", expected at most %d characters: %s", name,
		    TOPOLOGY_NAME, name_rule));
	return (0);
}

static int
read_spf(struct topology_node *node, const struct yml *spf, struct error *err)
{
	if (yml_null(spf))
		return (0);
	if (yml_load(spf, spf_options, node, err) == -1)
		return (-1);
	if (node->spf_hold > node->spf_most)
		return (yml_error(spf, err,
		    "spf: hold is more than most, expected the other way "
		    "round"));
	return (0);
}

static int
read_address(const struct topology *topology, struct topology_node *node,
    const struct yml *yml, struct error *err)
{
	if (yml_null(yml))
		return (0);
	if (topology_addresses(
		yml, &node->address, &node->address6, NULL, err) == -1)
		return (-1);
	if ((node->address.s_addr != 0 && !topology->ipv4) ||
	    (!IN6_IS_ADDR_UNSPECIFIED(&node->address6) && !topology->ipv6))
		return (yml_error(yml, err,
		    "address of a family that the lab has not, expected it in "
		    "families"));
	return (0);
}

static int
read_node(struct topology *topology, const struct yml *yml, const char *name,
    struct error *err)
{
	static const char *const keys[] = {"address", "site", "spf", NULL};
	struct topology_node *node = &topology->nodes[topology->node_count];
	struct options options;

	if (check_name(yml, name, err) == -1)
		return (-1);
	if (!yml_null(yml) &&
	    topology_known(yml, keys, node_options, err) == -1)
		return (-1);
	if (option_load(node_options, &options, NULL, err) == -1 ||
	    yml_change(yml, node_options, &options, err) == -1)
		return (-1);
	node->name = memory_text(name);
	topology->node_count++;
	node->kind = (enum topology_kind)options.kind;
	node->agent = options.agent;
	node->collector = options.collector;
	node->cpu = options.cpu;
	node->egress = options.egress;
	if (options.ingress != 0)
		node->ingress = memory_text(ingresses[options.ingress]);
	node->line = yml->line;
	node->column = yml->column;
	if (read_address(topology, node, yml_get(yml, "address"), err) == -1)
		return (-1);
	return (read_spf(node, yml_get(yml, "spf"), err));
}

static int
check_collectors(
    const struct topology *topology, const struct yml *nodes, struct error *err)
{
	size_t first = topology->node_count;

	for (size_t i = 0; i < topology->node_count; i++) {
		if (!topology->nodes[i].collector)
			continue;
		if (first != topology->node_count)
			return (yml_error(nodes->items[i], err,
			    "a second collector, expected one: \"%s\" has it",
			    topology->nodes[first].name));
		first = i;
	}
	return (0);
}

int
topology_read_nodes(
    struct topology *topology, const struct yml *node, struct error *err)
{
	if (yml_null(node))
		return (0);
	if (yml_expect(node, YML_MAP, "nodes by name", err) == -1)
		return (-1);
	if (node->count > TOPOLOGY_NODES)
		return (yml_error(node, err, "%zu nodes, expected at most %d",
		    node->count, TOPOLOGY_NODES));
	topology->nodes = memory_new(node->count, sizeof(*topology->nodes));
	for (size_t i = 0; i < node->count; i++)
		if (read_node(topology, node->items[i], node->keys[i], err) ==
		    -1)
			return (-1);
	return (check_collectors(topology, node, err));
}
