/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * calibration.h - what this box's own stamps are off by.
 *
 * A stream from the box to itself finds delays between one clock and itself, so
 * all of them are error: the systematic one is their median, the random one the
 * larger distance of P2.5 and P97.5 from it (RFC 7679 section 3.7.3). What a
 * budget takes of it must hold more than those 95 %: 999 in a thousand are at most
 * so large, and it is CALIBRATION_LEAST at least. All is of the last hour, in which
 * the box was as busy as it is.
 */
#ifndef PHAROS_AGENT_CALIBRATION_H
#define PHAROS_AGENT_CALIBRATION_H

#include <stdint.h>

#include "common/clock.h"

struct calibration;
struct json_object;

#define CALIBRATION_LEAST NS_PER_US
/* Until hundreds of packets have been measured: what a busy host's kernel may take
 * until it stamps. */
#define CALIBRATION_UNKNOWN (50 * NS_PER_US)
#define CALIBRATION_PACKETS 300

struct calibration *calibration_new(void);
void calibration_free(struct calibration *calibration); /* NULL is fine */
/* A distribution of such delays, as a record has it, at a monotonic instant. One
 * that is no good says nothing. */
void calibration_take(struct calibration *calibration,
    struct json_object *delays, nanoseconds now);
/* How far a kernel's stamp may be off, at a monotonic instant. */
nanoseconds calibration_error(
    const struct calibration *calibration, nanoseconds now);
/* {"packets":3600,"error":s,"systematic":s,"random":s}, these two when there are
 * enough. New reference. */
struct json_object *calibration_json(
    const struct calibration *calibration, nanoseconds now);

#endif
