/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos: one command line for measuring, asking and operating.
 */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "common/log.h"
#include "common/name.h"
#include "defines.h"

static const struct command {
	const char *name, *summary;
	int (*run)(int argc, char **argv);
} commands[] = {
    {"check", "is this fleet file right?", command_check},
    {"clock", "how right this clock is, or a fleet's are", command_clock},
    {"enroll", "make this host a box of a fleet", command_enroll},
    {"lab", "emulated networks with a known truth", command_lab},
    {"matrix", "a test's pairs as a matrix", command_matrix},
    {"probe", "measure now, from here", command_probe},
    {"records", "single records, as they were measured", command_records},
    {"reload", "make the collector read its fleet file", command_reload},
    {"remove", "take a box's membership away", command_remove},
    {"respond", "be a probe's far end, without a fleet", command_respond},
    {"series", "a pair's history", command_series},
    {"status", "how the daemon on this host is", command_status},
    {"token", "let a box into the fleet, once", command_token},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int
usage(FILE *out)
{
	fprintf(out, "usage: pharos COMMAND [OPTION...] [ARGUMENT...]\n\n");
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(
		    out, "  %-8s %s\n", commands[i].name, commands[i].summary);
	fprintf(out, "\npharos COMMAND --help says more.\n");
	return (out == stdout ? 0 : 2);
}

static const struct command *
find(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return (&commands[i]);
	return (NULL);
}

static int
unknown(const char *name)
{
	const char *names[COMMANDS + 1] = {NULL}, *nearest;

	for (size_t i = 0; i < COMMANDS; i++)
		names[i] = commands[i].name;
	nearest = name_nearest(names, name);
	fprintf(stderr, "pharos: there is no command \"%s\"", name);
	if (nearest != NULL)
		fprintf(stderr, ", did you mean %s?\n", nearest);
	else
		fprintf(stderr, "; pharos --help lists them\n");
	return (2);
}

int
main(int argc, char **argv)
{
	const struct command *command;

	log_open("pharos", false);
	if (argc < 2)
		return (usage(stderr));
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return (usage(stdout));
	if (strcmp(argv[1], "--version") == 0) {
		printf("pharos %s\n", PACKAGE_VERSION);
		return (0);
	}
	if ((command = find(argv[1])) == NULL)
		return (unknown(argv[1]));
	return (output_end(command->run(argc - 1, argv + 1)));
}
