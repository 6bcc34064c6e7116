/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * deviates.h - exponential pseudo-random numbers both ends agree on.
 *
 * RFC 4656 section 5: Knuth's algorithm S (The Art of Computer Programming,
 * volume 2, 3.4.1) in fixed point of 32.32 bits, on uniform numbers of 32 bits
 * that AES-128 makes of a counter, the session's name being the key. One block
 * gives four of them: those of a counter that is no multiple of 4 come from the
 * block of the multiple before it.
 */
#ifndef PHAROS_PROBES_OWAMP_DEVIATES_H
#define PHAROS_PROBES_OWAMP_DEVIATES_H

#include <stdint.h>

#include "probes/owamp/keys.h"

struct deviates;
struct deviates *deviates_new(const uint8_t sid[static KEYS_SID]);
void deviates_free(struct deviates *deviates); /* NULL is fine */

/* The next one, of mean 1. */
uint64_t deviates_next(struct deviates *deviates);

/* How many uniform numbers were used, and going on behind as many: a cheap way
 * back to any place that was written down. */
uint64_t deviates_tell(const struct deviates *deviates);
void deviates_seek(struct deviates *deviates, uint64_t used);

/* A product in 32.32 bits; what does not fit is lost, as in the RFC's code. */
uint64_t deviates_times(uint64_t a, uint64_t b);

#endif
