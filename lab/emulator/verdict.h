/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict.h - what the emulator did to each packet, as it writes it down.
 *
 *    0               1               2               3
 *   +---------------+---------------+---------------+---------------+
 *   |               "PHVERDIC", once, at the beginning              |
 *   +---------------+---------------+---------------+---------------+
 *   |   before: verdict_hash of the frame as it came     (64 bit)   |
 *   |   after: of the frame as it left                   (64 bit)   |
 *   |   number on its way, modulo 2^32                   (32 bit)   |
 *   |   length (16 bit)             |   way (8)     |   bits (8)    |
 *   +---------------+---------------+---------------+---------------+
 *
 * in the byte order of the machine. A packet is told of once, when it has left
 * or when it is clear that it does not, so numbers are not in order.
 */
#ifndef PHAROS_LAB_EMULATOR_VERDICT_H
#define PHAROS_LAB_EMULATOR_VERDICT_H

#include <stddef.h>
#include <stdint.h>

#define VERDICT_MAGIC "PHVERDIC" /* 8 bytes, without the NUL */

enum verdict_bits {
	VERDICT_LOST = 1,       /* by chance */
	VERDICT_QUEUE = 2,      /* the rate's queue was full */
	VERDICT_FAILED = 4,     /* the link was, or the interface was down */
	VERDICT_DUPLICATED = 8, /* it was sent twice */
	VERDICT_CORRUPTED = 16, /* one bit was inverted */
	VERDICT_OVERFLOW = 32   /* the emulator had no memory for it */
};
#define VERDICT_GONE \
	(VERDICT_LOST | VERDICT_QUEUE | VERDICT_FAILED | VERDICT_OVERFLOW)

struct verdict {
	uint64_t before, after; /* after is 0 of one that is gone */
	uint32_t number;
	uint16_t length;
	uint8_t way, bits;
};

/* Of a whole frame; the same on both sides of a link. Never 0. */
uint64_t verdict_hash(const void *frame, size_t length);

#define VERDICT_BATCH 2048

/* Where they are written to; fd -1: nowhere. */
struct verdict_log {
	int fd, trouble; /* errno of what ended it */
	size_t count;
	struct verdict batch[VERDICT_BATCH];
};

/* fd is its own from now on. NULL with errno. */
struct verdict_log *verdict_open(int fd);
void verdict_add(struct verdict_log *log, const struct verdict *verdict);
void verdict_flush(struct verdict_log *log);
int verdict_close(struct verdict_log *log); /* 0, or errno of what was lost */

#endif
