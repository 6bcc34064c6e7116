/* SPDX-License-Identifier: BSD-2-Clause */
#include "scheduler/heap.h"

#include <assert.h>
#include <stdlib.h>

#include "common/memory.h"

static void
put(struct heap *heap, size_t place, struct heap_node *node)
{
	heap->nodes[place] = node;
	node->place = place;
}

static void
rise(struct heap *heap, struct heap_node *node)
{
	size_t place = node->place;

	while (place > 0) {
		struct heap_node *parent = heap->nodes[(place - 1) / 2];

		if (parent->when <= node->when)
			break;
		put(heap, place, parent);
		place = (place - 1) / 2;
	}
	put(heap, place, node);
}

static void
sink(struct heap *heap, struct heap_node *node)
{
	size_t place = node->place, child;

	while ((child = 2 * place + 1) < heap->size) {
		if (child + 1 < heap->size &&
		    heap->nodes[child + 1]->when < heap->nodes[child]->when)
			child++;
		if (heap->nodes[child]->when >= node->when)
			break;
		put(heap, place, heap->nodes[child]);
		place = child;
	}
	put(heap, place, node);
}

void
heap_clear(struct heap *heap)
{
	free(heap->nodes);
	*heap = (struct heap){0};
}

void
heap_add(struct heap *heap, struct heap_node *node)
{
	if (heap->size == heap->room) {
		heap->room = heap->room == 0 ? 16 : 2 * heap->room;
		heap->nodes = memory_resize(
		    heap->nodes, heap->room, sizeof(*heap->nodes));
	}
	put(heap, heap->size++, node);
	rise(heap, node);
}

void
heap_remove(struct heap *heap, struct heap_node *node)
{
	struct heap_node *last = heap->nodes[heap->size - 1];

	assert(node->place < heap->size && heap->nodes[node->place] == node);
	heap->size--;
	if (last == node)
		return;
	put(heap, node->place, last);
	heap_move(heap, last);
}

void
heap_move(struct heap *heap, struct heap_node *node)
{
	rise(heap, node);
	sink(heap, node);
}

struct heap_node *
heap_first(const struct heap *heap)
{
	return (heap->size == 0 ? NULL : heap->nodes[0]);
}
