/* SPDX-License-Identifier: BSD-2-Clause */
#include "scheduler/schedule.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "scheduler/heap.h"

struct job {
	struct heap_node node; /* first; .when is the next start */
	char *test, *src, *dst;
	struct timing timing;
	struct timing_seed seed;
	void *owner;
	size_t rank;      /* among the jobs it came with */
	nanoseconds last; /* up to here all is made, missed or not ours */
};

struct schedule {
	void *key;
	size_t length;
	nanoseconds lead;
	const struct schedule_calls *calls;
	void *arg;
	struct job **jobs; /* by identity */
	size_t count;
	struct heap heap;  /* the same, by start */
	nanoseconds clock; /* last seen */
	bool running;
};

static struct job *
job_new(
    const struct schedule *schedule, const struct schedule_job *about, size_t i)
{
	struct job *job = memory_new(1, sizeof(*job));

	job->test = memory_text(about->test);
	job->src = memory_text(about->src);
	job->dst = memory_text(about->dst);
	job->timing = about->timing;
	job->owner = about->owner;
	job->rank = i;
	timing_seed(&job->seed, schedule->key, schedule->length, job->test,
	    job->src, job->dst);
	return (job);
}

static void
job_free(struct job *job)
{
	free(job->test);
	free(job->src);
	free(job->dst);
	free(job);
}

static int
job_compare(const struct job *a, const struct job *b)
{
	int order;

	if ((order = strcmp(a->test, b->test)) == 0 &&
	    (order = strcmp(a->src, b->src)) == 0)
		order = strcmp(a->dst, b->dst);
	return (order);
}

static int
job_sort(const void *a, const void *b)
{
	const struct job *left = *(struct job *const *)a;
	const struct job *right = *(struct job *const *)b;
	int order = job_compare(left, right);

	if (order == 0)
		order = left->rank < right->rank ? -1 : 1;
	return (order);
}

static void
job_go_on(struct job *job, nanoseconds last)
{
	job->last = last;
	job->node.when = timing_next(&job->timing, &job->seed, last);
}

struct schedule *
schedule_new(const void *key, size_t length, nanoseconds lead,
    const struct schedule_calls *calls, void *arg)
{
	struct schedule *schedule = memory_new(1, sizeof(*schedule));

	schedule->key = memory_new(1, length + 1);
	memcpy(schedule->key, key, length);
	schedule->length = length;
	schedule->lead = lead;
	schedule->calls = calls;
	schedule->arg = arg;
	schedule->clock = INT64_MIN;
	return (schedule);
}

void
schedule_free(struct schedule *schedule)
{
	size_t i;

	if (schedule == NULL)
		return;
	assert(!schedule->running);
	for (i = 0; i < schedule->count; i++)
		job_free(schedule->jobs[i]);
	free(schedule->jobs);
	heap_clear(&schedule->heap);
	free(schedule->key);
	free(schedule);
}

/* New jobs sorted by identity, only the first of each. */
static struct job **
make_jobs(const struct schedule *schedule, const struct schedule_job *about,
    size_t *count)
{
	struct job **jobs = memory_new(*count + 1, sizeof(struct job *));
	size_t i, kept = 0;

	for (i = 0; i < *count; i++)
		jobs[i] = job_new(schedule, &about[i], i);
	qsort(jobs, *count, sizeof(struct job *), job_sort);
	for (i = 0; i < *count; i++)
		if (kept > 0 && job_compare(jobs[kept - 1], jobs[i]) == 0)
			job_free(jobs[i]);
		else
			jobs[kept++] = jobs[i];
	*count = kept;
	return (jobs);
}

static bool
same_timing(const struct timing *a, const struct timing *b)
{
	return (a->kind == b->kind && a->every == b->every && a->at == b->at);
}

/* Where a new job's account begins. */
static nanoseconds
begin_after(const struct timing *timing, nanoseconds now)
{
	if (timing->kind == TIMING_ONCE && timing->at <= now)
		return (timing->at - 1);
	return (now);
}

/* Both lists are in the same order: walk them side by side. */
static void
take_places(
    struct schedule *schedule, struct job **jobs, size_t count, nanoseconds now)
{
	size_t i, old = 0;

	for (i = 0; i < count; i++) {
		const struct job *before = NULL;

		while (old < schedule->count &&
		       job_compare(schedule->jobs[old], jobs[i]) < 0)
			old++;
		if (old < schedule->count)
			before = schedule->jobs[old];
		if (before != NULL && job_compare(before, jobs[i]) == 0 &&
		    same_timing(&before->timing, &jobs[i]->timing)) {
			jobs[i]->last = before->last;
			jobs[i]->node.when = before->node.when;
		} else
			job_go_on(jobs[i], begin_after(&jobs[i]->timing, now));
	}
}

void
schedule_set(struct schedule *schedule, const struct schedule_job *jobs,
    size_t count, nanoseconds now)
{
	struct job **made = make_jobs(schedule, jobs, &count);
	size_t i;

	assert(!schedule->running);
	take_places(schedule, made, count, now);
	for (i = 0; i < schedule->count; i++)
		job_free(schedule->jobs[i]);
	free(schedule->jobs);
	schedule->jobs = made;
	schedule->count = count;
	heap_clear(&schedule->heap);
	for (i = 0; i < count; i++)
		heap_add(&schedule->heap, &made[i]->node);
}

/* The wall clock went back. A job that is not far ahead of it waits: what it
 * has made, it has made. */
static void
step_back(struct schedule *schedule, nanoseconds now)
{
	size_t i;

	for (i = 0; i < schedule->count; i++) {
		struct job *job = schedule->jobs[i];

		if (job->timing.kind != TIMING_ONCE &&
		    job->last - SCHEDULE_BACK > now) {
			job_go_on(job, now);
			heap_move(&schedule->heap, &job->node);
		}
	}
}

/* The first job's start is due or past; makes it or counts what it missed. */
static void
make_start(struct schedule *schedule, struct job *job, nanoseconds now)
{
	nanoseconds start = job->node.when, from = job->last;
	nanoseconds until = now - SCHEDULE_GRACE;

	if (start > until) {
		job_go_on(job, start);
		schedule->calls->due(schedule->arg, job->owner, start);
	} else {
		job_go_on(job, until);
		schedule->calls->missed(schedule->arg, job->owner,
		    timing_count(&job->timing, &job->seed, from, until), from,
		    until);
	}
	heap_move(&schedule->heap, &job->node);
}

nanoseconds
schedule_run(struct schedule *schedule, nanoseconds now)
{
	struct heap_node *first;

	assert(!schedule->running);
	schedule->running = true;
	if (now < schedule->clock)
		step_back(schedule, now);
	schedule->clock = now;
	while ((first = heap_first(&schedule->heap)) != NULL &&
	       first->when != INT64_MAX && first->when - schedule->lead <= now)
		make_start(schedule, (struct job *)first, now);
	schedule->running = false;
	if (first == NULL || first->when == INT64_MAX)
		return (INT64_MAX);
	return (first->when - schedule->lead);
}

size_t
schedule_size(const struct schedule *schedule)
{
	return (schedule->count);
}
