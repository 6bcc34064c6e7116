/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * from_config_parts.h - what the files of from_config share.
 */
#ifndef PHAROS_LAB_FROM_CONFIG_PARTS_H
#define PHAROS_LAB_FROM_CONFIG_PARTS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

struct error;

#define PORT_NAME 16

/* An interface of a router; a prefix of 0: no address. Numbers are of OSPF and
 * OSPFv3, which must agree; 0: not given. */
struct port {
	char router[PORT_NAME], interface[PORT_NAME];
	struct in_addr four;
	struct in6_addr six;
	unsigned prefix, prefix6;
	long cost;
	long hello, dead, dead_count; /* s, s, hellos */
};

/* When a router calculates, milliseconds. */
struct router {
	char name[PORT_NAME];
	long delay, hold, most;
	bool timed; /* are they given? */
};

struct from_config {
	struct port *ports;
	size_t count;
	struct router *routers;
	size_t router_count;
};

/* Where in the file of a router. */
struct from_place {
	struct from_config *from;
	size_t router; /* index */
	long port;     /* index; -1: at no interface */
};

/* A statement, in words; NULL-ended. Those that say nothing to us are passed
 * over. */
int from_config_statement(
    struct from_place *place, char **words, struct error *err);

#endif
