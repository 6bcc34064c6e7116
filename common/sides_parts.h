/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sides_parts.h - what the files of sides share.
 *
 * sides.c keeps, reads and writes them, sides_meet.c makes counts of them.
 */
#ifndef PHAROS_COMMON_SIDES_PARTS_H
#define PHAROS_COMMON_SIDES_PARTS_H

#include "common/sides.h"

/* The place of the one that is that; count: there is none. */
size_t sides_find(const struct sides *sides, const char *key);
/* The caller's from here on, with what it holds. */
struct side sides_take_out(struct sides *sides, size_t place);
void side_clear(struct side *side);

#endif
