/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/batching.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "agent/numbering.h"
#include "agent/shelf.h"
#include "common/memory.h"

/* The first one always does. */
static bool
fits(const struct batching *batching, const struct shelf_row *row)
{
	return (batching->last == 0 ||
		(batching->length + row->length + 1 <= batching->bytes &&
		    numbering_same_epoch(
			batching->numbering, row->n, batching->last)));
}

static int
add_row(void *arg, const struct shelf_row *row)
{
	struct batching *batching = arg;

	if (batching->records == 0 || !fits(batching, row))
		return (SHELF_STOP);
	if (batching->length + row->length + 2 > batching->room) {
		batching->room = 2 * batching->room + row->length + 2;
		batching->lines =
		    memory_resize(batching->lines, batching->room, 1);
	}
	memcpy(batching->lines + batching->length, row->line, row->length);
	batching->length += row->length;
	batching->lines[batching->length++] = '\n';
	batching->lines[batching->length] = '\0';
	batching->records--;
	batching->last = row->n;
	return (SHELF_MORE);
}

int
batching_read(struct batching *batching, struct shelf *shelf, int64_t after,
    struct error *err)
{
	size_t most = batching->records;

	if (shelf_visit(shelf, after, add_row, batching, err) < 0) {
		free(batching->lines);
		return (-1);
	}
	return ((int)(most - batching->records));
}
