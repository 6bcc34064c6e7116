/* SPDX-License-Identifier: BSD-2-Clause */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "common/daemon.h"
#include "common/memory.h"
#include "common/place.h"
#include "defines.h"

enum { EXIT_USAGE = 2 };

static const struct option options[] = {
    {"config", required_argument, NULL, 'c'},
    {"check", no_argument, NULL, 'n'},
    {"debug", no_argument, NULL, 'd'},
    {"version", no_argument, NULL, 'V'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int
say_version(const char *path)
{
	const char *slash = strrchr(path, '/');

	printf("%s %s\n", slash == NULL ? path : slash + 1, PACKAGE_VERSION);
	return (EXIT_SUCCESS);
}

int
daemon_read_arguments(struct daemon_arguments *arguments, int argc, char **argv,
    const char *file, void (*usage)(FILE *out))
{
	int c;

	while ((c = getopt_long(argc, argv, "c:ndVh", options, NULL)) != -1)
		switch (c) {
		case 'c':
			free(arguments->config);
			arguments->config = memory_text(optarg);
			break;
		case 'n':
			arguments->check = true;
			break;
		case 'd':
			arguments->debug = true;
			break;
		case 'V':
			return (say_version(argv[0]));
		default:
			usage(c == 'h' ? stdout : stderr);
			return (c == 'h' ? EXIT_SUCCESS : EXIT_USAGE);
		}
	if (optind != argc) {
		usage(stderr);
		return (EXIT_USAGE);
	}
	if (arguments->config == NULL)
		arguments->config = place_config(file);
	return (-1);
}
