/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sides.h - what the two ends know of the same packets, until they have met.
 *
 * Who receives knows what arrived, and who sends what there was to arrive. Where
 * the sender's word did not come in time, the receiver's record lacks what was
 * sent and lost, and has instead, in a metric of kind "sides",
 *
 *   [{"needs":["KEY",..],"came":[[0,40,1,34],..],"received":97,"late":2,
 *     "longest":0,"add":{"sent":23,"lost_locally":1,..}}]
 *
 * and the sender makes a record of his own, of outcome "stated", with
 *
 *   [{"is":"KEY","went":[0,77],"add":{"sent":77,"lost_locally":0,"skipped":2}}]
 *
 * A key stands for packets that both ends mean by it. Wherever such records are
 * merged, in whatever order, sides whose needs are all there become counts: the
 * sums of what they add, and `lost`, which is what was sent and neither received
 * nor lost locally. Nobody knows of packets that they are late and lost locally,
 * so lost_locally is no more than leaves them to `lost`, and lost_unsure, the part
 * of it that the path may have lost, shrinks with it. A side that nobody needs, or
 * whose needs do not come, adds nothing.
 *
 * "went" are the numbers (numbers.h) of packets that left their host, "came" those of
 * each key's that were received. Where all of them are known they say how the losses
 * lie (pattern.h): `loss_periods` and `loss_near` are added to those that "add" has,
 * and the longest period is the longest of them and "longest". Else nothing is said
 * of it. Keys are apart: no period goes on from one to another.
 */
#ifndef PHAROS_COMMON_SIDES_H
#define PHAROS_COMMON_SIDES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/metric.h"
#include "common/numbers.h"

struct draft;
struct tree_node;

#define SIDES_KEY 64    /* of a key's text, with the final NUL */
#define SIDES_KEYS 8    /* of one side */
#define SIDES_COUNTS 12 /* of one side, and of what they become */
#define SIDES_MOST 64   /* that wait; of more the first are forgotten */
#define SIDES_NEAR 99   /* of losses, in 100 packets (RFC 3357's delta) */

struct sides_count {
	char name[METRIC_TEXT];
	int64_t n;
};

struct side {
	char keys[SIDES_KEYS][SIDES_KEY];
	unsigned key_count;
	bool needs; /* them; else it is the one of its only key */
	struct numbers packets[SIDES_KEYS]; /* of each key: came, or went */
	int64_t received, late, longest;
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
/* What sides have become. */
struct sides_sum {
	struct sides_count counts[SIDES_COUNTS];
	unsigned count;
	uint32_t longest; /* loss period; 0: none, or it is not known */
};

/* Takes out one that has all that it needs, with that. False: there is none. */
bool sides_meet(struct sides *sides, struct sides_sum *sum);

#endif
