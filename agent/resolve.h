/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * resolve.h - names to addresses, without blocking the loop.
 *
 * /etc/hosts and /etc/resolv.conf are read anew whenever no question is open,
 * so a changed file counts at once. Answers are not kept: a measurement wants
 * today's address.
 */
#ifndef PHAROS_AGENT_RESOLVE_H
#define PHAROS_AGENT_RESOLVE_H

#include "common/address.h"

struct error;
struct event_base;
struct resolver;
struct lookup;

/* address is NULL when there is none: why says so. The lookup is over. */
typedef void (*resolve_done)(
    void *arg, const union address *address, const char *why);

struct resolver *resolver_new(struct event_base *base);
/* Only cancelled lookups may be open; it runs the loop until they are gone. */
void resolver_free(struct resolver *resolver);

/* family 4 or 6; 0: IPv6 if this host has a route to the name's IPv6 address,
 * else IPv4. done is called from the loop. */
struct lookup *resolve_start(struct resolver *resolver, const char *name,
    int family, resolve_done done, void *arg);
void resolve_cancel(struct lookup *lookup); /* done is not called */

#endif
