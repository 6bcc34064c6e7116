/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/hosted_run.h"

#include "common/log.h"

static void
set_next(struct hosted *run)
{
	nanoseconds next = intervals_next(&run->intervals);
	nanoseconds late = intervals_deadline(&run->intervals, run->patience);

	hosted_set_timer(run, next < late ? next : late);
}

void
hosted_stream_begin(struct hosted *run)
{
	intervals_begin(
	    &run->intervals, run->order.report, run->wall, clock_monotonic());
	set_next(run);
}

/* From here on its end is due, too. */
static void
break_off(struct hosted *run, nanoseconds end, const char *why)
{
	run->broken = end;
	run->why = why;
	hosted_set_timer(run, clock_monotonic() + run->patience);
	run->host->ops->finish(&run->probe);
}

/* What is owed comes before what has just ended. */
static void
look(struct hosted *run)
{
	enum intervals_news news = INTERVALS_OVER;
	struct intervals_over over;

	while (run->stage == RUNNING && news == INTERVALS_OVER) {
		news = intervals_look(
		    &run->intervals, clock_wall(), clock_monotonic(), &over);
		if (news == INTERVALS_OVER)
			run->host->ops->interval(
			    &run->probe, over.from, over.to);
	}
	if (run->stage != RUNNING)
		return;
	if (news == INTERVALS_BROKEN)
		break_off(run, over.to, INTERVALS_CLOCK_SET);
	else
		set_next(run);
}

/* Nobody may have seen yet that the clock was set. */
void
hosted_stream_finish(struct hosted *run, const char *why)
{
	if (run->broken == 0)
		look(run);
	if (run->stage == RUNNING && run->broken == 0)
		break_off(run, clock_wall(), why);
}

void
hosted_stream_tick(struct hosted *run)
{
	if (run->broken != 0 ||
	    clock_monotonic() >=
		intervals_deadline(&run->intervals, run->patience))
		hosted_end(run, OUTCOME_FAILED,
		    "bug of the probe: it did not report in the time that it "
		    "announced");
	else
		look(run);
}

void
hosted_look(struct hosted *run)
{
	if (hosted_is_stream(run) && run->stage == RUNNING && run->broken == 0)
		look(run);
}

void
hosted_stream_span(
    const struct hosted *run, nanoseconds *start, nanoseconds *end)
{
	*start = run->intervals.owed;
	if (run->broken != 0)
		*end = run->broken;
}

void
hosted_report(struct probe_run *given, enum probe_outcome outcome,
    nanoseconds from, nanoseconds to)
{
	struct hosted *run = hosted_of(given);
	struct draft record = {0};

	if (!hosted_is_stream(run) || run->stage != RUNNING ||
	    !intervals_report(&run->intervals, from, to))
		log_fatal("bug of the plug-in: it reported an interval that is "
			  "not the next");
	hosted_record(run, &record, from, to, hosted_outcomes[outcome], NULL);
	hosted_add_metrics(run, &record, from);
	if (run->broken == 0)
		set_next(run);
	run->host->record(run->host->arg, run->number, &record, false);
	draft_clear(&record);
}
