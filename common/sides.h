/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sides.h - what the two ends know of the same packets, until they have met.
 *
 * Who receives knows what arrived, and who sends what there was to arrive. Where
 * the sender's word did not come in time, the receiver's record lacks what was
 * sent and lost, and has instead, in a metric of kind "sides",
 *
 *   [{"needs":["KEY",..],"received":97,"late":2,
 *     "add":{"sent":23,"lost_locally":1,..}}]
 *
 * and the sender makes a record of his own, of outcome "stated", with
 *
 *   [{"is":"KEY","add":{"sent":77,"lost_locally":0,"skipped":2}}]
 *
 * A key stands for packets that both ends mean by it. Wherever such records are
 * merged, in whatever order, sides whose needs are all there become counts: the
 * sums of what they add, and `lost`, which is what was sent and neither received
 * nor lost locally. Nobody knows of packets that they are late and lost locally,
 * so lost_locally is no more than leaves them to `lost`. A side that nobody needs,
 * or whose needs do not come, adds nothing.
 */
#ifndef PHAROS_COMMON_SIDES_H
#define PHAROS_COMMON_SIDES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/metric.h"

struct draft;
struct tree_node;

#define SIDES_KEY 64    /* of a key's text, with the final NUL */
#define SIDES_KEYS 8    /* of one side */
#define SIDES_COUNTS 12 /* of one side, and of what they become */
#define SIDES_MOST 64   /* that wait; of more the first are forgotten */

struct sides_count {
	char name[METRIC_TEXT];
	int64_t n;
};

struct side {
	char keys[SIDES_KEYS][SIDES_KEY];
	unsigned key_count;
	bool needs; /* them; else it is the one of its only key */
	int64_t received, late;
	struct sides_count counts[SIDES_COUNTS];
	unsigned count;
};

struct sides { /* of zeros: empty */
	struct side *list;
	size_t count, room;
};

void sides_clear(struct sides *sides); /* frees what it holds */
void sides_merge(struct sides *into, const struct sides *from);
/* Adds those of an array; what is none is left out. */
void sides_read(struct sides *sides, const struct tree_node *array);
void sides_write(const struct sides *sides, struct draft *draft);
/* Takes out one that has all that it needs, with that: what they become. False:
 * there is none. */
bool sides_meet(struct sides *sides, struct sides_count counts[SIDES_COUNTS],
    unsigned *count);

#endif
