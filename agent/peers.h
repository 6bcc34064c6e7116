/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * peers.h - the boxes of the fleet that may be measured with, and their secrets.
 *
 * As a plan has them, and as a worker is told:
 *
 *   [{"box":"lon","secret":"<64 hex>","addresses":["198.51.100.7"]}]
 *
 * A plan of an older collector has no secrets: such a box is none of them.
 */
#ifndef PHAROS_AGENT_PEERS_H
#define PHAROS_AGENT_PEERS_H

#include <stddef.h>

#include "probes/probe.h"

struct error;
struct json_object;
struct peers;

/* json NULL: there are none. NULL: what is wrong with it. */
struct peers *peers_read(struct json_object *json, struct error *err);
void peers_free(struct peers *peers); /* NULL is fine */
size_t peers_count(const struct peers *peers);
/* NULL: no such box, also where peers is NULL. */
const struct probe_peer *peers_find(const struct peers *peers, const char *box);

#endif
