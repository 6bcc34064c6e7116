/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * frr.h - FRR as a router's OSPF and multicast: zebra, which has the kernel's
 * routes, ospfd, ospf6d, pimd.
 *
 * Each runs in the foreground, with the node's name as FRR's path space (-N): its
 * sockets and its pid file are in /run/frr/NODE, and "vtysh -N NODE" asks it. It
 * says what it has to say on standard output. The daemons give up root's rights
 * to the user frr, so they do not run in a user namespace that has only one
 * user.
 */
#ifndef PHAROS_LAB_FRR_H
#define PHAROS_LAB_FRR_H

#include <stddef.h>
#include <stdio.h>

struct error;
struct topology;

#define FRR_RUN "/run/frr"

void frr_write_zebra(const struct topology *topology, size_t node, FILE *out);
void frr_write_ospf(const struct topology *topology, size_t node, FILE *out);
void frr_write_ospf6(const struct topology *topology, size_t node, FILE *out);
void frr_write_pim(const struct topology *topology, size_t node, FILE *out);
/* The folder for the node's sockets, of the user frr; /run is the lab's own. */
int frr_make_folder(const char *node, struct error *err);
/* What the daemons leave in /var/tmp goes with the lab, whose mounts are its own. */
int frr_hide_traces(struct error *err);
/* Full path of one of its programs; the caller's to free. */
char *frr_program(const char *name);

#endif
