/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * from_config_parts.h - what the files of from_config share.
 */
#ifndef PHAROS_LAB_FROM_CONFIG_PARTS_H
#define PHAROS_LAB_FROM_CONFIG_PARTS_H

#include <netinet/in.h>
#include <stddef.h>

#define PORT_NAME 16

/* An interface of a router; a prefix of 0: no address. */
struct port {
	char router[PORT_NAME], interface[PORT_NAME];
	struct in_addr four;
	struct in6_addr six;
	unsigned prefix, prefix6;
	long cost; /* 0: not given */
};

struct from_config {
	struct port *ports;
	size_t count;
};

#endif
