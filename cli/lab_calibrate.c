/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos lab calibrate: how true emulated links are on this machine.
 */
#include "cli/lab_calibrate.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/arguments.h"
#include "cli/output.h"
#include "common/memory.h"
#include "lab/calibrate.h"

static void
usage(FILE *out)
{
	fprintf(out,
	    "usage: pharos lab calibrate [--quick] [--backend BACKEND] "
	    "[--output FILE]\n"
	    "\n"
	    "  --quick            a few seconds instead of half a minute, less "
	    "sure\n"
	    "  --backend BACKEND  auto (default), netem or emulator makes the "
	    "links\n"
	    "  --output FILE      keep the figures there, not with what Pharos "
	    "keeps\n"
	    "\n"
	    "Makes links, sends frames over them and says how far delay, loss "
	    "and rate\nare from what was asked for: as the machine is now, and "
	    "with all its cores\nbusy. Needs root.\n");
}

static int
calibrate(enum trial_kind kind, bool quick, const char *path)
{
	struct calibration calibration;
	struct error err;

	if (calibrate_run(kind, quick, &calibration, &err) == -1)
		return (output_fail(3, &err));
	calibrate_print(&calibration, stdout);
	if (calibrate_keep(&calibration, path, &err) == -1)
		return (output_fail(3, &err));
	printf("\nkept in %s\n", path);
	return (0);
}

int
command_lab_calibrate(int argc, char **argv)
{
	const char *backend = "auto", *output = NULL;
	bool quick = false;
	const struct argument arguments[] = {{"quick", NULL, &quick},
	    {"backend", &backend}, {"output", &output}, {NULL}};
	int status = arguments_read(argc, argv, arguments, 0, usage);
	enum trial_kind kind;
	struct error err;
	char *path;

	if (status != -1)
		return (status);
	if (calibrate_choose(backend, &kind, &err) == -1)
		return (output_fail(2, &err));
	path = output == NULL ? calibrate_path(&err) : memory_text(output);
	if (path == NULL)
		return (output_fail(3, &err));
	status = calibrate(kind, quick, path);
	free(path);
	return (status);
}
