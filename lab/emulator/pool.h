/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pool.h - all the packets there can be, reserved at the start.
 *
 * Memory is only used once a packet has been; those used last are used first.
 */
#ifndef PHAROS_LAB_EMULATOR_POOL_H
#define PHAROS_LAB_EMULATOR_POOL_H

#include <stddef.h>

#include "common/clock.h"

#define POOL_FRAME 9600 /* bytes of a frame, at most: jumbo frames fit */

struct packet {
	struct packet *next; /* of whoever holds it */
	nanoseconds due;
	uint64_t order;  /* among those due at one instant */
	uint64_t before; /* verdict_hash of it as it came */
	uint32_t number; /* on its way */
	uint16_t length;
	uint8_t verdict; /* enum verdict_bits */
	uint8_t copy;    /* the second of two: not told of */
	uint8_t frame[POOL_FRAME];
};

struct pool {
	struct packet *all, *free;
	size_t size, touched; /* those beyond were never used */
};

/* 0, or -1 with errno. */
int pool_open(struct pool *pool, size_t size);
void pool_close(struct pool *pool);
struct packet *pool_take(struct pool *pool); /* NULL: all are in use */
void pool_give(struct pool *pool, struct packet *packet);

#endif
