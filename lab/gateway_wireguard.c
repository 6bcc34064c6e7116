/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <event2/event.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"
#include "lab/gateway.h"
#include "lab/keeper.h"
#include "lab/nodes.h"
#include "lab/tool.h"
#include "lab/topology.h"
#include "lab/wireguard.h"

#define STEP_MS 10
#define STEPS 1000

/* What the interface is told, at first and when the process that made it is
 * another one. */
struct tunnel {
	const struct gateway_ingress *ingress; /* while it is made */
	char *interface, *socket;              /* socket: the process's */
	char *settings, *lines;                /* for wg and ip; settings has
						  the secret key */
	int net;
	bool up;             /* once */
	struct event *timer; /* until a new process has made the interface */
	int steps;
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
make_pair(struct wireguard_pair *pair, struct error *err)
{
	static const char *const secret[] = {"wg", "genkey", NULL},
				 *const public[] = {"wg", "pubkey", NULL};

	if (say(secret, NULL, -1, &pair->secret, err) == -1)
		return (-1);
	return (say(public, pair->secret, -1, &pair->public, err));
}

static int
raise_interface(const struct tunnel *tunnel, struct error *err)
{
	const char *const set[] = {
	    "wg", "setconf", tunnel->interface, "/dev/stdin", NULL};
	const char *const up[] = {"ip", "-batch", "-", NULL};

	if (say(set, tunnel->settings, tunnel->net, NULL, err) == -1)
		return (-1);
	return (say(up, tunnel->lines, tunnel->net, NULL, err));
}

static void
look_again(struct tunnel *tunnel)
{
	const struct timeval step = {.tv_usec = STEP_MS * 1000};

	event_add(tunnel->timer, &step);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct tunnel *tunnel = arg;
	struct error err;

	if (access(tunnel->socket, F_OK) == 0) {
		if (raise_interface(tunnel, &err) == -1)
			log_warnx("%s: %s", tunnel->interface, err.text);
	} else if (tunnel->steps++ < STEPS) {
		look_again(tunnel);
	} else {
		log_warnx("%s: wireguard-go makes no interface any more",
		    tunnel->interface);
	}
}

static void
on_started(void *arg, struct duty *duty)
{
	struct tunnel *tunnel = arg;

	tunnel->steps = 0;
	if (tunnel->up)
		look_again(tunnel);
}

/* Its socket would be taken for the next one's. */
static void
on_ended(void *arg, struct duty *duty, const char *why)
{
	struct tunnel *tunnel = arg;

	event_del(tunnel->timer);
	unlink(tunnel->socket);
}

static const struct duty_calls calls = {
    .started = on_started, .ended = on_ended};

/* Where the kernel has none it is a process, which makes the interface. */
static int
start_process(struct tunnel *tunnel, struct error *err)
{
	const struct gateway_about *about = tunnel->ingress->about;
	size_t node = tunnel->ingress->node;
	const char *const argv[] = {
	    "wireguard-go", "-f", tunnel->interface, NULL};
	const struct duty *duty = duty_new(about->keeper,
	    &(const struct duty_about){.name = "wireguard-go",
		.node = about->topology->nodes[node].name,
		.argv = argv,
		.net = tunnel->net,
		.share = about->nodes->shares[node],
		.calls = &calls,
		.arg = tunnel},
	    err);
	int steps = 0;

	while (duty != NULL && access(tunnel->socket, F_OK) == -1 &&
	       steps++ < STEPS)
		poll(NULL, 0, STEP_MS);
	if (duty != NULL && steps > STEPS)
		return (error_set(err, "wireguard-go made no interface; its "
				       "reason is in the lab's log"));
	return (duty == NULL ? -1 : 0);
}

static int
make_interface(struct tunnel *tunnel, struct error *err)
{
	const char *const add[] = {
	    "ip", "link", "add", tunnel->interface, "type", "wireguard", NULL};

	if (say(add, NULL, tunnel->net, NULL, NULL) == 0)
		return (0);
	return (start_process(tunnel, err));
}

static int
join(struct tunnel *tunnel, const struct wireguard_pair *node,
    const struct wireguard_pair *host, struct error *err)
{
	const struct gateway_ingress *ingress = tunnel->ingress;
	const char *name = ingress->about->topology->nodes[ingress->node].name;
	const struct wireguard ends = {node, host, ingress->outside,
	    {htonl(ntohl(ingress->inside.s_addr) + 1)}};
	char inside[INET_ADDRSTRLEN], *theirs = wireguard_host(&ends);
	char *file = memory_print("ingress-%s.conf", name);
	int status = make_interface(tunnel, err);

	inet_ntop(AF_INET, &ingress->inside, inside, sizeof(inside));
	tunnel->settings = wireguard_node(&ends);
	tunnel->lines =
	    memory_print("address add %s/24 dev %s\nlink set %s up\n", inside,
		tunnel->interface, tunnel->interface);
	if (status == 0)
		status = raise_interface(tunnel, err);
	if (status == 0)
		status =
		    gateway_write(ingress->about->folder, file, theirs, err);
	tunnel->up = status == 0;
	free(theirs);
	free(file);
	return (status);
}

static void
free_pair(struct wireguard_pair *pair)
{
	free(pair->secret);
	free(pair->public);
}

static struct tunnel *
new_tunnel(const struct gateway_ingress *ingress)
{
	struct tunnel *tunnel = memory_new(1, sizeof(*tunnel));

	tunnel->ingress = ingress;
	tunnel->net = ingress->about->nodes->nets[ingress->node];
	tunnel->interface = memory_print("wg%zu", ingress->node);
	tunnel->socket =
	    memory_print("/run/wireguard/%s.sock", tunnel->interface);
	tunnel->timer = evtimer_new(ingress->about->base, on_timer, tunnel);
	return (tunnel);
}

struct tunnel *
gateway_wireguard(const struct gateway_ingress *ingress, struct error *err)
{
	struct tunnel *tunnel = new_tunnel(ingress);
	struct wireguard_pair node = {NULL}, host = {NULL};
	int status = make_pair(&node, err);

	if (status == 0)
		status = make_pair(&host, err);
	if (status == 0)
		status = join(tunnel, &node, &host, err);
	free_pair(&node);
	free_pair(&host);
	tunnel->ingress = NULL;
	if (status == 0)
		return (tunnel);
	gateway_end_wireguard(tunnel);
	return (NULL);
}

void
gateway_end_wireguard(struct tunnel *tunnel)
{
	if (tunnel == NULL)
		return;
	event_free(tunnel->timer);
	free(tunnel->interface);
	free(tunnel->socket);
	free(tunnel->settings);
	free(tunnel->lines);
	free(tunnel);
}
