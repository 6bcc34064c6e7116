/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * skips.h - ranges of packets, as Stop-Sessions and statements have them.
 */
#ifndef PHAROS_PROBES_OWD_SKIPS_H
#define PHAROS_PROBES_OWD_SKIPS_H

#include "probes/owamp/message.h"

#define SKIPS_MOST 4096

struct skips { /* zeroed: none */
	struct message_skip *ranges;
	uint32_t count, room;
};

void skips_clear(struct skips *skips); /* frees what it holds */
/* Packets rise. With SKIPS_MOST ranges the last one grows to hold the packet, and
 * what is between. */
void skips_add(struct skips *skips, uint32_t packet);

#endif
