/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * due.h - the packets on a way, by the instant they are to leave.
 *
 * Where nothing may overtake it is a list: a packet that would, is due with
 * the one before it. Where packets may, a heap. Both are in use at once for a
 * moment when that is changed under way.
 */
#ifndef PHAROS_LAB_EMULATOR_DUE_H
#define PHAROS_LAB_EMULATOR_DUE_H

#include <stdbool.h>

#include "lab/emulator/pool.h"

#define DUE_NEVER INT64_MAX

/* All zeros is an empty one. */
struct due {
	struct packet *first, *last;
	struct packet **heap;
	size_t size, room;
	nanoseconds latest; /* of all that were ever due */
	uint64_t order;
};

void due_free(struct due *due);
/* packet->due is set; kept order moves it back. False: no memory for a larger
 * heap, the packet is the caller's still. */
bool due_add(struct due *due, struct packet *packet, bool overtake);
nanoseconds due_next(const struct due *due); /* DUE_NEVER: empty */
struct packet *due_take(struct due *due);    /* NULL: empty */

#endif
