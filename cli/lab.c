/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos lab: emulated networks with a known truth.
 */
#include "cli/lab.h"

#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/lab_calibrate.h"
#include "common/name.h"

static const struct subcommand {
	const char *name, *summary;
	int (*run)(int argc, char **argv);
} subcommands[] = {
    {"calibrate", "how true links are on this machine", command_lab_calibrate},
    {"cut", "take a link's carrier away", command_lab_cut},
    {"down", "end a lab and remove all of it", command_lab_down},
    {"events", "what happens to links, as it happens", command_lab_events},
    {"exec", "run a command on a node", command_lab_exec},
    {"fail", "make a link lose every packet", command_lab_fail},
    {"from-config", "a topology out of the configuration of routers",
	command_lab_from_config},
    {"log", "what a lab and its daemons have said", command_lab_log},
    {"restore", "mend a link", command_lab_restore},
    {"run", "an experiment: build, measure, judge, end", command_lab_run},
    {"set", "change a link's delay, loss and the like", command_lab_set},
    {"status", "how a lab is", command_lab_status},
    {"truth", "what happens to every packet on a link", command_lab_truth},
    {"up", "build a network and wait until it has converged", command_lab_up},
};

#define SUBCOMMANDS (sizeof(subcommands) / sizeof(subcommands[0]))

static int
usage(FILE *out)
{
	fprintf(out, "usage: pharos lab SUBCOMMAND [OPTION...] "
		     "[ARGUMENT...]\n\n");
	for (size_t i = 0; i < SUBCOMMANDS; i++)
		fprintf(out, "  %-11s %s\n", subcommands[i].name,
		    subcommands[i].summary);
	fprintf(out, "\npharos lab SUBCOMMAND --help says more, "
		     "pharos-lab(1) all.\n");
	return (out == stdout ? 0 : 2);
}

static int
unknown(const char *name)
{
	const char *names[SUBCOMMANDS + 1] = {NULL}, *nearest;

	for (size_t i = 0; i < SUBCOMMANDS; i++)
		names[i] = subcommands[i].name;
	nearest = name_nearest(names, name);
	fprintf(stderr, "pharos: lab has no subcommand \"%s\"", name);
	if (nearest != NULL)
		fprintf(stderr, ", did you mean %s?\n", nearest);
	else
		fprintf(stderr, "; pharos lab --help lists them\n");
	return (2);
}

int
command_lab(int argc, char **argv)
{
	if (argc < 2)
		return (usage(stderr));
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return (usage(stdout));
	for (size_t i = 0; i < SUBCOMMANDS; i++)
		if (strcmp(subcommands[i].name, argv[1]) == 0)
			return (subcommands[i].run(argc - 1, argv + 1));
	return (unknown(argv[1]));
}
