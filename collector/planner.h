/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * planner.h - the plan of one box, derived from the fleet (agent/plan.h has
 * the shape).
 *
 * Boxes whose tests have a far end share a secret, which is in the plans of both
 * and of nobody else. A far end's options are those of its tests that have the
 * same name.
 */
#ifndef PHAROS_COLLECTOR_PLANNER_H
#define PHAROS_COLLECTOR_PLANNER_H

#include <stdbool.h>
#include <stdint.h>

struct error;
struct fleet;
struct json_object;

#define PLANNER_SECRET 32

struct planner {
	const struct fleet *fleet;
	const uint8_t *key; /* the fleet's, 32 bytes; in every plan */
	/* The secret of two boxes. False: one of them is no member now. NULL:
	 * there are none. */
	bool (*secret)(void *arg, const char *a, const char *b,
	    uint8_t secret[static PLANNER_SECRET]);
	void *arg;
};

/* NULL when the fleet has no such box. etag is of all but the revision, so that a
 * change elsewhere does not wake this box. */
struct json_object *planner_plan(
    const struct planner *planner, const char *box, char etag[static 20]);

/* Can all far ends be as their tests say? -1: two tests contradict each other. */
int planner_check(const struct fleet *fleet, struct error *err);

#endif
