/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * batches.h - records as agents make them, packed as agents send them.
 *
 * Each box of a full mesh measures all others once in each minute, at a random
 * time of it; its records come in the order in which their runs end.
 */
#ifndef PHAROS_BENCH_BATCHES_H
#define PHAROS_BENCH_BATCHES_H

#include <stddef.h>

#include "common/clock.h"

struct batches_about {
	const char *test, *probe;
	size_t boxes, box; /* of how many, and which */
	size_t pairs;      /* others that it measures; 0: all */
	nanoseconds start; /* of the first minute */
	size_t minutes, batch;
	size_t sequence; /* of the first record */
	const char *epoch;
};

struct packed {
	void *data;
	size_t length;
	size_t records, plain; /* how many, and bytes before packing */
};

struct packed *batches_make(const struct batches_about *about, size_t *count);
void batches_free(struct packed *batches, size_t count);
/* The lines of one minute, for who wants them unpacked; free() it. */
char *batches_text(const struct batches_about *about, size_t *length);

#endif
