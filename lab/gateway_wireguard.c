/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "common/memory.h"
#include "lab/gateway.h"
#include "lab/keeper.h"
#include "lab/nodes.h"
#include "lab/tool.h"
#include "lab/topology.h"

#define PORT 51820
#define STEP_MS 10
#define STEPS 1000

/* A key pair, in base64. */
struct pair {
	char *secret, *public;
};

static int
say(const char *const *argv, const char *input, int net, char **output,
    struct error *err)
{
	if (tool_run(&(const struct tool){argv, input, output, net}, err) == -1)
		return (-1);
	if (output != NULL)
		(*output)[strcspn(*output, "\n")] = '\0';
	return (0);
}

static int
make_pair(struct pair *pair, struct error *err)
{
	static const char *const secret[] = {"wg", "genkey", NULL},
				 *const public[] = {"wg", "pubkey", NULL};

	if (say(secret, NULL, -1, &pair->secret, err) == -1)
		return (-1);
	return (say(public, pair->secret, -1, &pair->public, err));
}

/* Where the kernel has none it is a process, which makes the interface. */
static int
start_process(const struct gateway_ingress *ingress, const char *interface,
    struct error *err)
{
	const struct gateway_about *about = ingress->about;
	const char *const argv[] = {"wireguard-go", "-f", interface, NULL};
	char *socket = memory_print("/run/wireguard/%s.sock", interface);
	const struct duty *duty = duty_new(about->keeper,
	    &(const struct duty_about){.name = "wireguard-go",
		.node = about->topology->nodes[ingress->node].name,
		.argv = argv,
		.net = about->nodes->nets[ingress->node],
		.share = about->nodes->shares[ingress->node]},
	    err);
	int steps = 0;

	while (duty != NULL && access(socket, F_OK) == -1 && steps++ < STEPS)
		poll(NULL, 0, STEP_MS);
	free(socket);
	if (duty != NULL && steps > STEPS)
		return (error_set(err, "wireguard-go made no interface; its "
				       "reason is in the lab's log"));
	return (duty == NULL ? -1 : 0);
}

static int
make_interface(const struct gateway_ingress *ingress, const char *interface,
    struct error *err)
{
	const char *const add[] = {
	    "ip", "link", "add", interface, "type", "wireguard", NULL};

	if (say(add, NULL, ingress->about->nodes->nets[ingress->node], NULL,
		NULL) == 0)
		return (0);
	return (start_process(ingress, interface, err));
}

static char *
server_text(
    const struct pair *own, const struct pair *other, const char *client)
{
	return (memory_print("[Interface]\nPrivateKey = %s\nListenPort = %d\n"
			     "[Peer]\nPublicKey = %s\nAllowedIPs = %s/32\n",
	    own->secret, PORT, other->public, client));
}

static char *
client_text(const struct gateway_ingress *ingress, const struct pair *own,
    const struct pair *other, const char *client)
{
	char outside[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &ingress->outside, outside, sizeof(outside));
	return (memory_print(
	    "# Enters the lab: wg-quick up THIS-FILE\n"
	    "# For all traffic, not the lab's alone: AllowedIPs = 0.0.0.0/0\n"
	    "[Interface]\nPrivateKey = %s\nAddress = %s/24\n"
	    "[Peer]\nPublicKey = %s\nEndpoint = %s:%d\n"
	    "AllowedIPs = 10.64.0.0/10\n",
	    own->secret, client, other->public, outside, PORT));
}

static int
raise_interface(const struct gateway_ingress *ingress, const char *interface,
    const char *settings, struct error *err)
{
	const char *const set[] = {
	    "wg", "setconf", interface, "/dev/stdin", NULL};
	const char *const up[] = {"ip", "-batch", "-", NULL};
	int net = ingress->about->nodes->nets[ingress->node];
	char inside[INET_ADDRSTRLEN], *lines;
	int status;

	inet_ntop(AF_INET, &ingress->inside, inside, sizeof(inside));
	lines = memory_print("address add %s/24 dev %s\nlink set %s up\n",
	    inside, interface, interface);
	status = say(set, settings, net, NULL, err);
	if (status == 0)
		status = say(up, lines, net, NULL, err);
	free(lines);
	return (status);
}

static int
join(const struct gateway_ingress *ingress, const char *interface,
    const struct pair *server, const struct pair *client, struct error *err)
{
	const char *name = ingress->about->topology->nodes[ingress->node].name;
	struct in_addr next = {htonl(ntohl(ingress->inside.s_addr) + 1)};
	char address[INET_ADDRSTRLEN], *ours, *theirs;
	char *file = memory_print("ingress-%s.conf", name);
	int status = make_interface(ingress, interface, err);

	inet_ntop(AF_INET, &next, address, sizeof(address));
	ours = server_text(server, client, address);
	theirs = client_text(ingress, client, server, address);
	if (status == 0)
		status = raise_interface(ingress, interface, ours, err);
	if (status == 0)
		status =
		    gateway_write(ingress->about->folder, file, theirs, err);
	free(theirs);
	free(ours);
	free(file);
	return (status);
}

static void
free_pair(struct pair *pair)
{
	free(pair->secret);
	free(pair->public);
}

int
gateway_wireguard(const struct gateway_ingress *ingress, struct error *err)
{
	char *interface = memory_print("wg%zu", ingress->node);
	struct pair server = {NULL}, client = {NULL};
	int status = make_pair(&server, err);

	if (status == 0)
		status = make_pair(&client, err);
	if (status == 0)
		status = join(ingress, interface, &server, &client, err);
	free_pair(&server);
	free_pair(&client);
	free(interface);
	return (status);
}
