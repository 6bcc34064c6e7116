/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos lab exec: run a command on a node.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/lab.h"
#include "cli/output.h"

#define NOT_FOUND 127
#define NOT_ALLOWED 126
#define BY_SIGNAL 128
#define LAB "--lab="

static int
usage(FILE *out)
{
	fprintf(out,
	    "usage: pharos lab exec [--lab NAME] NODE COMMAND "
	    "[ARGUMENT...]\n"
	    "\n"
	    "Runs the command on the node and ends as it did. It ends with\n"
	    "the lab.\n");
	return (out == stdout ? 0 : 2);
}

/* Options stand before the node: those behind it are the command's. */
static int
read_arguments(int argc, char **argv, const char **lab, int *first)
{
	int i = 1;

	if (i < argc &&
	    (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0))
		return (usage(stdout));
	if (i + 1 < argc && strcmp(argv[i], "--lab") == 0) {
		*lab = argv[i + 1];
		i += 2;
	} else if (i < argc && strncmp(argv[i], LAB, strlen(LAB)) == 0) {
		*lab = argv[i++] + strlen(LAB);
	}
	if (i < argc && strcmp(argv[i], "--") == 0)
		i++;
	*first = i;
	return (i + 1 < argc && argv[i][0] != '-' ? -1 : usage(stderr));
}

static void __attribute__((noreturn))
become(char **argv, const struct lab_door *door)
{
	struct error err;

	if (lab_settle(door, &err) == -1)
		_exit(output_fail(NOT_ALLOWED, &err));
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	execvp(argv[0], argv);
	fprintf(stderr, "pharos: %s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? NOT_FOUND : NOT_ALLOWED);
}

/* The terminal's signals reach the command; it decides. No exit handler is run:
 * this process is half in the lab, where a leak checker waits for itself for
 * ever. */
static void __attribute__((noreturn))
run(char **argv, const struct lab_door *door)
{
	int status;
	pid_t pid;

	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	if ((pid = fork()) == 0)
		become(argv, door);
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			_exit(NOT_ALLOWED);
	_exit(WIFSIGNALED(status) ? BY_SIGNAL + WTERMSIG(status)
				  : WEXITSTATUS(status));
}

int
command_lab_exec(int argc, char **argv)
{
	const char *lab = NULL;
	int first, status = read_arguments(argc, argv, &lab, &first);
	struct lab_door door;
	struct error err;
	char *name;

	if (status != -1)
		return (status);
	if ((name = lab_choose(lab, &err)) == NULL)
		return (output_fail(2, &err));
	status = lab_enter(name, argv[first], &door, &err);
	free(name);
	if (status != 0) {
		free(door.share);
		return (output_fail(status, &err));
	}
	run(argv + first + 1, &door);
}
