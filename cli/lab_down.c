/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos lab down: end a lab and remove all of it.
 */
#include <getopt.h>
#include <stdlib.h>

#include "cli/arguments.h"
#include "cli/lab.h"
#include "cli/output.h"

static void
usage(FILE *out)
{
	fprintf(out, "usage: pharos lab down [NAME]\n"
		     "\n"
		     "Ends the lab, also one whose process has died, and "
		     "removes\nall that is left of it.\n");
}

int
command_lab_down(int argc, char **argv)
{
	static const struct argument arguments[] = {{NULL, NULL}};
	int status =
	    arguments_read(argc, argv, arguments, ARGUMENTS_ONE, usage);
	struct error err;
	char *name;

	if (status != -1)
		return (status);
	if ((name = lab_choose(argv[optind], &err)) == NULL)
		return (output_fail(2, &err));
	status = lab_end(name, &err) == -1 ? output_fail(3, &err) : 0;
	free(name);
	return (status);
}
