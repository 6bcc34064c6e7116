/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * net.h - all links, and the loop that serves them.
 */
#ifndef PHAROS_LAB_EMULATOR_NET_H
#define PHAROS_LAB_EMULATOR_NET_H

#include "lab/emulator/cable.h"

#define NET_LINKS 1024

struct net {
	struct pool pool;
	struct cable *cables[NET_LINKS];
	size_t count;
	uint64_t seed; /* of the next link */
	nanoseconds
	    early;        /* packets are let go that much before they are due */
	nanoseconds told; /* when verdicts were last written out */
	int epoll;
};

/* 0, or -1 with errno. control is the socket commands come on. */
int net_open(struct net *net, size_t packets, nanoseconds early, int control);
void net_close(struct net *net);
struct cable *net_find(struct net *net, const char *name); /* NULL: none */
/* NULL with errno; the descriptors are the net's only when it is not. */
struct cable *net_add(
    struct net *net, const char *name, const int taps[static 2]);
/* Serves links and, by control_serve, commands until there will be none: 0; or
 * -1 with errno. */
int net_run(struct net *net, int control);

#endif
