/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * boxes_fleet.h - the fleet file of a lab's collector.
 */
#ifndef PHAROS_LAB_BOXES_FLEET_H
#define PHAROS_LAB_BOXES_FLEET_H

struct error;
struct topology;

/* A site for each node with an agent, the mesh "all" of them, and the tests that
 * the topology asks for. */
int boxes_write_fleet(
    const struct topology *topology, const char *path, struct error *err);

#endif
