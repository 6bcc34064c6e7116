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
struct event_base;
struct gateway;
struct keeper;
struct nodes;
struct space;
struct topology;
struct tunnel;

struct gateway_about {
	struct event_base *base;
	const char *folder; /* where ingress-NODE.ovpn and .conf are written */
	const struct space *space;
	const struct topology *topology;
	const struct nodes *nodes;
	struct keeper *keeper;
};

/* All that the topology has; before the routing, which carries them. Borrows what
 * about points to. NULL with err. */
struct gateway *gateway_new(
    const struct gateway_about *about, struct error *err);
void gateway_free(struct gateway *gateway); /* NULL is fine */

/* An ingress at this node, which has been joined already; what a host outside
 * needs to enter is in client, a file's path. */
struct gateway_ingress {
	const struct gateway_about *about;
	size_t node;
	struct in_addr outside; /* the node's address there */
	struct in_addr inside;  /* its address in the tunnel's /24 */
};
int gateway_openvpn(const struct gateway_ingress *ingress, struct error *err);
/* What a new process in a dead one's place is told is kept; NULL with err. */
struct tunnel *gateway_wireguard(
    const struct gateway_ingress *ingress, struct error *err);
void gateway_end_wireguard(struct tunnel *tunnel); /* NULL is fine */
/* A text as a file that only its owner reads. */
int gateway_write(
    const char *folder, const char *file, const char *text, struct error *err);

#endif
