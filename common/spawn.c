/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/log.h"
#include "common/memory.h"

#define DELAY_MOST 60 /* seconds */
#define LONG_LIFE (60 * NS_PER_S)

/* First all out of the way, so that none is overwritten before it is moved. */
static void
place_descriptors(const struct spawn *spawn)
{
	int first_free = spawn->keep_as + (int)spawn->kept;
	int *moved = memory_new(spawn->kept, sizeof(*moved));

	for (size_t i = 0; i < spawn->kept; i++)
		moved[i] = fcntl(spawn->keep[i], F_DUPFD, first_free);
	for (size_t i = 0; i < spawn->kept; i++)
		dup2(moved[i], spawn->keep_as + (int)i);
	closefrom(first_free);
	free(moved);
}

/* The event loop's handlers would write to the parent's own wake-up pipe. */
static void
forget_signals(void)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void __attribute__((noreturn))
become(const struct spawn *spawn, pid_t parent)
{
	forget_signals();
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(1);
	if (spawn->prepare != NULL)
		spawn->prepare(spawn->arg);
	place_descriptors(spawn);
	execv(spawn->argv[0], spawn->argv);
	log_warn("cannot start %s", spawn->argv[0]);
	_exit(127);
}

pid_t
spawn_program(const struct spawn *spawn)
{
	sigset_t all, before;
	pid_t parent = getpid(), pid;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	pid = fork();
	if (pid == 0)
		become(spawn, parent);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return (pid);
}

char *
spawn_how(int status)
{
	int signal = WTERMSIG(status);

	if (WIFEXITED(status))
		return (
		    memory_print("exited with status %d", WEXITSTATUS(status)));
	return (
	    memory_print("killed by signal %d, %s", signal, strsignal(signal)));
}

int
spawn_delay(int delay, nanoseconds since)
{
	if (clock_monotonic() - since >= LONG_LIFE)
		return (0);
	if (delay == 0)
		return (1);
	return (delay * 2 < DELAY_MOST ? delay * 2 : DELAY_MOST);
}
