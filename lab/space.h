/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * space.h - the namespaces of a lab.
 */
#ifndef PHAROS_LAB_SPACE_H
#define PHAROS_LAB_SPACE_H

#include <stdbool.h>
#include <sys/types.h>

struct error;

struct space {
	pid_t pid;   /* ours, as those outside see it */
	int home;    /* network namespace of pharos-lab: empty */
	int outside; /* the one it came from; -1: no way back there */
	bool user;   /* in a user namespace of its own */
};

/* The process that calls it ends; its child goes on, as the init process of a new
 * PID namespace with mount and network namespaces of its own, and, without the
 * right to make those, in a user namespace. /run is empty but for folder, where
 * the lab's own files are. */
int space_begin(struct space *space, const char *folder, struct error *err);
/* A new, empty network namespace with its loopback up; this process stays where
 * it was. The descriptor, or -1. */
int space_net(const struct space *space, struct error *err);
/* Into a network namespace. */
int space_enter(int net, struct error *err);

#endif
