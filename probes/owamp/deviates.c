/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owamp/deviates.h"

#include <stdlib.h>

#include "common/memory.h"
#include "probes/bytes.h"

#define PER_BLOCK 4 /* numbers in a block */
#define BITS 32
#define LN2 thresholds[1]

__extension__ typedef unsigned __int128 wide;

struct deviates {
	struct cipher *cipher;
	uint64_t used;
	uint8_t block[CIPHER_BLOCK];
};

/* (ln 2)^1/1! + ... + (ln 2)^k/k!, times 2^32 */
static const uint32_t thresholds[] = {
    0,
    0xb17217f8,
    0xeef193f7,
    0xfd271862,
    0xff9d6dd0,
    0xfff4cfd0,
    0xfffee819,
    0xffffe7ff,
    0xfffffe2b,
    0xffffffe0,
    0xfffffffe,
    0xffffffff,
};
#define THRESHOLDS (sizeof(thresholds) / sizeof(*thresholds))

struct deviates *
deviates_new(const uint8_t sid[static KEYS_SID])
{
	struct deviates *deviates = memory_new(1, sizeof(*deviates));

	deviates->cipher = cipher_new(CIPHER_ENCRYPT, sid);
	return (deviates);
}

void
deviates_free(struct deviates *deviates)
{
	if (deviates == NULL)
		return;
	cipher_free(deviates->cipher);
	free(deviates);
}

/* The block that the numbers behind this one come from. */
static void
make_block(struct deviates *deviates)
{
	uint8_t counter[CIPHER_BLOCK] = {0};

	bytes_put64(counter + 8, deviates->used - deviates->used % PER_BLOCK);
	cipher_blocks(deviates->cipher, counter, deviates->block, 1);
}

static uint32_t
uniform(struct deviates *deviates)
{
	unsigned quarter = deviates->used % PER_BLOCK;

	if (quarter == 0)
		make_block(deviates);
	deviates->used++;
	return (bytes_get32(deviates->block + quarter * sizeof(uint32_t)));
}

uint64_t
deviates_tell(const struct deviates *deviates)
{
	return (deviates->used);
}

void
deviates_seek(struct deviates *deviates, uint64_t used)
{
	deviates->used = used;
	if (used % PER_BLOCK != 0)
		make_block(deviates);
}

uint64_t
deviates_times(uint64_t a, uint64_t b)
{
	return ((uint64_t)((wide)a * b >> BITS));
}

/* The least of k uniform numbers. */
static uint32_t
least_of(struct deviates *deviates, size_t k)
{
	uint32_t least = UINT32_MAX;

	for (size_t i = 0; i < k; i++) {
		uint32_t next = uniform(deviates);

		if (next < least)
			least = next;
	}
	return (least);
}

uint64_t
deviates_next(struct deviates *deviates)
{
	uint32_t u = uniform(deviates);
	uint64_t ones = u == UINT32_MAX ? BITS : (uint64_t)__builtin_clz(~u);
	size_t k = 2;

	/* the ones in front and the zero behind them are shifted out */
	u = ones >= BITS - 1 ? 0 : u << (ones + 1);
	if (u < LN2)
		return (ones * LN2 + u);
	while (k < THRESHOLDS - 1 && u >= thresholds[k])
		k++;
	return (deviates_times((ones << BITS) + least_of(deviates, k), LN2));
}
