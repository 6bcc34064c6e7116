/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * witness.h - several say how wrong a clock is: what is to be believed?
 *
 * A bound says that the clock less the truth is in an interval about the
 * witness's offset. Where two of them have no instant in common, one is wrong.
 */
#ifndef PHAROS_COMMON_WITNESS_H
#define PHAROS_COMMON_WITNESS_H

#include "common/discipline.h"

/* Into best: what keeps the clock (chrony or the kernel), or what gps knows of it
 * where that is closer, of those that have a bound at `now`. A receiver that
 * is wrong by whole seconds is not believed; any other contradiction leaves the
 * wider bound and says so. Neither has one: kept, with what is wrong. */
void witness_pick(struct discipline *best, const struct discipline *kept,
    const struct discipline *gps, nanoseconds now);

/* The last word of a source that now says less: is it still worth more than
 * best? Then best becomes it, held. It grows by what chronyd or ntpd take a
 * clock to wander by, and by drift (ppm), which nobody corrects any more. */
void witness_hold(struct discipline *best, const struct discipline *last,
    double drift, nanoseconds now);

#endif
