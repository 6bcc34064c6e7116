/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * layout.h - the file that says what time it is, for tests.
 *
 * PHAROS_TEST_CLOCK names it; clock.so, preloaded, maps it and answers by it,
 * so that a test can set the clock of one running daemon. tests/system/clock.py
 * writes it. All of it in this machine's byte order, without padding.
 *
 * What a process is told at the instant t of the host's CLOCK_REALTIME is
 * t + offset + (t - since) * rate / 1e9, by the newest stretch that had begun at
 * t: a packet that came before a step keeps the stamp it would have had.
 *
 * The writer makes sequence odd, changes what follows, makes it even, and then
 * touches the file (utime), by which timers learn of it.
 */
#ifndef PHAROS_TESTS_CLOCK_LAYOUT_H
#define PHAROS_TESTS_CLOCK_LAYOUT_H

#include <stdint.h>

#define LAYOUT_MAGIC UINT32_C(0x314b4c43) /* "CLK1" */

/* ns of the host's CLOCK_REALTIME; ns; parts in 1e9, > 0: fast */
struct layout_stretch {
	int64_t since, offset, rate;
};

struct layout {
	uint32_t magic;
	uint32_t sequence;
	uint32_t steps; /* rises when the clock is set: timers are cancelled */
	uint32_t told;  /* 0: adjtimex is the kernel's; 1: what is below */
	int32_t state;  /* of told: what adjtimex returns, TIME_OK .. */
	int32_t status; /* STA_UNSYNC .. */
	int64_t max_error, est_error; /* microseconds */
	int64_t frequency;            /* ppm << 16 */
	int64_t slept;                /* ns that CLOCK_BOOTTIME is ahead */
	struct layout_stretch before, now;
};

#endif
