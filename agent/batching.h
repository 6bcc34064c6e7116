/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * batching.h - the oldest rows of the shelf as one batch; for spool.c.
 *
 * As many as fit, in order and of one epoch; one at least, however long.
 */
#ifndef PHAROS_AGENT_BATCHING_H
#define PHAROS_AGENT_BATCHING_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct numbering;
struct shelf;

struct batching {
	const struct numbering *numbering;
	size_t records, bytes; /* at most; records: how many more */

	char *lines; /* NDJSON, NUL-terminated; free() it, NULL: none */
	size_t length, room;
	int64_t last; /* number of the last row */
};

/* Those numbered above `after`. How many there are; -1 on error, and then there
 * is nothing to free. */
int batching_read(struct batching *batching, struct shelf *shelf, int64_t after,
    struct error *err);

#endif
