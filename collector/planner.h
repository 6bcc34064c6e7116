/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * planner.h - the plan of one box, derived from the fleet (agent/plan.h has
 * the shape).
 */
#ifndef PHAROS_COLLECTOR_PLANNER_H
#define PHAROS_COLLECTOR_PLANNER_H

#include <stdint.h>

struct fleet;
struct json_object;

/* key: the fleet's. NULL when the fleet has no such box. etag is of all but the
 * revision, so that a change elsewhere does not wake this box. */
struct json_object *planner_plan(const struct fleet *fleet, const char *box,
    const uint8_t key[static 32], char etag[static 20]);

#endif
