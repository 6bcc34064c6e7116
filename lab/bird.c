/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/bird.h"

#include <arpa/inet.h>

#include "lab/carried.h"
#include "lab/topology.h"

struct writer {
	const struct topology *topology;
	size_t node;
	const struct topology_node *of;
	FILE *out;
};

static int
seconds(nanoseconds ns)
{
	return ((int)(ns / NS_PER_S));
}

/* What OSPF found goes to the kernel, as what this node is known by. */
static void
write_kernel(const struct writer *w, int family)
{
	char source[INET6_ADDRSTRLEN];

	if (family == 4)
		inet_ntop(AF_INET, &w->of->address, source, sizeof(source));
	else
		inet_ntop(AF_INET6, &w->of->address6, source, sizeof(source));
	fprintf(w->out,
	    "protocol kernel {\n"
	    "\tipv%d {\n"
	    "\t\texport filter {\n"
	    "\t\t\tif source ~ [RTS_OSPF, RTS_OSPF_IA, RTS_OSPF_EXT1, "
	    "RTS_OSPF_EXT2] then {\n"
	    "\t\t\t\tkrt_prefsrc = %s;\n"
	    "\t\t\t\taccept;\n"
	    "\t\t\t}\n"
	    "\t\t\treject;\n"
	    "\t\t};\n"
	    "\t};\n"
	    "}\n"
	    "protocol direct {\n"
	    "\tipv%d;\n"
	    "}\n",
	    family, source, family);
}

/* The host that has it is one link farther. */
static void
write_stubs(const struct writer *w, int family, size_t node, long long cost)
{
	struct carried carried[CARRIED_MOST];
	size_t count = carried_of(w->topology, node, carried);

	for (size_t i = 0; i < count; i++)
		if (carried[i].family == family)
			fprintf(w->out, "\t\tstubnet %s { cost %lld; };\n",
			    carried[i].prefix, cost);
}

static void
write_interface(const struct writer *w, const struct topology_near *near)
{
	fprintf(w->out, "\t\tinterface \"%s\" {\n\t\t\tcost %lld;\n",
	    near->here->interface, (long long)near->link->cost);
	if (near->peer->kind == NODE_HOST)
		fprintf(w->out, "\t\t\tstub yes;\n");
	else
		fprintf(w->out,
		    "\t\t\ttype ptp;\n\t\t\thello %d;\n\t\t\tdead %d;\n",
		    seconds(w->topology->hello), seconds(w->topology->dead));
	fprintf(w->out, "\t\t};\n");
}

/* Do packets leave the lab here, or at a host that is next to it? */
static bool
leads_out(const struct writer *w)
{
	struct topology_near near;
	size_t i = 0;

	if (w->of->egress)
		return (true);
	while (topology_near(w->topology, w->node, &i, &near))
		if (near.peer->kind == NODE_HOST && near.peer->egress)
			return (true);
	return (false);
}

static void
write_ospf(const struct writer *w, int family)
{
	struct topology_near near;
	size_t i = 0;

	if (leads_out(w))
		fprintf(w->out,
		    "protocol static {\n\tipv%d;\n\troute %s unreachable;\n}\n",
		    family, family == 4 ? "0.0.0.0/0" : "::/0");
	fprintf(w->out,
	    "protocol ospf %s {\n"
	    "\tecmp yes;\n"
	    "\tipv%d {\n"
	    "\t\timport all;\n"
	    "\t\texport filter {\n"
	    "\t\t\tif source != RTS_STATIC then reject;\n"
	    "\t\t\tospf_metric1 = 1;\n"
	    "\t\t\taccept;\n"
	    "\t\t};\n"
	    "\t};\n"
	    "\tarea 0 {\n",
	    family == 4 ? "v2" : "v3", family);
	write_stubs(w, family, w->node, 1);
	while (topology_near(w->topology, w->node, &i, &near)) {
		write_interface(w, &near);
		if (near.peer->kind == NODE_HOST)
			write_stubs(w, family, near.there->node,
			    (long long)near.link->cost + 1);
	}
	fprintf(w->out, "\t};\n}\n");
}

void
bird_write(const struct topology *topology, size_t node, FILE *out)
{
	struct writer w = {topology, node, &topology->nodes[node], out};
	char id[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &w.of->address, id, sizeof(id));
	fprintf(
	    out, "log stderr all;\nrouter id %s;\nprotocol device {\n}\n", id);
	for (int family = 4; family <= 6; family += 2) {
		if (!(family == 4 ? topology->ipv4 : topology->ipv6))
			continue;
		write_kernel(&w, family);
		write_ospf(&w, family);
	}
}
