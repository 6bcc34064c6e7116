/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * planned.h - for unit tests: fleets made of a text, and the plans of their boxes.
 */
#ifndef PHAROS_TESTS_UNIT_PLANNED_H
#define PHAROS_TESTS_UNIT_PLANNED_H

#include <stdbool.h>
#include <stdint.h>

#include "collector/fleet.h"

/* All borrowed. */
struct planned {
	const char *const *manifests; /* JSON; ends with NULL */
	const char *sites;            /* and meshes: before the tests' text */
	bool (*secret)(
	    void *arg, const char *a, const char *b, uint8_t secret[static 32]);
};

/* As fleet_read; what comes back is the caller's. */
struct fleet *planned_read(const struct planned *planned, const char *tests,
    struct json_object **problems, struct json_object **warnings);
/* The same of a text that is right and gives no warning that says `never`; NULL:
 * whatever it says. */
struct fleet *planned_good(
    const struct planned *planned, const char *tests, const char *never);
struct json_object *planned_plan(
    const struct planned *planned, const struct fleet *fleet, const char *box);

#endif
