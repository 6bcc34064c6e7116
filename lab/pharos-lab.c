/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos-lab: one emulated network, and all that runs in it.
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/log.h"
#include "defines.h"
#include "lab/lab.h"

static int
usage(FILE *out)
{
	fprintf(out,
	    "usage: pharos-lab --name NAME [--tell FD] [--people FD] "
	    "[--events-later] [--backend NAME] FILE\n"
	    "\n"
	    "Holds the network that FILE describes for as long as it lives;\n"
	    "\"pharos lab up\" starts it.\n");
	return (out == stdout ? 0 : 2);
}

static int
descriptor(const char *text)
{
	int fd = (int)strtol(text, NULL, 10);

	fcntl(fd, F_SETFD, FD_CLOEXEC);
	return (fd);
}

/* -1: go on; else the exit status. */
static int
read_arguments(int argc, char **argv, struct lab_about *about)
{
	static const struct option options[] = {
	    {"name", required_argument, NULL, 'n'},
	    {"tell", required_argument, NULL, 't'},
	    {"people", required_argument, NULL, 'p'},
	    {"events-later", no_argument, NULL, 'e'},
	    {"backend", required_argument, NULL, 'b'},
	    {"version", no_argument, NULL, 'V'},
	    {"help", no_argument, NULL, 'h'}, {NULL}};
	int c;

	while ((c = getopt_long(argc, argv, "hV", options, NULL)) != -1) {
		if (c == 'n')
			about->name = optarg;
		else if (c == 't')
			about->tell = descriptor(optarg);
		else if (c == 'p')
			about->people = descriptor(optarg);
		else if (c == 'e')
			about->events = false;
		else if (c == 'b')
			about->backend = optarg;
		else if (c == 'V')
			return (printf("pharos-lab " PACKAGE_VERSION "\n") < 0);
		else
			return (usage(c == 'h' ? stdout : stderr));
	}
	if (about->name == NULL || argc != optind + 1)
		return (usage(stderr));
	about->file = argv[optind];
	return (-1);
}

int
main(int argc, char **argv)
{
	struct lab_about about = {.tell = -1, .people = -1, .events = true};
	int status = read_arguments(argc, argv, &about);

	if (status != -1)
		return (status);
	log_open("pharos-lab", false);
	status = lab_run(&about);
	log_close();
	return (status);
}
