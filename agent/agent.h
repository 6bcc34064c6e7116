/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * agent.h - pharosd: plan, schedule, crew, spool and uplink, put together.
 *
 * STATE/control (HTTP on a Unix socket): GET /control/v1/status answers
 *   {"box","version","epoch","collector",
 *    "plan":{"revision","tests","jobs","refused"},"clock":{agent/watch.h},
 *    "spool":{"records","bytes","oldest","dropped","error"},"uplink":{..},
 *    "certificate":{"until","renew","error"},
 *    "limited":[what limits refused, agent/refusals.h],
 *    "far_ends":[{agent/serving.h}],
 *    "crew":[..],"last":[the last 16 records]}
 */
#ifndef PHAROS_AGENT_AGENT_H
#define PHAROS_AGENT_AGENT_H

#include <stdbool.h>

#include "agent/settings.h"

struct agent;
struct error;
struct event_base;

/* raise_capabilities: workers are forked with CAP_NET_RAW (agent/crew.h). */
struct agent *agent_new(struct event_base *base,
    const struct agent_settings *settings, bool raise_capabilities,
    struct error *err);
/* What of the settings may change in a running agent counts from now on. */
void agent_configure(
    struct agent *agent, const struct agent_settings *settings);
/* The loop was left because the box has another name, or needs another epoch:
 * free this one and make another. */
bool agent_again(const struct agent *agent);
/* Cuts runs short (their records say so), commits, closes. */
void agent_free(struct agent *agent); /* NULL is fine */

#endif
