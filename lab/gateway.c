/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/gateway.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/daemon.h"
#include "common/error.h"
#include "common/memory.h"
#include "lab/nodes.h"
#include "lab/space.h"
#include "lab/tool.h"
#include "lab/topology.h"

#define FIRST UINT32_C(0x64400000) /* 100.64.0.0 */
#define MOST TOPOLOGY_GATEWAYS     /* in one lab */
#define TABLE 100                  /* of routes for what came from outside */
#define LABS 65536                 /* whose numbers differ */

struct gateway {
	struct gateway_about about;
	struct tunnel *tunnels[MOST]; /* NULL: none */
};

int
gateway_write(
    const char *folder, const char *file, const char *text, struct error *err)
{
	char *path = memory_print("%s/%s", folder, file);
	int status = daemon_write_file(path, text, strlen(text), 0600, err);

	free(path);
	return (status);
}

/* Takes the lines over. */
static int
batch(const char *program, char *lines, int net, struct error *err)
{
	const char *const ip[] = {program, "-batch", "-", NULL};
	const char *const nft[] = {program, "-f", "-", NULL};
	int status = tool_run(
	    &(const struct tool){.argv = strcmp(program, "ip") == 0 ? ip : nft,
		.input = lines,
		.net = net},
	    err);

	free(lines);
	return (status);
}

/* What comes from outside is answered there, whatever the lab's routing says. */
static char *
near_lines(const struct space *space, const char *name, const char *here,
    const char *there)
{
	return (memory_print("link add outside type veth peer name %s netns "
			     "/proc/1/fd/%d\n"
			     "address add %s/30 dev outside\n"
			     "link set outside up\n"
			     "route add default via %s dev outside table %d\n"
			     "rule add from %s lookup %d\n",
	    name, space->outside, here, there, TABLE, here, TABLE));
}

/* Ours is the second address of the /30. */
static int
join(const struct gateway_about *about, size_t node, size_t number,
    struct in_addr *ours, struct in_addr *theirs, struct error *err)
{
	unsigned pid = (unsigned)about->space->pid;
	uint32_t net = FIRST + 4 * ((pid % LABS) * MOST + (uint32_t)number);
	char *name = memory_print("ph%u-%zu", pid, number);
	char here[INET_ADDRSTRLEN], there[INET_ADDRSTRLEN];
	int status;

	ours->s_addr = htonl(net + 2);
	theirs->s_addr = htonl(net + 1);
	inet_ntop(AF_INET, ours, here, sizeof(here));
	inet_ntop(AF_INET, theirs, there, sizeof(there));
	status = batch("ip", near_lines(about->space, name, here, there),
	    about->nodes->nets[node], err);
	if (status == 0)
		status = batch("ip",
		    memory_print("address add %s/30 dev %s\nlink set %s up\n",
			there, name, name),
		    about->space->outside, err);
	free(name);
	return (status);
}

static int
let_out(const struct gateway_about *about, size_t node, struct in_addr theirs,
    struct error *err)
{
	static const char rules[] =
	    "table ip outside {\n"
	    "	chain leaving {\n"
	    "		type nat hook postrouting priority srcnat\n"
	    "		oifname \"outside\" masquerade\n"
	    "	}\n"
	    "}\n";
	char there[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &theirs, there, sizeof(there));
	if (batch("nft", memory_text(rules), about->nodes->nets[node], err) ==
	    -1)
		return (-1);
	return (batch("ip", memory_print("route add default via %s\n", there),
	    about->nodes->nets[node], err));
}

static int
let_in(struct gateway *gateway, size_t node, size_t number, struct in_addr ours,
    struct error *err)
{
	const struct gateway_about *about = &gateway->about;
	struct gateway_ingress ingress = {about, node, ours, {0}};
	struct in6_addr six;

	topology_tunnel(node, &ingress.inside, &six);
	if (strcmp(about->topology->nodes[node].ingress, "openvpn") == 0)
		return (gateway_openvpn(&ingress, err));
	gateway->tunnels[number] = gateway_wireguard(&ingress, err);
	return (gateway->tunnels[number] == NULL ? -1 : 0);
}

static int
open_node(
    struct gateway *gateway, size_t node, size_t number, struct error *err)
{
	const struct gateway_about *about = &gateway->about;
	const struct topology_node *of = &about->topology->nodes[node];
	struct in_addr ours, theirs;

	if (about->space->outside == -1)
		return (error_set(err, "ingress and egress need root"));
	if (join(about, node, number, &ours, &theirs, err) == -1 ||
	    (of->egress && let_out(about, node, theirs, err) == -1))
		return (-1);
	return (
	    of->ingress == NULL ? 0 : let_in(gateway, node, number, ours, err));
}

static int
open_all(struct gateway *gateway, struct error *err)
{
	const struct topology *topology = gateway->about.topology;
	size_t number = 0;

	for (size_t i = 0; i < topology->node_count; i++) {
		const struct topology_node *node = &topology->nodes[i];

		if (node->ingress == NULL && !node->egress)
			continue;
		if (open_node(gateway, i, number++, err) == -1)
			return (error_place(err, "node %s", node->name));
	}
	return (0);
}

struct gateway *
gateway_new(const struct gateway_about *about, struct error *err)
{
	struct gateway *gateway = memory_new(1, sizeof(*gateway));

	gateway->about = *about;
	if (open_all(gateway, err) == 0)
		return (gateway);
	gateway_free(gateway);
	return (NULL);
}

void
gateway_free(struct gateway *gateway)
{
	if (gateway == NULL)
		return;
	for (size_t i = 0; i < MOST; i++)
		gateway_end_wireguard(gateway->tunnels[i]);
	free(gateway);
}
