/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ntp.h - instants, durations and error estimates as OWAMP writes them.
 *
 * RFC 4656 section 4.1.2; RFC 5905 section 6 for the formats. An instant is
 * seconds since 1900 in 32 bits and their fraction in 32 more. The seconds
 * begin again in 2036: those below 2^31 are taken as after it, so the years
 * 1968 to 2104 can be told. A duration of 64 bits has the same parts. Wall-clock
 * instants and durations of whole nanoseconds survive both ways.
 *
 * An error estimate:
 *
 *    0 1 2         7 8            15
 *   +-+-+-----------+---------------+
 *   |S|Z|   scale   |  multiplier   |  multiplier * 2^scale * 2^-32 seconds
 *   +-+-+-----------+---------------+
 *
 * S: the clock is synchronised to UTC from outside; without it the estimate
 * means nothing. Z (RFC 8186): the stamps are PTPv2's; ours never are. A
 * multiplier of 0 is illegal, and the packet is to be discarded.
 */
#ifndef PHAROS_PROBES_OWAMP_NTP_H
#define PHAROS_PROBES_OWAMP_NTP_H

#include <stdbool.h>
#include <stdint.h>

#include "common/clock.h"

#define NTP_S (UINT64_C(1) << 32) /* a second */

uint64_t ntp_of_wall(nanoseconds wall); /* of 1968 to 2104 */
nanoseconds ntp_wall(uint64_t ntp);

/* Of a duration from 0 up; one that is too long is the longest, 2^32 s. */
uint64_t ntp_of_duration(nanoseconds duration);
nanoseconds ntp_duration(uint64_t ntp); /* never negative */

/* The short format: seconds in 16 bits, fraction in 16. Less than nothing is 0,
 * too long the longest; to the nearest of its steps of 15.3 us. */
uint32_t ntp_short_of(nanoseconds duration);
nanoseconds ntp_short(uint32_t ntp);

/* b - a, over the end of an era too. Within 68 years either way. */
nanoseconds ntp_between(uint64_t a, uint64_t b);

struct ntp_estimate {
	bool synchronised, ptp;
	nanoseconds error; /* > 0; void when not synchronised */
};

/* The least estimate that is not below error (0 counts as 1 ns). */
uint16_t ntp_synchronised(nanoseconds error);
/* What a clock says that nobody keeps right: S clear, the largest error. */
#define NTP_UNSYNCHRONISED 0x3fff
/* -1: illegal. The error is rounded up, and at INT64_MAX where it is more. */
int ntp_read_estimate(uint16_t wire, struct ntp_estimate *estimate);

#endif
