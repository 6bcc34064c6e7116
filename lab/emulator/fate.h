/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fate.h - what chance does to the packets of one way.
 *
 * Loss is the chain of Gilbert (1960) and Elliott (1963): a packet is lost with
 * the ratio of the state the chain is in, then the chain takes a step. Bursts of
 * the bad state last 1 / to_good packets in the mean, and the chain is in it for
 * to_bad / (to_bad + to_good) of them.
 */
#ifndef PHAROS_LAB_EMULATOR_FATE_H
#define PHAROS_LAB_EMULATOR_FATE_H

#include <stddef.h>

#include "lab/emulator/chance.h"
#include "lab/way.h"

#define FATE_SPARED 14 /* bytes of an Ethernet header: never corrupted */

struct fate {
	struct chance chance;
	bool bad; /* the chain's state */
};

void fate_start(struct fate *fate, uint64_t seed);
bool fate_lost(struct fate *fate, const struct way *way);
/* Inverts one bit behind the Ethernet header, or none; says whether it did. */
bool fate_corrupt(
    struct fate *fate, const struct way *way, uint8_t *frame, size_t length);
bool fate_duplicated(struct fate *fate, const struct way *way);
/* delay, jitter included; at least 0. */
nanoseconds fate_delay(struct fate *fate, const struct way *way);

#endif
