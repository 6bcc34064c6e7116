/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/emulator/fate.h"

void
fate_start(struct fate *fate, uint64_t seed)
{
	chance_seed(&fate->chance, seed);
	fate->bad = false;
}

bool
fate_lost(struct fate *fate, const struct way *way)
{
	double ratio = fate->bad ? way->bad_loss : way->loss;
	bool lost = chance_happens(&fate->chance, ratio);

	if (chance_happens(
		&fate->chance, fate->bad ? way->to_good : way->to_bad))
		fate->bad = !fate->bad;
	return (lost);
}

bool
fate_corrupt(
    struct fate *fate, const struct way *way, uint8_t *frame, size_t length)
{
	uint64_t bit;

	if (length <= FATE_SPARED ||
	    !chance_happens(&fate->chance, way->corrupt))
		return (false);
	bit = chance_below(&fate->chance, (length - FATE_SPARED) * 8);
	frame[FATE_SPARED + bit / 8] ^= (uint8_t)(1 << bit % 8);
	return (true);
}

bool
fate_duplicated(struct fate *fate, const struct way *way)
{
	return (chance_happens(&fate->chance, way->duplicate));
}

nanoseconds
fate_delay(struct fate *fate, const struct way *way)
{
	nanoseconds delay = way->delay;

	if (way->jitter > 0)
		delay += (nanoseconds)chance_below(
			     &fate->chance, 2 * (uint64_t)way->jitter + 1) -
			 way->jitter;
	return (delay > 0 ? delay : 0);
}
