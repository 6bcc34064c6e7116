/* SPDX-License-Identifier: BSD-2-Clause */
#include "scheduler/dice.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

static uint64_t
rotate(uint64_t x, int by)
{
	return (x << by | x >> (64 - by));
}

static void
mix(uint64_t v[static 4], int rounds)
{
	while (rounds-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

/* SipHash-2-4 of a message of two words. */
static uint64_t
digest(const uint64_t key[static 2], uint64_t first, uint64_t second)
{
	const uint64_t words[] = {first, second, UINT64_C(16) << 56};
	uint64_t v[4] = {
	    key[0] ^ UINT64_C(0x736f6d6570736575),
	    key[1] ^ UINT64_C(0x646f72616e646f6d),
	    key[0] ^ UINT64_C(0x6c7967656e657261),
	    key[1] ^ UINT64_C(0x7465646279746573),
	};
	int i;

	for (i = 0; i < 3; i++) {
		v[3] ^= words[i];
		mix(v, 2);
		v[0] ^= words[i];
	}
	v[2] ^= 0xff;
	mix(v, 4);
	return (v[0] ^ v[1] ^ v[2] ^ v[3]);
}

void
dice_start(
    struct dice *dice, const uint8_t seed[static DICE_SEED], int64_t index)
{
	uint64_t key[2];
	int i;

	memcpy(key, seed, DICE_SEED);
	key[0] = le64toh(key[0]);
	key[1] = le64toh(key[1]);
	for (i = 0; i < 4; i++)
		dice->state[i] = digest(key, (uint64_t)index, (uint64_t)i);
}

uint64_t
dice_draw(struct dice *dice)
{
	uint64_t *s = dice->state;
	uint64_t drawn = rotate(s[1] * 5, 7) * 9, shifted = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= shifted;
	s[3] = rotate(s[3], 45);
	return (drawn);
}

uint64_t
dice_below(struct dice *dice, uint64_t n)
{
	uint64_t drawn, fair;

	assert(n > 0);
	fair = UINT64_MAX - UINT64_MAX % n; /* a multiple of n */
	do
		drawn = dice_draw(dice);
	while (drawn >= fair);
	return (drawn % n);
}
