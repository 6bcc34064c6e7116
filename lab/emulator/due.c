/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/emulator/due.h"

#include <stdlib.h>

static bool
before(const struct packet *a, const struct packet *b)
{
	return (a->due != b->due ? a->due < b->due : a->order < b->order);
}

void
due_free(struct due *due)
{
	free(due->heap);
	*due = (struct due){0};
}

static bool
grow(struct due *due)
{
	size_t room = due->room > 0 ? due->room * 2 : 256;
	struct packet **heap = reallocarray(due->heap, room, sizeof(*heap));

	if (heap == NULL)
		return (false);
	due->heap = heap;
	due->room = room;
	return (true);
}

static bool
heap_add(struct due *due, struct packet *packet)
{
	size_t at = due->size;

	if (due->size == due->room && !grow(due))
		return (false);
	due->size++;
	while (at > 0 && before(packet, due->heap[(at - 1) / 2])) {
		due->heap[at] = due->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	due->heap[at] = packet;
	return (true);
}

static struct packet *
heap_take(struct due *due)
{
	struct packet *first = due->heap[0], *last = due->heap[--due->size];
	size_t at = 0, child;

	while ((child = 2 * at + 1) < due->size) {
		if (child + 1 < due->size &&
		    before(due->heap[child + 1], due->heap[child]))
			child++;
		if (!before(due->heap[child], last))
			break;
		due->heap[at] = due->heap[child];
		at = child;
	}
	due->heap[at] = last;
	return (first);
}

static void
list_add(struct due *due, struct packet *packet)
{
	packet->next = NULL;
	if (due->first == NULL)
		due->first = packet;
	else
		due->last->next = packet;
	due->last = packet;
}

bool
due_add(struct due *due, struct packet *packet, bool overtake)
{
	packet->order = due->order++;
	if (!overtake && packet->due < due->latest)
		packet->due = due->latest;
	if (!overtake)
		list_add(due, packet);
	else if (!heap_add(due, packet))
		return (false);
	if (packet->due > due->latest)
		due->latest = packet->due;
	return (true);
}

/* Is the next one in the heap? Neither is empty, or only one is. */
static bool
from_heap(const struct due *due)
{
	return (due->size > 0 &&
		(due->first == NULL || before(due->heap[0], due->first)));
}

nanoseconds
due_next(const struct due *due)
{
	if (from_heap(due))
		return (due->heap[0]->due);
	return (due->first != NULL ? due->first->due : DUE_NEVER);
}

struct packet *
due_take(struct due *due)
{
	struct packet *packet = due->first;

	if (from_heap(due))
		return (heap_take(due));
	if (packet != NULL)
		due->first = packet->next;
	return (packet);
}
