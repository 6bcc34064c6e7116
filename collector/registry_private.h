/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * registry_private.h - what registry.c, registry_token.c and
 * registry_refused.c share.
 */
#ifndef PHAROS_COLLECTOR_REGISTRY_PRIVATE_H
#define PHAROS_COLLECTOR_REGISTRY_PRIVATE_H

#include <sqlite3.h>
#include <stdbool.h>

struct error;

struct registry {
	sqlite3 *db;
	bool begun; /* a transaction is open */
};

int registry_begin(struct registry *registry, struct error *err);
/* Undoes all since the last commit; always -1. */
int registry_fail(struct registry *registry);

#endif
