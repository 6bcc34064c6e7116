/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/once.h"

#include <stdlib.h>

#include "agent/job.h"
#include "agent/spool.h"
#include "common/memory.h"

bool
once_is(const struct job *job)
{
	return (job->test->timing.kind == TIMING_ONCE);
}

/* What is to run once; no name holds a slash. free() it. */
static char *
once_name(const struct job *job)
{
	return (memory_print("%s/%s/%s/%lld", job->test->name, job->src,
	    job->dst, (long long)job->test->timing.at));
}

/* A mark is for a year from now on at least, for the plan may have it as long. */
static void
mark(const struct job *job, const char *name, struct spool *spool,
    nanoseconds now)
{
	nanoseconds at = job->test->timing.at;

	spool_mark_once(spool, name, at > now ? at : now);
}

bool
once_is_over(const struct job *job, struct spool *spool, nanoseconds now)
{
	char *name = once_name(job);
	bool over = once_is(job) && spool_was(spool, name);

	if (over)
		mark(job, name, spool, now);
	free(name);
	return (over);
}

void
once_mark(const struct job *job, struct spool *spool, nanoseconds now)
{
	char *name;

	if (!once_is(job))
		return;
	name = once_name(job);
	mark(job, name, spool, now);
	free(name);
}
