/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * job.h - a plan taken apart: one job for each test and target.
 *
 * A worklist lives until its last user is done with it, for runs of an old plan
 * outlive the change to a new one.
 */
#ifndef PHAROS_AGENT_JOB_H
#define PHAROS_AGENT_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/plan.h"

struct crew_run;
struct worklist;

struct job {
	struct worklist *list;
	const struct plan_test *test;
	const struct plan_target *target;
	const char *src, *dst;
	uint64_t flow; /* the same in every run, whatever restarts */
};

struct worklist {
	struct plan *plan;
	struct job *jobs;
	size_t count;
	size_t users;
};

/* Takes the plan over; one user, the caller. */
struct worklist *worklist_new(struct plan *plan);
void worklist_use(struct worklist *list);
void worklist_leave(struct worklist *list); /* NULL is fine */

/* What any run of it is: an order without its times and its owner; borrowed. */
struct crew_run job_order(const struct job *job);

/* Do both fill the same history? */
bool job_same_pair(const struct job *a, const struct job *b);
/* Would one, that runs all the time, be in the other's place? */
bool job_same(const struct job *a, const struct job *b);

#endif
