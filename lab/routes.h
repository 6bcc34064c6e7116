/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * routes.h - the routes of a node that no daemon finds.
 *
 * With static routing all of them, over the cheapest ways, several where they
 * cost the same. With OSPF routers know the hosts next to them, and hosts all of
 * them likewise. A host with nothing but one link to a router has a default
 * route. Packets that a node itself sends have its loopback address.
 */
#ifndef PHAROS_LAB_ROUTES_H
#define PHAROS_LAB_ROUTES_H

#include <stddef.h>
#include <stdio.h>

struct topology;

/* Lines for "ip -batch -" in the node's network namespace, once its interfaces
 * are up and have their addresses. */
void routes_write(const struct topology *topology, size_t node, FILE *out);

#endif
