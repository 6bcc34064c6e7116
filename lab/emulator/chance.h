/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * chance.h - random numbers; the same seed gives the same, for ever.
 *
 * xoshiro256** (Blackman and Vigna 2018), its state filled by splitmix64.
 */
#ifndef PHAROS_LAB_EMULATOR_CHANCE_H
#define PHAROS_LAB_EMULATOR_CHANCE_H

#include <stdbool.h>
#include <stdint.h>

struct chance {
	uint64_t state[4];
};

void chance_seed(struct chance *chance, uint64_t seed);
uint64_t chance_draw(struct chance *chance);
/* True with this probability; nothing is drawn for 0 and 1. */
bool chance_happens(struct chance *chance, double probability);
/* Uniform in [0, n); n > 0. The bias is below n / 2^64. */
uint64_t chance_below(struct chance *chance, uint64_t n);

#endif
