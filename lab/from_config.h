/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * from_config.h - a topology out of the configuration of real routers.
 *
 * A folder has a folder for each router, by its name, and in that its files,
 * NAME.conf. Taken are, of FRR, an interface's addresses of both families and its
 * cost, hello and dead interval of OSPF and OSPFv3, and when a router calculates
 * ("timers throttle spf"); of BIRD an interface's cost, hello and dead, and tick,
 * after which it calculates. BIRD knows no addresses, so they are in a second file
 * there, written as FRR's. Everything else is passed over.
 *
 * Two interfaces in one network, of either family, are a link; those that have no
 * partner are left out, and said as a comment. A lab has one cost of a link for
 * both families, one hello and dead interval, and no networks of IPv6 but a /64:
 * what differs is refused, the address of another network is left out, which is
 * said as a comment, and the lab assigns one.
 */
#ifndef PHAROS_LAB_FROM_CONFIG_H
#define PHAROS_LAB_FROM_CONFIG_H

#include <stddef.h>
#include <stdio.h>

struct error;
struct from_config;

struct from_config *from_config_new(void);
void from_config_free(struct from_config *from); /* NULL is fine */
/* One file of a router. Mistakes are "FILE:LINE: what is wrong, expected what". */
int from_config_take(struct from_config *from, const char *router,
    const char *file, const char *text, size_t length, struct error *err);
/* The topology as YAML, called so. */
int from_config_write(const struct from_config *from, const char *name,
    FILE *out, struct error *err);
/* The whole of a folder. */
int from_config_folder(const char *folder, FILE *out, struct error *err);

#endif
