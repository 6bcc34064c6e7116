/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * refusals.h - what the site's limits kept from running, counted by test and
 * limit since the start.
 */
#ifndef PHAROS_AGENT_REFUSALS_H
#define PHAROS_AGENT_REFUSALS_H

#include "agent/limits.h"

struct json_object;
struct refusals;

struct refusals *refusals_new(void);
void refusals_free(struct refusals *refusals); /* NULL is fine */
void refusals_add(struct refusals *refusals, const char *test,
    const struct limits_refusal *refusal, nanoseconds now);
/* [{"test":"core-tput","limit":"bandwidth","count":12,"last":..,
 *   "why":"limit: bandwidth: ..."},...], by test; new reference */
struct json_object *refusals_json(const struct refusals *refusals);

#endif
