/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nodes.h - the nodes of a lab: their namespaces, addresses and routes.
 */
#ifndef PHAROS_LAB_NODES_H
#define PHAROS_LAB_NODES_H

#include <stddef.h>

struct error;
struct group;
struct keeper;
struct space;
struct topology;

struct nodes {
	int *nets;     /* a network namespace each */
	char **shares; /* for group_enter; NULL: takes what it gets */
	size_t count;
};

/* Namespaces with their kernels' settings, before they have an interface. group
 * may be NULL when no node asks for a share. */
struct nodes *nodes_new(const struct space *space,
    const struct topology *topology, struct group *group, struct error *err);
void nodes_free(struct nodes *nodes); /* NULL is fine */
/* Addresses, interfaces up, static routes; links are there. */
int nodes_address(const struct nodes *nodes, const struct topology *topology,
    struct error *err);

#endif
