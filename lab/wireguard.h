/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wireguard.h - what the two ends of an ingress are told.
 *
 * The node's in the words of wg(8) setconf, the host's outside in those of
 * wg-quick(8). Texts are the caller's to free; both have a secret key.
 */
#ifndef PHAROS_LAB_WIREGUARD_H
#define PHAROS_LAB_WIREGUARD_H

#include <netinet/in.h>

#define WIREGUARD_PORT 51820

/* A key pair, in base64. */
struct wireguard_pair {
	char *secret, *public;
};

struct wireguard {
	const struct wireguard_pair *node, *host;
	struct in_addr outside; /* the node's address there */
	struct in_addr inside;  /* the host's address in the tunnel's /24 */
};

char *wireguard_node(const struct wireguard *ends);
char *wireguard_host(const struct wireguard *ends);

#endif
