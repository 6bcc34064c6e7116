/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * owamp_accounted.h - packets that an account is told of, and what it makes of
 * their delays.
 */
#ifndef PHAROS_TESTS_UNIT_OWAMP_ACCOUNTED_H
#define PHAROS_TESTS_UNIT_OWAMP_ACCOUNTED_H

#include "probes/owamp/account.h"

#define TIMEOUT NS_PER_S
#define SENT (INT64_C(1795300000) * NS_PER_S) /* packet 0 */
#define LOST INT64_MIN /* the delay of one that does not arrive */

/* Packets are sent a millisecond apart, and arrive with a TTL of 250. */
void accounted_arrive(
    struct account *account, uint32_t sequence, nanoseconds delay);

struct accounted_samples {
	nanoseconds value[64];
	size_t count;
};
/* For the account's calls; context: struct accounted_samples. */
void accounted_keep(void *context, nanoseconds sample);

#endif
