/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clocks.h - what the court found, as people and other processes read it.
 *
 * STATE/clocks.json, written by the court after each sitting and read by web:
 *
 *   {"at":T,"took":0.012,"boxes":[{"name":"nyc","verdict":"wrong",
 *    "reason":"all-pairs","since":T,"offset":0.0051,"error":0.0003,
 *    "least":-0.002,"most":0.011,"rate":1.2e-6,"rate_error":1e-7,"group":"lon",
 *    "pairs":7,"peers":7,"agree":7,"against":0,"claims":8,"trust":7,
 *    "spread":0.00002,"excess":0.004,"asymmetry":0.008,"proof":0.0,
 *    "evidence":"7 of 7 pairs show it, ..","before":[{"verdict":"wrong",
 *    "since":T,"until":T,"offset":0.005},..],"memory":{..}},..]}
 *
 * before: when it was named and is not any more, the newest last. Offsets are seconds ahead; what is not known is left out. group is the first
 * box that this one is tied to by pairs; memory is the court's own.
 */
#ifndef PHAROS_COLLECTOR_CLOCKS_H
#define PHAROS_COLLECTOR_CLOCKS_H

#include <stdbool.h>

#include "collector/court.h"

struct json_object;

/* Without memory and what was before; new reference. group: a name. */
struct json_object *clocks_box(
    const char *name, const char *group, const struct court_finding *finding);
/* New reference. */
struct json_object *clocks_before(const struct court_case *cases, size_t count);
/* Why, as one sentence without a full stop. */
#define CLOCKS_EVIDENCE 256
char *clocks_evidence(
    const struct court_finding *finding, char text[static CLOCKS_EVIDENCE]);
/* Is it named: wrong, or off as it says it may be? */
bool clocks_is_named(enum court_verdict verdict);

#endif
