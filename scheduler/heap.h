/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * heap.h - a binary heap of instants, smallest first.
 *
 * Owners embed a struct heap_node; the heap never allocates per node but for
 * its array.
 */
#ifndef PHAROS_SCHEDULER_HEAP_H
#define PHAROS_SCHEDULER_HEAP_H

#include <stdbool.h>
#include <stddef.h>

#include "common/clock.h"

struct heap_node {
	nanoseconds when;
	size_t place; /* the heap's own */
};

struct heap {
	struct heap_node **nodes;
	size_t size, room;
};

void heap_clear(struct heap *heap); /* forgets the nodes, frees the array */
void heap_add(struct heap *heap, struct heap_node *node);
void heap_remove(struct heap *heap, struct heap_node *node);
/* After node->when has changed. */
void heap_move(struct heap *heap, struct heap_node *node);
struct heap_node *heap_first(const struct heap *heap); /* NULL: empty */

#endif
