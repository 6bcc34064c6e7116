/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trust.h - can this box's clock be believed, so that something is measured by it?
 *
 * A clock that something keeps right is believed, and so is one that agrees with
 * the collector's. Of any other it is asked that it contradicts nothing that is
 * certain: it is not before the box's certificate nor after it, and not before
 * what the spool holds. A collector would refuse records of 1970, or keep them
 * in a wrong place, and with a clock outside of its certificate no agent gets
 * through to it.
 *
 * Whoever keeps it right, a clock is not believed by which a collector would
 * refuse all there is: one of before 2020, or far ahead of a collector that says
 * its time, which it does not while it may itself be behind.
 */
#ifndef PHAROS_AGENT_TRUST_H
#define PHAROS_AGENT_TRUST_H

#include <stdbool.h>

#include "common/clock.h"

struct error;

#define TRUST_AGREES (60 * NS_PER_S)
/* A collector refuses records that are a day ahead. */
#define TRUST_CONTRADICTS (12 * 3600 * NS_PER_S)

struct trust_facts {
	bool synchronised;       /* it has a bound: common/discipline.h */
	nanoseconds from, until; /* of the certificate; 0: not known */
	nanoseconds lived;       /* spool_lived */
	bool told;               /* the collector has said its time ... */
	nanoseconds ahead;       /* ... and this clock is so far ahead of it */
};

/* At the start, and when it was set. -1: no, and why. */
int trust_judge(
    const struct trust_facts *facts, nanoseconds now, struct error *why);
/* Of a clock that has been believed and was not set: only the collector can
 * contradict it. */
int trust_still(const struct trust_facts *facts, struct error *why);

#endif
