/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gap.h - records of outcome gap: when nothing was scheduled, and why.
 *
 * Clocks that were set back by no more than SCHEDULE_BACK are waited for, so that
 * nothing is started twice. Further back, what was measured by the clock before
 * stays as it is and its times come again: a gap record says so.
 */
#ifndef PHAROS_AGENT_GAP_H
#define PHAROS_AGENT_GAP_H

#include "common/clock.h"

struct spool;

/* Nothing was scheduled since `lived`, for this reason. The instant after which
 * runs may start: `resume`, or later. */
nanoseconds gap_since(struct spool *spool, nanoseconds lived,
    nanoseconds resume, const char *why);
/* How far runs have been started, of a clock that was at `before` and is at
 * `now`: it is waited for, or what was before does not count. */
nanoseconds gap_reached(nanoseconds before, nanoseconds now);
/* The clock was set back to `now`; runs had been started up to `until`. why: what
 * else there is to say, or NULL. */
void gap_set_back(
    struct spool *spool, nanoseconds now, nanoseconds until, const char *why);

#endif
