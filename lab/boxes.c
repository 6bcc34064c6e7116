/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/boxes.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/daemon.h"
#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/place.h"
#include "lab/boxes_fleet.h"
#include "lab/keeper.h"
#include "lab/nodes.h"
#include "lab/tool.h"
#include "lab/topology.h"

#define PORT 8641 /* where agents report */
#define TRY_MS 200
#define TRIES 600
#define CLOCK                                                       \
	"\n# All nodes of a lab read the one clock of this host.\n" \
	"clock: {vouched: 0s, because: nodes of a lab read one clock}\n"

struct box {
	struct boxes *boxes;
	const struct topology_node *node;
	size_t index;
	char *folder, *config;
	bool collects;
};

struct boxes {
	struct boxes_about about;
	struct box *box; /* daemons, the collector first */
	size_t count;
	char *url, *page; /* of the collector: for agents, for people */
};

/* A program of ours in the lab, to its end. */
static int
run(const char *program, const char *const *arguments, char **output,
    struct error *err)
{
	char *path = place_program(program);
	const char *argv[12] = {path};
	int status;

	for (size_t i = 0; arguments[i] != NULL; i++)
		argv[i + 1] = arguments[i];
	status = tool_run(
	    &(const struct tool){.argv = argv, .output = output, .net = -1},
	    err);
	free(path);
	return (status);
}

static int
enrol_once(const struct box *box, struct error *err)
{
	const char *collector = box->boxes->box[0].config;
	char *state = memory_print("%s/state", box->folder), *token = NULL;
	const char *const ask[] = {
	    "token", "new", box->node->name, "--config", collector, NULL};
	int status = run("pharos", ask, &token, err);

	if (status == 0) {
		const char *const enrol[] = {"enroll", "--collector",
		    box->boxes->url, "--token", token, "--config", box->config,
		    "--state", state, NULL};

		token[strcspn(token, "\n")] = '\0';
		status = run("pharos", enrol, NULL, err);
	}
	free(token);
	free(state);
	return (status);
}

/* Namespaces have no clock of their own: what is vouched for holds whatever keeps
 * the host's, if anything does. */
static void
vouch(const struct box *box)
{
	FILE *out = fopen(box->config, "a");
	bool written = out != NULL && fputs(CLOCK, out) != EOF;

	if ((out != NULL && fclose(out) == EOF) || !written)
		log_warn("%s: the clock is not vouched for", box->config);
}

/* In the process that becomes pharosd: the collector may need a while. */
static void
prepare_agent(const struct box *box)
{
	struct error err;

	for (int tries = 0; access(box->config, F_OK) == -1; tries++) {
		if (enrol_once(box, &err) == 0) {
			vouch(box);
			break;
		}
		if (tries == TRIES) {
			log_warnx("%s: %s", box->node->name, err.text);
			_exit(1);
		}
		poll(NULL, 0, TRY_MS);
	}
}

/* The socket comes as systemd would hand it over. */
static void
prepare_collector(const struct box *box)
{
	char *pid = memory_print("%d", (int)getpid());

	if (box->boxes->about.people != -1) {
		setenv("LISTEN_PID", pid, 1);
		setenv("LISTEN_FDS", "1", 1);
		setenv("LISTEN_FDNAMES", "people", 1);
	}
	free(pid);
}

static void
prepare(void *arg)
{
	const struct box *box = arg;

	if (box->collects)
		prepare_collector(box);
	else
		prepare_agent(box);
}

static const struct duty_calls calls = {.prepare = prepare};

static int
start(struct box *box, struct error *err)
{
	const struct boxes_about *about = &box->boxes->about;
	const char *name = box->collects ? "pharos-collectord" : "pharosd";
	char *path = place_program(name);
	const char *argv[] = {path, "-c", box->config, NULL};
	const struct duty *duty = duty_new(about->keeper,
	    &(const struct duty_about){.name = name,
		.node = box->node->name,
		.argv = argv,
		.net = about->nodes->nets[box->index],
		.share = about->nodes->shares[box->index],
		.keep = &about->people,
		.kept = box->collects && about->people != -1,
		.calls = &calls,
		.arg = box},
	    err);

	free(path);
	return (duty == NULL ? -1 : 0);
}

static char *
address_text(const struct topology *topology, const struct topology_node *node,
    int family)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (family == AF_INET && topology->ipv4)
		inet_ntop(family, &node->address, text, sizeof(text));
	if (family == AF_INET6 && topology->ipv6)
		inet_ntop(family, &node->address6, text, sizeof(text));
	return (text[0] == '\0' ? NULL : memory_text(text));
}

/* A collector that has no good fleet runs, and waits for one. */
static int
check_fleet(const struct box *box, struct error *err)
{
	const char *const arguments[] = {"--check", "-c", box->config, NULL};

	if (run("pharos-collectord", arguments, NULL, err) == 0)
		return (0);
	return (error_place(
	    err, "sites, meshes and tests of the topology as a fleet file"));
}

static int
init_collector(struct box *box, struct error *err)
{
	const struct topology *topology = box->boxes->about.topology;
	char *v4 = address_text(topology, box->node, AF_INET);
	char *v6 = address_text(topology, box->node, AF_INET6);
	const char *const arguments[] = {"init", box->folder, "--name",
	    v4 != NULL ? v4 : v6, v4 != NULL ? v6 : NULL, NULL};
	char *fleet = memory_print("%s/fleet.yaml", box->folder);
	int status = run("pharos-collectord", arguments, NULL, err);

	box->boxes->url = v4 != NULL
			      ? memory_print("https://%s:%d", v4, PORT)
			      : memory_print("https://[%s]:%d", v6, PORT);
	if (status == 0)
		status = boxes_write_fleet(topology, fleet, err);
	if (status == 0)
		status = check_fleet(box, err);
	free(fleet);
	free(v4);
	free(v6);
	return (status);
}

static void
add(struct boxes *boxes, size_t index, bool collects)
{
	const char *name = collects ? "collector" : "agent";
	struct box *box = &boxes->box[boxes->count++];

	box->boxes = boxes;
	box->node = &boxes->about.topology->nodes[index];
	box->index = index;
	box->collects = collects;
	box->folder = memory_print(
	    "%s/node-%s/%s", boxes->about.folder, box->node->name, name);
	box->config = memory_print("%s/%s.yaml", box->folder, name);
}

/* The collector first; without one there is nobody to report to. */
static void
find(struct boxes *boxes)
{
	const struct topology *topology = boxes->about.topology;

	boxes->box = memory_new(topology->node_count + 1, sizeof(*boxes->box));
	for (size_t i = 0; i < topology->node_count && boxes->count == 0; i++)
		if (topology->nodes[i].collector)
			add(boxes, i, true);
	for (size_t i = 0; i < topology->node_count && boxes->count > 0; i++)
		if (topology->nodes[i].agent)
			add(boxes, i, false);
}

/* Where the socket that was handed over listens. */
static void
name_page(struct boxes *boxes)
{
	struct sockaddr_in address = {0};
	socklen_t length = sizeof(address);

	if (boxes->count > 0 && boxes->about.people != -1 &&
	    getsockname(
		boxes->about.people, (struct sockaddr *)&address, &length) == 0)
		boxes->page = memory_print(
		    "http://127.0.0.1:%d", (int)ntohs(address.sin_port));
}

struct boxes *
boxes_new(const struct boxes_about *about, struct error *err)
{
	struct boxes *boxes = memory_new(1, sizeof(*boxes));
	int status = 0;

	boxes->about = *about;
	find(boxes);
	name_page(boxes);
	for (size_t i = 0; i < boxes->count && status == 0; i++)
		status = daemon_make_dir(boxes->box[i].folder, err);
	if (boxes->count > 0 && status == 0)
		status = init_collector(&boxes->box[0], err);
	for (size_t i = 0; i < boxes->count && status == 0; i++)
		status = start(&boxes->box[i], err);
	if (status == 0)
		return (boxes);
	boxes_free(boxes);
	return (NULL);
}

void
boxes_free(struct boxes *boxes)
{
	if (boxes == NULL)
		return;
	for (size_t i = 0; i < boxes->count; i++) {
		free(boxes->box[i].folder);
		free(boxes->box[i].config);
	}
	free(boxes->box);
	free(boxes->url);
	free(boxes->page);
	free(boxes);
}

bool
boxes_ready(const struct boxes *boxes)
{
	for (size_t i = 0; i < boxes->count; i++)
		if (access(boxes->box[i].config, F_OK) == -1)
			return (false);
	return (true);
}

const char *
boxes_page(const struct boxes *boxes)
{
	return (boxes == NULL ? NULL : boxes->page);
}
