/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * carried.h - what the routing carries of a node besides its links' networks.
 */
#ifndef PHAROS_LAB_CARRIED_H
#define PHAROS_LAB_CARRIED_H

#include <arpa/inet.h>
#include <stddef.h>

struct topology;

#define CARRIED_MOST 4 /* of one node */

struct carried {
	int family; /* 4, 6 */
	char prefix[INET6_ADDRSTRLEN + 4];
};

/* Its address, and the network of its ingress; in the lab's families. */
size_t carried_of(const struct topology *topology, size_t node,
    struct carried carried[static CARRIED_MOST]);

#endif
