/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * agent_parts.h - the parts of an agent: agent.c makes and frees them, agent_calls.c
 * has what each of them tells the others.
 */
#ifndef PHAROS_AGENT_AGENT_PARTS_H
#define PHAROS_AGENT_AGENT_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/settings.h"
#include "common/record.h"

struct calibration;
struct commits;
struct event_base;
struct http;
struct lately;
struct measuring;
struct renewal;
struct report;
struct runs;
struct spool;
struct uplink;
struct vitals;
struct watch;

struct agent {
	struct event_base *base;
	struct agent_settings settings;
	char box[NAME_TEXT]; /* as its certificate says */
	bool again;          /* by another name */
	int claim;           /* holds the lock of the state folder */
	bool closing;
	struct watch *watch;
	struct spool *spool;
	struct commits *commits;
	struct calibration *calibration;
	struct runs *runs; /* NULL: nobody is told any more */
	char *plan_path;
	struct measuring *measuring;
	struct uplink *uplink;
	struct renewal *renewal;
	struct http *control;
	struct vitals *vitals; /* NULL: not wanted */
	uint64_t outcomes[OUTCOMES];
	struct lately *lately;
};

/* Of all parts; borrowed. */
void agent_report(const struct agent *agent, struct report *report);

/* What the parts call; arg is the struct agent. */
extern const struct commits_calls agent_commits_calls;
extern const struct renewal_calls agent_renewal_calls;
extern const struct runs_calls agent_runs_calls;
extern const struct uplink_calls agent_uplink_calls;
extern const struct watch_calls agent_watch_calls;
/* Workers stamp by it. */
void agent_tell_clock(struct agent *agent);

#endif
