/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos lab calibrate: how true emulated links are on this machine.
 */
#include "cli/lab_calibrate.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/output.h"
#include "common/memory.h"
#include "lab/calibrate.h"

static int
usage(FILE *out)
{
	fprintf(out,
	    "usage: pharos lab calibrate [--quick] [--output FILE]\n"
	    "\n"
	    "  --quick        a few seconds instead of half a minute, less sure\n"
	    "  --output FILE  keep the figures there, not with what Pharos "
	    "keeps\n"
	    "\n"
	    "Makes links, sends frames over them and says how far delay, loss "
	    "and rate\nare from what was asked for: as the machine is now, and "
	    "with all its cores\nbusy. Needs root.\n");
	return (out == stdout ? 0 : 2);
}

static int
calibrate(bool quick, const char *path)
{
	struct calibration calibration;
	struct error err;

	if (calibrate_run(quick, &calibration, &err) == -1)
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
	static const struct option options[] = {
	    {"quick", no_argument, NULL, 'q'},
	    {"output", required_argument, NULL, 'o'},
	    {"help", no_argument, NULL, 'h'}, {NULL}};
	char *path = NULL;
	bool quick = false;
	struct error err;
	int c, status;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'q') {
			quick = true;
		} else if (c == 'o') {
			free(path);
			path = memory_text(optarg);
		} else {
			free(path);
			return (usage(c == 'h' ? stdout : stderr));
		}
	}
	if (path == NULL && (path = calibrate_path(&err)) == NULL)
		return (output_fail(3, &err));
	status = optind < argc ? usage(stderr) : calibrate(quick, path);
	free(path);
	return (status);
}
