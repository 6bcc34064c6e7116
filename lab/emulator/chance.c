/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/emulator/chance.h"

static uint64_t
rotate(uint64_t x, int by)
{
	return (x << by | x >> (64 - by));
}

void
chance_seed(struct chance *chance, uint64_t seed)
{
	for (int i = 0; i < 4; i++) {
		uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

		z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
		z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
		chance->state[i] = z ^ z >> 31;
	}
}

uint64_t
chance_draw(struct chance *chance)
{
	uint64_t *s = chance->state;
	uint64_t result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate(s[3], 45);
	return (result);
}

bool
chance_happens(struct chance *chance, double probability)
{
	if (probability <= 0)
		return (false);
	if (probability >= 1)
		return (true);
	return ((double)(chance_draw(chance) >> 11) * 0x1p-53 < probability);
}

uint64_t
chance_below(struct chance *chance, uint64_t n)
{
	return ((uint64_t)((unsigned __int128)chance_draw(chance) * n >> 64));
}
