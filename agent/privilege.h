/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * privilege.h - pharosd itself uses no capability; its workers may.
 */
#ifndef PHAROS_AGENT_PRIVILEGE_H
#define PHAROS_AGENT_PRIVILEGE_H

#include <stdbool.h>

struct error;

/* Clears the effective and the ambient set of this process; what it was
 * permitted stays permitted, for workers to be forked with. *raw: CAP_NET_RAW
 * is among it. */
int privilege_lower(bool *raw, struct error *err);

#endif
