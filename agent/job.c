/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/job.h"

#include <assert.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "agent/crew.h"
#include "common/hash.h"
#include "common/memory.h"

static uint64_t
flow_of(const struct job *job)
{
	uint8_t digest[HASH_SIZE];
	uint64_t flow;
	char *text;

	/* no name holds a slash */
	text = memory_print("%s/%s/%s", job->test->name, job->src, job->dst);
	hash_sha256(text, strlen(text), digest);
	free(text);
	memcpy(&flow, digest, sizeof(flow));
	return (flow);
}

static void
fill_job(struct job *job, struct worklist *list, const struct plan_test *test,
    const struct plan_target *target)
{
	const char *box = list->plan->box;

	job->list = list;
	job->test = test;
	job->target = target;
	job->src = target->end == RUNS_AT_SRC ? box : target->name;
	job->dst = target->end == RUNS_AT_SRC ? target->name : box;
	job->flow = flow_of(job);
}

struct worklist *
worklist_new(struct plan *plan)
{
	struct worklist *list = memory_new(1, sizeof(*list));
	const struct plan_test *test;
	size_t i, total = 0;

	list->plan = plan;
	list->users = 1;
	for (i = 0; i < plan->test_count; i++)
		total += plan->tests[i].target_count;
	list->jobs = memory_new(total, sizeof(*list->jobs));
	for (test = plan->tests; test < plan->tests + plan->test_count; test++)
		for (i = 0; i < test->target_count; i++)
			fill_job(&list->jobs[list->count++], list, test,
			    &test->targets[i]);
	return (list);
}

void
worklist_use(struct worklist *list)
{
	list->users++;
}

void
worklist_leave(struct worklist *list)
{
	if (list == NULL)
		return;
	assert(list->users > 0);
	if (--list->users > 0)
		return;
	plan_free(list->plan);
	free(list->jobs);
	free(list);
}

struct crew_run
job_order(const struct job *job)
{
	return ((struct crew_run){
	    .probe = job->test->probe,
	    .test = job->test->name,
	    .target = job->target->name,
	    .address = job->target->address,
	    .family = job->target->family,
	    .end = manifest_ends[job->target->end],
	    .flow = job->flow,
	    .patience = job->test->patience,
	    .settings = job->test->options,
	});
}

static bool
same_text(const char *a, const char *b)
{
	return (a == b || (a != NULL && b != NULL && strcmp(a, b) == 0));
}

bool
job_same_pair(const struct job *a, const struct job *b)
{
	return (same_text(a->test->name, b->test->name) &&
		same_text(a->src, b->src) && same_text(a->dst, b->dst) &&
		a->target->family == b->target->family);
}

bool
job_same(const struct job *a, const struct job *b)
{
	return (job_same_pair(a, b) && a->flow == b->flow &&
		same_text(a->test->probe, b->test->probe) &&
		same_text(a->target->address, b->target->address) &&
		a->test->timing.every == b->test->timing.every &&
		json_object_equal(a->test->options, b->test->options));
}
