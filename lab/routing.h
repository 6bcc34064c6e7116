/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * routing.h - how the nodes of a lab learn where the others are.
 */
#ifndef PHAROS_LAB_ROUTING_H
#define PHAROS_LAB_ROUTING_H

struct error;
struct keeper;
struct nodes;
struct notices;
struct routing;
struct topology;

/* Static routes are set now; daemons are started, and kept running: one that dies
 * is told of as "daemon". Borrows all of them. */
struct routing *routing_new(const struct topology *topology,
    const struct nodes *nodes, struct keeper *keeper, struct notices *notices,
    struct error *err);
void routing_free(struct routing *routing); /* NULL is fine */

#endif
