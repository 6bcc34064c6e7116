/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * delays.h - one delay a packet, in four bytes while that is enough.
 *
 * Cells hold the distance from the first delay that was put in; with one that is
 * more than two seconds away, all become eight bytes. Zeroed: empty.
 */
#ifndef PHAROS_PROBES_OWAMP_DELAYS_H
#define PHAROS_PROBES_OWAMP_DELAYS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/clock.h"

struct delays {
	int32_t *narrow; /* one of the two */
	int64_t *wide;
	nanoseconds base;
	bool based;
	size_t room; /* cells */
};

void delays_clear(struct delays *delays); /* frees what it holds */
/* At least so many cells; new ones hold nothing. */
void delays_grow(struct delays *delays, size_t room);
/* at < room; value is above INT64_MIN / 2 and below INT64_MAX / 2. */
void delays_put(struct delays *delays, size_t at, nanoseconds value);
bool delays_get(const struct delays *delays, size_t at, nanoseconds *value);
size_t delays_size(const struct delays *delays); /* bytes */

#endif
