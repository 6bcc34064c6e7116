/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * step.h - was the wall clock set?
 *
 * Its distance from the monotonic clock drifts while it is disciplined, and jumps
 * when somebody sets it.
 */
#ifndef PHAROS_PROBES_OWD_STEP_H
#define PHAROS_PROBES_OWD_STEP_H

#include <stdbool.h>

#include "common/clock.h"

#define STEP_LEAST (100 * NS_PER_MS) /* between two looks */

struct probe_host;

struct step { /* zeroed: nobody has looked */
	bool known;
	nanoseconds offset; /* wall - monotonic */
};

/* By how much it was set since the last look; 0: not at all. */
nanoseconds step_look(struct step *step, const struct probe_host *host);

#endif
