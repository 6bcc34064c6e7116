/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * topology_parts.h - what the files that read a topology share.
 *
 * All but the last return -1 with the place of the mistake in err.
 */
#ifndef PHAROS_LAB_TOPOLOGY_PARTS_H
#define PHAROS_LAB_TOPOLOGY_PARTS_H

#include "common/yaml.h"
#include "lab/topology.h"

/* In the order of enum topology_backend, ends with NULL. */
extern const char *const topology_backends[];

/* Are all keys among these, which end with NULL, or names of the table? */
int topology_known(const struct yml *map, const char *const *keys,
    const struct setting *table, struct error *err);
/* A name of a node or link that there must be. */
int topology_refer_node(const struct topology *topology, const struct yml *name,
    size_t *node, struct error *err);
int topology_refer_link(const struct topology *topology, const struct yml *name,
    size_t *link, struct error *err);
/* One address or a list of one of each family; with its prefix if prefix is not
 * NULL, which is 0 if IPv4 is not given. */
int topology_addresses(const struct yml *node, struct in_addr *four,
    struct in6_addr *six, unsigned *prefix, struct error *err);

/* The parts, in the order in which they are read; node is what the top has. */
int topology_read_top(
    struct topology *topology, const struct yml *top, struct error *err);
int topology_read_nodes(
    struct topology *topology, const struct yml *node, struct error *err);
int topology_read_links(
    struct topology *topology, const struct yml *node, struct error *err);
int topology_read_multicast(
    struct topology *topology, const struct yml *node, struct error *err);
int topology_read_events(
    struct topology *topology, const struct yml *node, struct error *err);

/* The parts of a fleet file, which are checked by who reads that. */
int topology_read_fleet(
    struct topology *topology, const struct yml *top, struct error *err);

/* Assigns what is not given, and refuses what is there twice. */
int topology_assign(
    struct topology *topology, const char *file, struct error *err);
/* Interfaces that clash, nodes that others cannot reach, options that need FRR. */
int topology_check(
    const struct topology *topology, const char *file, struct error *err);
/* A place in the file, for yml_error. */
struct yml topology_place(const char *file, int line, int column);

#endif
