/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vitals.h - how the agent is, for a scraper on this box.
 *
 * GET /metrics in Prometheus' format and GET /healthz (200 {"status":"ok",
 * "reasons":[]} or 503 with what stops the data), plain HTTP at the loopback
 * address that agent.yaml names; nothing is served without one.
 */
#ifndef PHAROS_AGENT_VITALS_H
#define PHAROS_AGENT_VITALS_H

struct error;
struct event_base;
struct json_object;
struct report;
struct vitals;

/* fill: what to say, asked each time. address: for listener_open. */
struct vitals *vitals_new(struct event_base *base, const char *address,
    void (*fill)(void *arg, struct report *report), void *arg,
    struct error *err);
void vitals_free(struct vitals *vitals); /* NULL is fine */

#endif
