/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spawn.h - a program started with given descriptors and no others.
 */
#ifndef PHAROS_COMMON_SPAWN_H
#define PHAROS_COMMON_SPAWN_H

#include <stddef.h>
#include <sys/types.h>

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

#endif
