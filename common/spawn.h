/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spawn.h - a program started with given descriptors and no others.
 */
#ifndef PHAROS_COMMON_SPAWN_H
#define PHAROS_COMMON_SPAWN_H

#include <stddef.h>
#include <sys/types.h>

#include "common/clock.h"

struct spawn {
	char **argv;     /* NULL-ended; argv[0] is the path */
	const int *keep; /* descriptors, any order */
	size_t kept;
	int keep_as;                /* keep[0] becomes this one, and so on */
	void (*prepare)(void *arg); /* in the new process; may be NULL */
	void *arg;
};

/* The new process has the standard descriptors and those kept, no blocked or
 * ignored signals, and is sent SIGTERM when we die. When the program cannot be
 * executed it says so on standard error and exits with 127. -1: errno. */
pid_t spawn_program(const struct spawn *spawn);
/* "exited with status 1", "killed by signal 9, Killed"; the caller's to free. */
char *spawn_how(int status);
/* How many seconds to wait before the next start of one that is to run always and
 * was started at `since` (monotonic) after a wait of `delay`: none after a minute
 * of life, else 1, doubling to 60. */
int spawn_delay(int delay, nanoseconds since);

#endif
