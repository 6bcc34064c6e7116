/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/streams.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "agent/admission.h"
#include "agent/alarm.h"
#include "agent/crew.h"
#include "agent/ledger.h"
#include "common/member.h"
#include "common/memory.h"
#include "scheduler/schedule.h"

#define HOLE_LEAST (10 * NS_PER_MS) /* less is how clocks are read */
#define BACKOFF_MOST 60             /* seconds */

struct stream {
	struct taker taker; /* first */
	TAILQ_ENTRY(stream) link;
	struct streams *streams;
	const struct job *job;
	bool runs;    /* the crew has it */
	bool dropped; /* its last record is the end */
	uint64_t note, handed;
	struct limits_pass *pass;
	nanoseconds covered;  /* up to here all is recorded, wall-clock */
	enum outcome outcome; /* of the hole behind that ... */
	char *why;            /* ... if it is known */
	unsigned tries;       /* since it last reported */
	struct event *timer;  /* of the next one */
};

TAILQ_HEAD(stream_list, stream);

struct streams {
	struct event_base *base;
	struct crew *crew;
	struct admission *admission;
	struct ledger *ledger;
	struct alarm *alarm; /* quiet hours */
	struct stream_list list;
};

/*
 * The account of a stream.
 */

static void
cover(struct stream *stream, nanoseconds until)
{
	struct ledger *ledger = stream->streams->ledger;

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
		ledger_nothing(stream->streams->ledger, stream->job, &hole);
		cover(stream, until);
	}
	free(stream->why);
	stream->why = NULL;
}

/* What has been skipped is said interval by interval. */
static void
open_hole(struct stream *stream, enum outcome outcome, const char *why)
{
	nanoseconds until = ledger_now(stream->streams->ledger);

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
	struct timeval tv = {0};

	if (wait > 0) {
		tv.tv_sec = wait / NS_PER_S;
		tv.tv_usec = wait % NS_PER_S / NS_PER_US;
	}
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
	const struct job *job = stream->job;
	const struct crew_run order = {
	    .probe = job->test->probe,
	    .test = job->test->name,
	    .target = job->target->name,
	    .address = job->target->address,
	    .family = job->target->family,
	    .end = manifest_ends[job->target->end],
	    .flow = job->flow,
	    .at = at,
	    .patience = job->test->patience,
	    .report = job->test->timing.every,
	    .settings = job->test->options,
	    .owner = stream,
	};

	stream->runs = true;
	stream->handed = crew_start(stream->streams->crew, &order);
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
	nanoseconds now = ledger_now(stream->streams->ledger), at;
	const char *why;

	if (waits(stream, now))
		return;
	at = stream->covered > now ? stream->covered : now;
	switch (admission_ask(
	    stream->streams->admission, stream->job, at, &stream->pass, &why)) {
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
	struct streams *streams = stream->streams;

	close_hole(stream, until);
	ledger_ended(streams->ledger, stream->note);
	admission_release(streams->admission, stream->pass);
	TAILQ_REMOVE(&streams->list, stream, link);
	worklist_leave(stream->job->list);
	event_free(stream->timer);
	free(stream->why);
	free(stream);
}

static void
ended(struct stream *stream, bool failed, const char *why)
{
	stream->runs = false;
	admission_release(stream->streams->admission, stream->pass);
	stream->pass = NULL;
	if (failed)
		open_hole(stream, OUTCOME_FAILED,
		    why != NULL ? why : "its worker gave no reason");
	else if (why != NULL)
		open_hole(stream, OUTCOME_SKIPPED, why);
	if (!stream->dropped)
		back_off(stream);
	else if (stream->why != NULL)
		remove_stream(stream, ledger_now(stream->streams->ledger));
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
	ledger_found(stream->streams->ledger, stream->job, start, record);
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
 * The plan.
 */

static struct stream *
add_stream(struct streams *streams, const struct job *job, nanoseconds since)
{
	struct stream *stream = memory_new(1, sizeof(*stream));

	stream->taker.take = take;
	stream->streams = streams;
	stream->job = job;
	worklist_use(job->list);
	stream->timer = evtimer_new(streams->base, on_timer, stream);
	TAILQ_INSERT_TAIL(&streams->list, stream, link);
	cover(stream, since);
	return (stream);
}

static bool
same_text(const char *a, const char *b)
{
	return (a == b || (a != NULL && b != NULL && strcmp(a, b) == 0));
}

/* Do both fill the same history? */
static bool
same_pair(const struct job *a, const struct job *b)
{
	return (same_text(a->test->name, b->test->name) &&
		same_text(a->src, b->src) && same_text(a->dst, b->dst) &&
		a->target->family == b->target->family);
}

/* Would one be in the other's place? */
static bool
same_job(const struct job *a, const struct job *b)
{
	return (same_pair(a, b) && a->flow == b->flow &&
		same_text(a->test->probe, b->test->probe) &&
		same_text(a->target->address, b->target->address) &&
		a->test->timing.every == b->test->timing.every &&
		json_object_equal(a->test->options, b->test->options));
}

static struct stream *
find_stream(struct stream_list *list, const struct job *job)
{
	struct stream *stream;

	TAILQ_FOREACH (stream, list, link)
		if (!stream->dropped && same_job(stream->job, job))
			break;
	return (stream);
}

/* Where what is recorded of its pair ends, if that is later: one that waits for
 * its clock may be replaced by one of other options. */
static nanoseconds
recorded(
    const struct stream_list *old, const struct job *job, nanoseconds since)
{
	const struct stream *stream;

	TAILQ_FOREACH (stream, old, link)
		if (same_pair(stream->job, job) && stream->covered > since)
			since = stream->covered;
	return (since);
}

/* It goes on, and its records are of the new plan. */
static void
keep_stream(struct streams *streams, struct stream *stream,
    const struct job *job, struct stream_list *old)
{
	TAILQ_REMOVE(old, stream, link);
	TAILQ_INSERT_TAIL(&streams->list, stream, link);
	worklist_use(job->list);
	worklist_leave(stream->job->list);
	stream->job = job;
	cover(stream, stream->covered);
}

static void
drop_stream(struct streams *streams, struct stream *stream)
{
	if (!stream->runs) {
		remove_stream(stream, ledger_now(streams->ledger));
	} else if (!stream->dropped) {
		stream->dropped = true;
		crew_finish_run(streams->crew, stream->handed);
	}
}

void
streams_set(struct streams *streams, struct worklist *list, nanoseconds since)
{
	struct stream_list old = TAILQ_HEAD_INITIALIZER(old);
	struct stream *stream, *next;

	TAILQ_CONCAT(&old, &streams->list, link);
	for (struct job *job = list->jobs; job < list->jobs + list->count;
	     job++) {
		if (job->test->timing.kind != TIMING_CONTINUOUS)
			continue;
		stream = find_stream(&old, job);
		if (stream != NULL) {
			keep_stream(streams, stream, job, &old);
			continue;
		}
		stream = add_stream(streams, job, recorded(&old, job, since));
		set_timer(stream, 0);
	}
	stream = TAILQ_FIRST(&old);
	TAILQ_CONCAT(&streams->list, &old, link);
	for (; stream != NULL; stream = next) {
		next = TAILQ_NEXT(stream, link);
		drop_stream(streams, stream);
	}
}

void
streams_news(struct streams *streams)
{
	struct stream *stream;

	TAILQ_FOREACH (stream, &streams->list, link)
		if (!stream->runs &&
		    !event_pending(stream->timer, EV_TIMEOUT, NULL))
			try(stream);
}

void
streams_hold(struct streams *streams, nanoseconds until, const char *why)
{
	struct stream *stream;

	while ((stream = TAILQ_FIRST(&streams->list)) != NULL) {
		if (stream->runs)
			crew_stop(streams->crew, stream->handed);
		if (stream->why == NULL) {
			stream->outcome = OUTCOME_FAILED;
			stream->why = memory_text(why);
		}
		remove_stream(stream, until);
	}
}

void
streams_review(struct streams *streams)
{
	nanoseconds now = ledger_now(streams->ledger);
	struct stream *stream;

	TAILQ_FOREACH (stream, &streams->list, link)
		if (!stream->runs)
			set_timer(stream, 0);
		else if (!stream->dropped &&
			 !admission_stays(streams->admission, stream->job, now,
			     &stream->pass))
			crew_finish_run(streams->crew, stream->handed);
	alarm_set(streams->alarm, admission_change(streams->admission, now));
}

/*
 * Life.
 */

static void
ring(void *arg)
{
	streams_review(arg);
}

struct streams *
streams_new(struct event_base *base, struct crew *crew,
    struct admission *admission, struct ledger *ledger, struct error *err)
{
	struct streams *streams = memory_new(1, sizeof(*streams));

	streams->base = base;
	streams->crew = crew;
	streams->admission = admission;
	streams->ledger = ledger;
	TAILQ_INIT(&streams->list);
	streams->alarm = alarm_new(base, ring, streams, err);
	if (streams->alarm == NULL) {
		free(streams);
		return (NULL);
	}
	alarm_set(
	    streams->alarm, admission_change(admission, ledger_now(ledger)));
	return (streams);
}

void
streams_free(struct streams *streams)
{
	struct stream *stream;

	if (streams == NULL)
		return;
	while ((stream = TAILQ_FIRST(&streams->list)) != NULL) {
		if (stream->why == NULL)
			open_hole(stream, OUTCOME_FAILED,
			    stream->runs ? "pharosd was stopped while it ran"
					 : "pharosd was stopped before it ran");
		remove_stream(stream, ledger_now(streams->ledger));
	}
	alarm_free(streams->alarm);
	free(streams);
}
