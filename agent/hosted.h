/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hosted.h - one run of a plug-in, from the order to its last record.
 *
 *   resolving -> waiting for its time -> running -> over
 *
 * A stream is running until it is told to finish, or the clock is set.
 *
 * Any of them may lead to over at once. What is over is cleaned up from the
 * loop, never inside the call that ended it.
 */
#ifndef PHAROS_AGENT_HOSTED_H
#define PHAROS_AGENT_HOSTED_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/order.h"
#include "probes/probe.h"

struct draft;
struct json_object;
struct opt_out;
struct peers;
struct resolver;
struct hosted;

/* What all runs of a process share. */
struct hosted_by {
	const struct probe_ops *ops;
	struct probe_worker worker;
	struct resolver *resolver;
	struct opt_out *opt_out;
	struct peers *peers; /* NULL: there is no fleet */
	struct order_memo memo;
	/* record: its members and no closing brace; more may be added. After
	 * the last one the run is gone. */
	void (*record)(
	    void *arg, int64_t number, struct draft *record, bool last);
	void (*live)(void *arg, int64_t number, const char *text);
	void *arg;
};

/* What a plug-in is offered; offer.c. */
extern const struct probe_host offer;

/* order is a "start"; what is wrong with it becomes the run's record. */
struct hosted *hosted_new(
    struct hosted_by *host, int64_t number, struct json_object *order);
void hosted_finish(struct hosted *run); /* its record follows soon */
void hosted_look(struct hosted *run);   /* the clock has been set */
void hosted_free(struct hosted *run);   /* cut short: no record. NULL is fine */

/* For offer.c: the run behind what the plug-in holds. */
struct harvest *hosted_harvest(struct probe_run *given);
void hosted_stamps(
    struct probe_run *given, enum probe_stamp sent, enum probe_stamp received);
void hosted_report(struct probe_run *given, enum probe_outcome outcome,
    nanoseconds from, nanoseconds to);
void hosted_far_clock(struct probe_run *given, bool bounded, nanoseconds error);
void hosted_live(struct probe_run *given, const char *text);
void hosted_done(
    struct probe_run *given, enum probe_outcome outcome, const char *why);

#endif
