/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * uplink.h - everything this agent says to its collector.
 *
 * One connection carries records and hello, a second one holds the plan
 * request (agent/lane.h). Failures are tried again with jittered back-off (1 s to 60 s), or
 * when Retry-After says. Records go in order, one batch under way at a time,
 * and leave the spool only when acknowledged.
 */
#ifndef PHAROS_AGENT_UPLINK_H
#define PHAROS_AGENT_UPLINK_H

#include <stdbool.h>

#include "common/clock.h"

struct agent_settings;
struct error;
struct event_base;
struct json_object;
struct spool;
struct uplink;

struct uplink_calls {
	/* The body of a hello, with manifests or without; new reference. */
	struct json_object *(*hello)(void *arg, bool manifests);
	/* A plan came; borrowed. Taken or refused, the collector is asked
	 * only for the next one. */
	void (*plan)(void *arg, struct json_object *plan);
	/* Records have been acknowledged and may leave the disk. */
	void (*delivered)(void *arg);
	/* The collector's clock was at `now` when this box's was at `here`. */
	void (*told)(void *arg, nanoseconds now, nanoseconds here);
	/* The collector asks for a request for a certificate. */
	void (*renew)(void *arg);
	/* The collector has records of our epoch that we have not sent, the
	 * last from before that time (wall-clock). */
	void (*set_back)(void *arg, nanoseconds since);
};

#define UPLINK_HELLO_SECONDS 15

struct uplink *uplink_new(struct event_base *base,
    const struct agent_settings *settings, struct spool *spool,
    const struct uplink_calls *calls, void *arg, struct error *err);
void uplink_free(struct uplink *uplink); /* NULL is fine */
/* The spool has committed something. */
void uplink_records(struct uplink *uplink);
/* Say hello soon: plan taken or refused, addresses or clock changed. */
void uplink_hello(struct uplink *uplink);
/* There is another certificate: connects anew, after what is under way. */
void uplink_reconnect(struct uplink *uplink);
/* For how long the collector has answered no hello; since the start, if ever. */
nanoseconds uplink_unheard(const struct uplink *uplink);
/* {"connected":true,"last_ack":..,"last_hello":..,"delivered":12,"refused":0,
 * "second":false,"error":".."}; second: we are refused, for another agent has
 * our identity; new reference */
struct json_object *uplink_status(const struct uplink *uplink);

#endif
