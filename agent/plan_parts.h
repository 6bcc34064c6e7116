/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plan_parts.h - what the files that read a plan share: plan.c reads the whole,
 * plan_test.c each test of it.
 */
#ifndef PHAROS_AGENT_PLAN_PARTS_H
#define PHAROS_AGENT_PLAN_PARTS_H

#include "agent/plan.h"

/* The manifest of the "probe" that json names; NULL with err set when it is not
 * installed. */
const struct manifest *plan_find_probe(
    struct json_object *json, const struct catalog *catalog, struct error *err);

/* test: all zero before, and to be cleared whatever comes of it; seen: names of the
 * tests before, to which its own is added. */
int plan_read_test(struct json_object *json, struct plan_test *test,
    struct json_object *seen, const struct catalog *catalog, struct error *err);
void plan_clear_test(struct plan_test *test);

#endif
