/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gateway.h - where a lab is joined to the world outside.
 *
 * A node with an ingress or egress has an interface "outside", whose other end is
 * in the network pharos-lab was started in; each pair has a /30 of 100.64.0.0/10
 * of its own. It goes with the lab.
 */
#ifndef PHAROS_LAB_GATEWAY_H
#define PHAROS_LAB_GATEWAY_H

#include <netinet/in.h>
#include <stddef.h>

struct error;
struct keeper;
struct nodes;
struct space;
struct topology;

struct gateway_about {
	const char *folder; /* where ingress-NODE.ovpn and .conf are written */
	const struct space *space;
	const struct topology *topology;
	const struct nodes *nodes;
	struct keeper *keeper;
};

/* All that the topology has; before the routing, which carries them. */
int gateway_open(const struct gateway_about *about, struct error *err);

/* An ingress at this node, which has been joined already; what a host outside
 * needs to enter is in client, a file's path. */
struct gateway_ingress {
	const struct gateway_about *about;
	size_t node;
	struct in_addr outside; /* the node's address there */
	struct in_addr inside;  /* its address in the tunnel's /24 */
};
int gateway_openvpn(const struct gateway_ingress *ingress, struct error *err);
int gateway_wireguard(const struct gateway_ingress *ingress, struct error *err);
/* A text as a file that only its owner reads. */
int gateway_write(
    const char *folder, const char *file, const char *text, struct error *err);

#endif
