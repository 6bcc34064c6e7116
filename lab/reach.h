/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reach.h - has each node a best route to every other?
 *
 * The kernel of each node is asked where it would send a packet for another's
 * address; that must be one step on a path of the least cost. So a lab has
 * converged when packets take the paths they will keep.
 */
#ifndef PHAROS_LAB_REACH_H
#define PHAROS_LAB_REACH_H

#include <stdbool.h>

struct error;
struct links;
struct reach;
struct space;
struct topology;

/* Borrows all of them; nets are the nodes' namespaces. */
struct reach *reach_new(const struct space *space,
    const struct topology *topology, const struct links *links, const int *nets,
    struct error *err);
void reach_free(struct reach *reach); /* NULL is fine */
/* All of them, now; false: err says which one lacks a route to which. */
bool reach_all(struct reach *reach, struct error *err);

#endif
