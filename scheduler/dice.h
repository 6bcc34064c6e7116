/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dice.h - random numbers that are a pure function of a seed and an index.
 *
 * SipHash-2-4 (Aumasson and Bernstein 2012) of the index, keyed by the secret
 * seed, sets the state; xoshiro256** (Blackman and Vigna 2018) then gives as
 * many numbers as one asks for. The same seed gives the same numbers on every
 * machine, for ever; what one index gave says nothing of the next.
 */
#ifndef PHAROS_SCHEDULER_DICE_H
#define PHAROS_SCHEDULER_DICE_H

#include <stdint.h>

#define DICE_SEED 16 /* bytes */

struct dice {
	uint64_t state[4];
};

void dice_start(
    struct dice *dice, const uint8_t seed[static DICE_SEED], int64_t index);
uint64_t dice_draw(struct dice *dice);
/* Uniform in [0, n), without bias; n > 0. */
uint64_t dice_below(struct dice *dice, uint64_t n);

#endif
