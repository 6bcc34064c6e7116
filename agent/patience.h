/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * patience.h - how long a run can take at most, without knowing the probe.
 *
 * A run waits for each of its durations at most once for each thing it counts:
 * the sum of the durations times the product of the counts bounds it. That is
 * generous, and never under ten minutes: it only ends what hangs; the probe's
 * own cost is the worker's concern.
 */
#ifndef PHAROS_AGENT_PATIENCE_H
#define PHAROS_AGENT_PATIENCE_H

#include "common/clock.h"
#include "common/option.h"

#define PATIENCE_LEAST (600 * NS_PER_S)
#define PATIENCE_MOST (8 * 86400 * NS_PER_S)

/* options have passed option_check for the table. */
nanoseconds patience(const struct setting *table, struct json_object *options);

#endif
