/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * told_clock.h - this host's clock, as a worker knows it.
 *
 * By its parent's word, which is given anew every 16 s and when the clock was set;
 * before the first one, and where it is the kernel that knows, by the kernel's own.
 * All errors are those of a kernel's stamp: of the clock, and of what the stamp may
 * be behind it (agent/calibration.h). One state a process.
 */
#ifndef PHAROS_AGENT_TOLD_CLOCK_H
#define PHAROS_AGENT_TOLD_CLOCK_H

#include <stdbool.h>

#include "common/clock.h"

struct discipline;
struct json_object;

/* An order of kind "clock": discipline_json with "host", seconds, by which a stamp
 * may be off beside its clock. New reference. */
struct json_object *told_clock_json(
    const struct discipline *clock, nanoseconds host);
/* One that is no good is passed over. */
void told_clock_take(struct json_object *order);

/* How far a stamp of now may be off; false: nobody keeps the clock right. */
bool told_clock_error(nanoseconds *error);
/* The worst since a monotonic instant: a bound grows until the clock is looked at
 * again, and a step is in it until its source has accounted for it. */
bool told_clock_worst(nanoseconds since, nanoseconds *error);

#endif
