/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos lab up: build a network and wait until it has converged.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/arguments.h"
#include "cli/lab.h"
#include "cli/lab_start.h"
#include "cli/output.h"
#include "common/clock.h"
#include "common/member.h"
#include "lab/topology.h"

#define PORT_MOST 65535

static void
usage(FILE *out)
{
	fprintf(out,
	    "usage: pharos lab up FILE [--name NAME] [--port PORT] [--backend "
	    "BACKEND]\n"
	    "\n"
	    "  --name NAME        of this lab (default: what the file says)\n"
	    "  --port PORT        of the collector's pages, on 127.0.0.1 "
	    "(default: any)\n"
	    "  --backend BACKEND  auto, netem or emulator makes the links "
	    "(default:\n"
	    "                     what the file says)\n"
	    "\n"
	    "FILE is a topology, or the name of one that is shipped. Comes\n"
	    "back when every node has its best route to every other and all\n"
	    "agents have enrolled. \"pharos lab down\" ends it.\n");
}

static int
read_port(const char *text, int *port, struct error *err)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (end == text || *end != '\0' || value < 0 || value > PORT_MOST)
		return (error_set(
		    err, "--port %s: expected a number up to 65535", text));
	*port = (int)value;
	return (0);
}

static void
print_ready(const char *name, nanoseconds began)
{
	json_object *lab = lab_ask(name, "/v1/lab", NULL, NULL);
	const char *page = member_text_or(lab, "page", NULL);

	printf("lab %s is up, %.1f s in all; pharos lab status %s shows it, "
	       "pharos lab down %s ends it\n",
	    name, clock_seconds(clock_monotonic() - began), name, name);
	if (page != NULL)
		printf("the collector's pages: %s\n", page);
	json_object_put(lab);
}

static int
up(const struct lab_start *start)
{
	nanoseconds began = clock_monotonic();
	struct error err;
	int status;

	if ((status = lab_start(start, &err)) != 0)
		return (output_fail(status, &err));
	print_ready(start->name, began);
	return (0);
}

int
command_lab_up(int argc, char **argv)
{
	struct lab_start start = {.events = true};
	const char *port = NULL;
	const struct argument arguments[] = {{"name", &start.name},
	    {"port", &port}, {"backend", &start.backend}, {NULL}};
	int status = arguments_read(argc, argv, arguments, 1, usage);
	struct topology *topology;
	struct error err;

	if (status != -1)
		return (status);
	if (port != NULL && read_port(port, &start.port, &err) == -1)
		return (output_fail(2, &err));
	start.file = argv[optind];
	if ((topology = lab_start_read(&start, &err)) == NULL)
		return (output_fail(2, &err));
	status = up(&start);
	topology_free(topology);
	free(start.text);
	return (status);
}
