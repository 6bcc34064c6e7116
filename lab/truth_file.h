/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * truth_file.h - what passed the two ends of a link, as pharos-truth writes it.
 *
 *    0               1               2               3
 *   +---------------+---------------+---------------+---------------+
 *   |               "PHTRUTH1", once, at the beginning              |
 *   +---------------+---------------+---------------+---------------+
 *   |   stamp: the kernel's, CLOCK_REALTIME, nanoseconds (64 bit)   |
 *   |   value: verdict_hash of the frame, or a count     (64 bit)   |
 *   |   length of the frame (16)    |   kind (8)    |   end (8)     |
 *   |   kept (16 bit)               |   0                           |
 *   |   first bytes of the frame, as many as kept, padded to 8      |
 *   +---------------+---------------+---------------+---------------+
 *
 * in the byte order of the machine. Records are in order for each end and kind.
 * A file without TRUTH_END was cut off, or is still being written.
 */
#ifndef PHAROS_LAB_TRUTH_FILE_H
#define PHAROS_LAB_TRUTH_FILE_H

#include <stdint.h>

#define TRUTH_MAGIC "PHTRUTH1" /* 8 bytes, without the NUL */
#define TRUTH_KEPT 96 /* at most; IPv6, UDP and the head of a test packet */

enum truth_kind {
	TRUTH_ENTERED, /* sent into the link at this end; has kept bytes */
	TRUTH_LEFT,    /* received from the link at this end */
	TRUTH_DROPS,   /* value frames were not recorded at this end so far */
	TRUTH_END      /* recording ended in order */
};

struct truth_record {
	int64_t stamp;
	uint64_t value;
	uint16_t length;
	uint8_t kind, end;
	uint16_t kept, zero;
};

#define TRUTH_PADDED(kept) (((size_t)(kept) + 7) & ~(size_t)7)

#endif
