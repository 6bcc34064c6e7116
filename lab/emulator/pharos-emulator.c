/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos-emulator: the links of a lab. command.h says how it is told what to do.
 */
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "defines.h"
#include "lab/emulator/command.h"
#include "lab/emulator/net.h"

struct arguments {
	long packets, early, realtime;
};

static int
version(void)
{
	printf("pharos-emulator " PACKAGE_VERSION "\n");
	return (0);
}

static int
usage(FILE *out)
{
	fprintf(out,
	    "usage: pharos-emulator [--packets N] [--early NS] "
	    "[--realtime PRIORITY]\n"
	    "       pharos-emulator --version\n"
	    "\n"
	    "Emulates links between TAP interfaces. Descriptor 3 is a socket "
	    "on which\nlinks and commands come; pharos lab starts it.\n");
	return (out == stdout ? 0 : 2);
}

static int
read_number(const char *text, long most, long *value)
{
	char *end;

	errno = 0;
	*value = strtol(text, &end, 10);
	return (errno == 0 && end != text && *end == '\0' && *value >= 0 &&
			*value <= most
		    ? 0
		    : -1);
}

/* -1: go on; else the exit status. */
static int
read_arguments(int argc, char **argv, struct arguments *arguments)
{
	static const struct option options[] = {
	    {"packets", required_argument, NULL, 'p'},
	    {"early", required_argument, NULL, 'e'},
	    {"realtime", required_argument, NULL, 'r'},
	    {"version", no_argument, NULL, 'V'},
	    {"help", no_argument, NULL, 'h'}, {NULL}};
	int c, status = 0;

	while ((c = getopt_long(argc, argv, "hV", options, NULL)) != -1) {
		if (c == 'p')
			status |=
			    read_number(optarg, 1 << 24, &arguments->packets);
		else if (c == 'e')
			status |=
			    read_number(optarg, NS_PER_MS, &arguments->early);
		else if (c == 'r')
			status |= read_number(optarg, 99, &arguments->realtime);
		else if (c == 'V')
			return (version());
		else
			return (usage(c == 'h' ? stdout : stderr));
	}
	return (status != 0 || optind < argc ? usage(stderr) : -1);
}

/* Without it links are less true, yet they work. */
static void
hurry(long priority)
{
	struct sched_param param = {.sched_priority = (int)priority};

	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	if (priority > 0 && sched_setscheduler(0, SCHED_FIFO, &param) == -1)
		fprintf(stderr, "pharos-emulator: real-time priority %ld: %s\n",
		    priority, strerror(errno));
}

static bool
is_socket(int fd)
{
	struct stat about;

	return (fstat(fd, &about) == 0 && S_ISSOCK(about.st_mode));
}

int
main(int argc, char **argv)
{
	struct arguments arguments = {.packets = 65536, .early = 0};
	int status = read_arguments(argc, argv, &arguments);
	struct net net;

	if (status != -1)
		return (status);
	if (!is_socket(EMULATOR_FD)) {
		fprintf(stderr,
		    "pharos-emulator: descriptor %d is no socket: pharos lab "
		    "starts it, with one on which links and commands come\n",
		    EMULATOR_FD);
		return (2);
	}
	signal(SIGPIPE, SIG_IGN);
	hurry(arguments.realtime);
	if (net_open(&net, (size_t)arguments.packets, arguments.early,
		EMULATOR_FD) == -1) {
		fprintf(stderr, "pharos-emulator: %s\n", strerror(errno));
		return (3);
	}
	if ((status = net_run(&net, EMULATOR_FD)) == -1)
		fprintf(stderr, "pharos-emulator: %s\n", strerror(errno));
	net_close(&net);
	return (status == 0 ? 0 : 3);
}
