/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What becomes of a run that is due: it is handed to the crew, or ends with a record
 * that says why not.
 */
#include <stdlib.h>

#include "agent/admission.h"
#include "agent/crew.h"
#include "agent/job.h"
#include "agent/runs_parts.h"
#include "agent/streams.h"
#include "common/memory.h"
#include "scheduler/schedule.h"

/* What the schedule still starts may wait for a commit, too. */
#define LATE_MOST (SCHEDULE_GRACE + RUNS_LEAD)

struct run {
	struct taker taker; /* first */
	TAILQ_ENTRY(run) link;
	struct runs *runs;
	const struct job *job;
	uint64_t note, handed;
	struct limits_pass *pass;
	nanoseconds start; /* wall-clock, when it is due ... */
	nanoseconds due;   /* ... and monotonic */
};

static void
end(struct run_list *list, struct run *run)
{
	struct runs *runs = run->runs;

	TAILQ_REMOVE(list, run, link);
	ledger_ended(&runs->ledger, run->note);
	admission_release(runs->admission, run->pass);
	worklist_leave(run->job->list);
	free(run);
}

/* It yields nothing. */
static void
end_without(struct run_list *list, struct run *run, enum outcome outcome,
    const char *why)
{
	const struct ledger_nothing nothing = {
	    .start = run->start,
	    .end =
		run->runs->held ? run->start : ledger_now(&run->runs->ledger),
	    .outcome = outcome,
	    .missed = outcome == OUTCOME_SKIPPED ? 1 : 0,
	    .why = why,
	};

	ledger_nothing(&run->runs->ledger, run->job, &nothing);
	end(list, run);
}

static void
take(void *owner, struct json_object *record, bool last)
{
	struct run *run = owner;

	ledger_found(&run->runs->ledger, run->job, run->start, record);
	if (last)
		end(&run->runs->open, run);
}

void
runs_note(struct runs *runs, const struct job *job, nanoseconds start)
{
	struct run *run = memory_new(1, sizeof(*run));

	run->taker.take = take;
	run->runs = runs;
	run->job = job;
	run->start = start;
	run->due = clock_monotonic() + start - ledger_now(&runs->ledger);
	run->note = ledger_note(&runs->ledger, job, start);
	worklist_use(job->list);
	TAILQ_INSERT_TAIL(&runs->noted, run, link);
}

static void
hand(struct runs *runs, struct run *run)
{
	struct crew_run order = job_order(run->job);

	order.at = run->start;
	order.due = run->due;
	order.owner = run;
	TAILQ_REMOVE(&runs->ready, run, link);
	TAILQ_INSERT_TAIL(&runs->open, run, link);
	run->handed = crew_start(runs->crew, &order);
}

/* A price that comes late finds runs whose time has passed. A clock that is set
 * does not change that of a run that was noted. */
static void
try_one(struct runs *runs, struct run *run)
{
	bool late = run->due + LATE_MOST < clock_monotonic();
	const char *why;

	switch (admission_ask(
	    runs->admission, run->job, run->start, &run->pass, &why)) {
	case ADMITTED:
		if (late)
			end_without(&runs->ready, run, OUTCOME_SKIPPED,
			    "its time had passed: disk or worker took too "
			    "long");
		else
			hand(runs, run);
		break;
	case ADMITTED_LATER:
		break;
	case ADMITTED_NEVER:
		end_without(&runs->ready, run, OUTCOME_FAILED, why);
		break;
	case REFUSED:
		end_without(&runs->ready, run, OUTCOME_SKIPPED, why);
		break;
	}
}

void
runs_try(struct runs *runs)
{
	struct run *run, *next;

	for (run = TAILQ_FIRST(&runs->ready); run != NULL; run = next) {
		next = TAILQ_NEXT(run, link);
		try_one(runs, run);
	}
}

void
runs_go(struct runs *runs)
{
	TAILQ_CONCAT(&runs->ready, &runs->noted, link);
	runs_try(runs);
}

void
runs_cut_short(struct run_list *list, enum outcome outcome, const char *why)
{
	struct run *run;

	while ((run = TAILQ_FIRST(list)) != NULL) {
		if (run->runs->held && run->handed != 0)
			crew_stop(run->runs->crew, run->handed);
		end_without(list, run, outcome, why);
	}
}
