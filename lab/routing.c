/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/routing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "common/error.h"
#include "common/member.h"
#include "common/memory.h"
#include "lab/frr.h"
#include "lab/keeper.h"
#include "lab/nodes.h"
#include "lab/notices.h"
#include "lab/routes.h"
#include "lab/speakers.h"
#include "lab/tool.h"
#include "lab/topology.h"

/* In the lab's own /run: daemons that are not root reach it. */
#define FOLDER "/run/routing"

struct routing {
	const struct topology *topology;
	const struct nodes *nodes;
	struct keeper *keeper;
	struct notices *notices;
};

static void
tell(struct routing *routing, const struct duty *duty, const char *state,
    const char *why)
{
	json_object *notice = notices_new_notice("daemon");

	member_add_text(notice, "node", duty_node(duty));
	member_add_text(notice, "daemon", duty_name(duty));
	member_add_text(notice, "state", state);
	member_add_text(notice, "why", why);
	notices_tell(routing->notices, notice);
}

static void
on_started(void *arg, struct duty *duty)
{
	if (duty_restarts(duty) > 0)
		tell(arg, duty, "restarted", NULL);
}

static void
on_ended(void *arg, struct duty *duty, const char *why)
{
	tell(arg, duty, "lost", why);
}

static const struct duty_calls calls = {
    .started = on_started, .ended = on_ended};

static int
add_routes(const struct routing *routing, size_t node, struct error *err)
{
	static const char *const argv[] = {"ip", "-batch", "-", NULL};
	char *text = NULL;
	size_t length;
	FILE *lines = open_memstream(&text, &length);
	int status;

	routes_write(routing->topology, node, lines);
	fclose(lines);
	status = tool_run(
	    &(const struct tool){
		.argv = argv, .input = text, .net = routing->nodes->nets[node]},
	    err);
	free(text);
	return (status);
}

static int
start(struct routing *routing, size_t node, size_t which, const char *folder,
    struct error *err)
{
	const struct topology *topology = routing->topology;
	char **argv = speakers_argv(topology, node, which, folder);
	const struct duty *duty = duty_new(routing->keeper,
	    &(const struct duty_about){
		.name = speakers_name(topology, node, which),
		.node = topology->nodes[node].name,
		.argv = (const char *const *)argv,
		.net = routing->nodes->nets[node],
		.share = routing->nodes->shares[node],
		.calls = &calls,
		.arg = routing},
	    err);

	speakers_free_argv(argv);
	return (duty == NULL ? -1 : 0);
}

static int
make_folder(const char *folder, struct error *err)
{
	if (mkdir(folder, 0755) == -1 && errno != EEXIST)
		return (error_set(err, "%s: %m", folder));
	return (0);
}

static int
start_node(struct routing *routing, size_t node, struct error *err)
{
	char *folder =
	    memory_print(FOLDER "/%s", routing->topology->nodes[node].name);
	size_t count = speakers_count(routing->topology, node);
	int status = add_routes(routing, node, err);

	if (status == 0 && count > 0)
		status = make_folder(folder, err);
	if (status == 0 && count > 0)
		status = speakers_write(routing->topology, node, folder, err);
	for (size_t i = 0; i < count && status == 0; i++)
		status = start(routing, node, i, folder, err);
	free(folder);
	return (status);
}

struct routing *
routing_new(const struct topology *topology, const struct nodes *nodes,
    struct keeper *keeper, struct notices *notices, struct error *err)
{
	struct routing *routing = memory_new(1, sizeof(*routing));
	int status = make_folder(FOLDER, err);

	if (status == 0 && topology->routing == ROUTING_FRR)
		status = frr_hide_traces(err);
	*routing = (struct routing){topology, nodes, keeper, notices};
	for (size_t i = 0; i < topology->node_count && status == 0; i++)
		if ((status = start_node(routing, i, err)) == -1)
			error_place(err, "node %s", topology->nodes[i].name);
	if (status == 0)
		return (routing);
	routing_free(routing);
	return (NULL);
}

void
routing_free(struct routing *routing)
{
	free(routing);
}
