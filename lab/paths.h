/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * paths.h - the cheapest ways through a topology, by the costs of its links.
 *
 * As OSPF finds them: hosts forward nothing, and ways of equal cost are all used.
 */
#ifndef PHAROS_LAB_PATHS_H
#define PHAROS_LAB_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct paths;
struct topology;

/* From this node; borrows the topology. */
struct paths *paths_new(const struct topology *topology, size_t from);
void paths_free(struct paths *paths); /* NULL is fine */
/* Of the way there; 0: from is meant. */
int64_t paths_cost(const struct paths *paths, size_t to);
/* The links, in the file's order, that are the first of a cheapest way there;
 * how many. first has room for all links. */
size_t paths_first(const struct paths *paths, size_t to, size_t first[]);
/* The same to a link's network: it is as far as the nearer of its ends. */
size_t paths_first_to_link(
    const struct paths *paths, size_t link, size_t first[]);
/* Nodes of one cheapest way, both ends included, the same each time; how many.
 * way has room for all nodes. */
size_t paths_way(
    const struct topology *topology, size_t from, size_t to, size_t way[]);

#endif
