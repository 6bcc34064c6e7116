/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/stream.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "agent/admission.h"
#include "agent/crew.h"
#include "agent/ledger.h"
#include "common/member.h"
#include "common/memory.h"
#include "scheduler/schedule.h"

#define HOLE_LEAST (10 * NS_PER_MS) /* less is how clocks are read */
#define BACKOFF_MOST 60             /* seconds */

/*
 * The account of a stream.
 */

static void
cover(struct stream *stream, nanoseconds until)
{
	struct ledger *ledger = stream->home->ledger;

	stream->covered = until;
	if (stream->note != 0)
		ledger_ended(ledger, stream->note);
	stream->note = ledger_note(ledger, stream->job, until);
}

/* How many intervals the hole is part of. */
static uint64_t
intervals(const struct stream *stream, nanoseconds until)
{
	const struct timing_seed any = {{0}};

	return (timing_count(&stream->job->test->timing, &any, stream->covered,
		    until - 1) +
		1);
}

static void
close_hole(struct stream *stream, nanoseconds until)
{
	struct ledger_nothing hole = {
	    stream->covered, until, stream->outcome, 0, stream->why};

	if (stream->why == NULL) {
		hole.outcome = OUTCOME_FAILED;
		hole.why = "it did not begin in time: its worker took long, or "
			   "the clock was set";
	}
	if (until - stream->covered >= HOLE_LEAST) {
		if (hole.outcome == OUTCOME_SKIPPED)
			hole.missed = intervals(stream, until);
		ledger_nothing(stream->home->ledger, stream->job, &hole);
		cover(stream, until);
	}
	free(stream->why);
	stream->why = NULL;
}

/* What has been skipped is said interval by interval. */
static void
open_hole(struct stream *stream, enum outcome outcome, const char *why)
{
	nanoseconds until = ledger_now(stream->home->ledger);

	if (stream->outcome == OUTCOME_SKIPPED)
		until -= until % stream->job->test->timing.every;
	if (stream->why != NULL)
		close_hole(stream, until);
	stream->outcome = outcome;
	stream->why = memory_text(why);
}

/*
 * Starting and ending.
 */

static void
set_timer(struct stream *stream, nanoseconds wait)
{
	struct timeval tv = clock_timeval(wait);

	event_add(stream->timer, &tv);
}

static void
back_off(struct stream *stream)
{
	unsigned tries = stream->tries++;
	nanoseconds wait = 0;

	if (tries > 0)
		wait = tries > 6 ? BACKOFF_MOST : INT64_C(1) << (tries - 1);
	set_timer(stream, wait * NS_PER_S);
}

/* One that is refused asks again with every interval. */
static void
wait_an_interval(struct stream *stream, nanoseconds now)
{
	nanoseconds every = stream->job->test->timing.every;

	set_timer(stream, every - now % every);
}

static void
hand(struct stream *stream, nanoseconds at)
{
	struct crew_run order = job_order(stream->job);

	order.at = at;
	order.report = stream->job->test->timing.every;
	order.owner = stream;
	stream->runs = true;
	stream->handed = crew_start(stream->home->crew, &order);
}

/* The clock was set back. A worker waits by another one, so it gets no order
 * before its time is near. */
static bool
waits(struct stream *stream, nanoseconds now)
{
	nanoseconds left;

	if (stream->covered - SCHEDULE_BACK > now)
		cover(stream, now); /* it was plain wrong before */
	left = stream->covered - now;
	if (left > RUNS_LEAD)
		set_timer(stream, left - RUNS_LEAD);
	return (left > RUNS_LEAD);
}

static void
try(struct stream *stream)
{
	nanoseconds now = ledger_now(stream->home->ledger), at;
	const char *why;

	if (waits(stream, now))
		return;
	at = stream->covered > now ? stream->covered : now;
	switch (admission_ask(
	    stream->home->admission, stream->job, at, &stream->pass, &why)) {
	case ADMITTED:
		hand(stream, at);
		break;
	case ADMITTED_LATER:
		break;
	case ADMITTED_NEVER:
		open_hole(stream, OUTCOME_FAILED, why);
		back_off(stream);
		break;
	case REFUSED:
		open_hole(stream, OUTCOME_SKIPPED, why);
		wait_an_interval(stream, now);
		break;
	}
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	try(arg);
}

static void
remove_stream(struct stream *stream, nanoseconds until)
{
	struct stream_home *home = stream->home;

	close_hole(stream, until);
	ledger_ended(home->ledger, stream->note);
	admission_release(home->admission, stream->pass);
	TAILQ_REMOVE(&home->streams, stream, link);
	worklist_leave(stream->job->list);
	event_free(stream->timer);
	free(stream->why);
	free(stream);
}

static void
ended(struct stream *stream, bool failed, const char *why)
{
	stream->runs = false;
	admission_release(stream->home->admission, stream->pass);
	stream->pass = NULL;
	if (failed)
		open_hole(stream, OUTCOME_FAILED,
		    why != NULL ? why : "its worker gave no reason");
	else if (why != NULL)
		open_hole(stream, OUTCOME_SKIPPED, why);
	if (!stream->dropped)
		back_off(stream);
	else if (stream->why != NULL)
		remove_stream(stream, ledger_now(stream->home->ledger));
	else
		remove_stream(stream, stream->covered);
}

/* What there is of an interval. Its "why" is why the stream ends, if measured. */
static void
take_interval(struct stream *stream, json_object *record)
{
	nanoseconds start =
	    clock_of_seconds(member_number_or(record, "start", 0));

	close_hole(stream, start);
	if (strcmp(member_text_or(record, "outcome", ""), "measured") == 0)
		json_object_object_del(record, "why");
	ledger_found(stream->home->ledger, stream->job, start, record);
	cover(stream, clock_of_seconds(member_number_or(record, "end", 0)));
}

/* A last one that found nothing is part of the hole. */
static void
take(void *owner, json_object *record, bool last)
{
	struct stream *stream = owner;
	const char *outcome = member_text_or(record, "outcome", "");
	const char *why = member_text_or(record, "why", NULL);
	char *kept = why != NULL ? memory_text(why) : NULL;
	bool failed = strcmp(outcome, "failed") == 0;

	if (!last || (!failed && strcmp(outcome, "skipped") != 0))
		take_interval(stream, record);
	if (last)
		ended(stream, failed, kept);
	else
		stream->tries = 0;
	free(kept);
}

/*
 * What the plan does with it.
 */

struct stream *
stream_add(struct stream_home *home, const struct job *job, nanoseconds since)
{
	struct stream *stream = memory_new(1, sizeof(*stream));

	stream->taker.take = take;
	stream->home = home;
	stream->job = job;
	worklist_use(job->list);
	stream->timer = evtimer_new(home->base, on_timer, stream);
	TAILQ_INSERT_TAIL(&home->streams, stream, link);
	cover(stream, since);
	set_timer(stream, 0);
	return (stream);
}

void
stream_keep(struct stream *stream, const struct job *job)
{
	TAILQ_INSERT_TAIL(&stream->home->streams, stream, link);
	worklist_use(job->list);
	worklist_leave(stream->job->list);
	stream->job = job;
	cover(stream, stream->covered);
}

void
stream_drop(struct stream *stream)
{
	if (!stream->runs) {
		remove_stream(stream, ledger_now(stream->home->ledger));
	} else if (!stream->dropped) {
		stream->dropped = true;
		crew_finish_run(stream->home->crew, stream->handed);
	}
}

void
stream_look(struct stream *stream)
{
	if (!stream->runs && !event_pending(stream->timer, EV_TIMEOUT, NULL))
		try(stream);
}

void
stream_review(struct stream *stream, nanoseconds now)
{
	struct stream_home *home = stream->home;

	if (!stream->runs)
		set_timer(stream, 0);
	else if (!stream->dropped && !admission_stays(home->admission,
					 stream->job, now, &stream->pass))
		crew_finish_run(home->crew, stream->handed);
}

void
stream_hold(struct stream *stream, nanoseconds until, const char *why)
{
	if (stream->runs)
		crew_stop(stream->home->crew, stream->handed);
	if (stream->why == NULL) {
		stream->outcome = OUTCOME_FAILED;
		stream->why = memory_text(why);
	}
	remove_stream(stream, until);
}

void
stream_end(struct stream *stream)
{
	if (stream->why == NULL)
		open_hole(stream, OUTCOME_FAILED,
		    stream->runs ? "pharosd was stopped while it ran"
				 : "pharosd was stopped before it ran");
	remove_stream(stream, ledger_now(stream->home->ledger));
}
