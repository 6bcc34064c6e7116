/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos lab from-config: a topology out of the configuration of routers.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/arguments.h"
#include "cli/lab.h"
#include "cli/output.h"
#include "common/log.h"
#include "lab/from_config.h"

static void
usage(FILE *out)
{
	fprintf(out,
	    "usage: pharos lab from-config FOLDER\n"
	    "\n"
	    "Prints the topology of a network of real routers. FOLDER has a\n"
	    "folder for each, by its name, with its FRR or BIRD files.\n");
}

/* The whole, or nothing of it. */
static int
print(const char *folder, struct error *err)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	int result;

	if (out == NULL)
		log_fatal("out of memory");
	result = from_config_folder(folder, out, err);
	fclose(out);
	if (result == 0)
		fwrite(text, 1, length, stdout);
	free(text);
	return (result);
}

int
command_lab_from_config(int argc, char **argv)
{
	static const struct argument arguments[] = {{NULL}};
	int status = arguments_read(argc, argv, arguments, 1, usage);
	struct error err;

	if (status != -1)
		return (status);
	if (print(argv[optind], &err) == -1)
		return (output_fail(2, &err));
	return (0);
}
