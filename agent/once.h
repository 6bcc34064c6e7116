/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Tests that run once: the spool remembers which were seen to, so that neither a
 * restart nor a plan that comes again runs them a second time.
 */
#ifndef PHAROS_AGENT_ONCE_H
#define PHAROS_AGENT_ONCE_H

#include <stdbool.h>

#include "common/clock.h"

struct job;
struct spool;

bool once_is(const struct job *job);

/* Does the job run once, and was it seen to, maybe in another life of this
 * daemon? While it is asked for, it is remembered. */
bool once_is_over(const struct job *job, struct spool *spool, nanoseconds now);

/* It is being seen to; nothing for other jobs. */
void once_mark(const struct job *job, struct spool *spool, nanoseconds now);

#endif
