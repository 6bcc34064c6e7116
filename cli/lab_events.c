/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos lab events: what happens to links, as it happens.
 */
#include <getopt.h>
#include <stdlib.h>

#include "cli/arguments.h"
#include "cli/lab.h"
#include "cli/output.h"
#include "lab/run.h"

#define GONE_MS 2000 /* a lab that dies breaks off, and is soon gone */

static void
usage(FILE *out)
{
	fprintf(out,
	    "usage: pharos lab events [NAME]\n"
	    "\n"
	    "Prints one JSON object a line as links of the lab fail, come\n"
	    "back or are changed and daemons die or return, until the lab "
	    "ends.\n");
}

static bool
print(void *arg, const char *data, size_t length)
{
	fwrite(data, 1, length, stdout);
	return (fflush(stdout) == 0);
}

int
command_lab_events(int argc, char **argv)
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
	status = 0;
	if (lab_listen(name, "/v1/events", print, NULL, &err) == -1 &&
	    !run_wait(name, GONE_MS))
		status = output_fail(3, &err);
	free(name);
	return (status);
}
