/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/owamp_accounted.h"

void
accounted_arrive(struct account *account, uint32_t sequence, nanoseconds delay)
{
	const struct account_arrival arrival = {.sequence = sequence,
	    .stamped = true,
	    .sent = SENT + sequence * NS_PER_MS,
	    .received = SENT + sequence * NS_PER_MS + delay,
	    .ttl = 250};

	account_arrived(account, &arrival);
}

void
accounted_keep(void *context, nanoseconds sample)
{
	struct accounted_samples *samples = context;

	samples->value[samples->count++] = sample;
}
