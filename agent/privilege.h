/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * privilege.h - pharosd itself uses no capability; its workers may, once.
 *
 * A worker is given them as ambient ones by pharosd, or as file capabilities
 * ("=p": permitted only, so that the program starts where they are forbidden).
 */
#ifndef PHAROS_AGENT_PRIVILEGE_H
#define PHAROS_AGENT_PRIVILEGE_H

#include <stdbool.h>

struct error;

/* Clears the effective and the ambient set of this process; what it was
 * permitted stays permitted, for workers to be forked with. *raw: CAP_NET_RAW
 * is among it. */
int privilege_lower(bool *raw, struct error *err);

/* In the forked child, before exec: what was permitted of the capabilities
 * that probes use becomes ambient. */
int privilege_hand_on(struct error *err);
/* In the worker: makes them effective as far as they are permitted. Having
 * none is no error. */
int privilege_raise(struct error *err);
/* Gives up all capabilities for good, root's too; but for the permission to bind
 * low ports, where that will be needed again (privilege_raise). */
int privilege_drop(bool binds, struct error *err);

#endif
