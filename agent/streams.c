/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/streams.h"

#include <event2/event.h>
#include <stdlib.h>

#include "agent/admission.h"
#include "agent/alarm.h"
#include "agent/ledger.h"
#include "agent/stream.h"
#include "common/memory.h"

struct streams {
	struct stream_home home;
	struct alarm *alarm; /* quiet hours */
};

/*
 * The plan.
 */

static struct stream *
find_stream(struct stream_list *list, const struct job *job)
{
	struct stream *stream;

	TAILQ_FOREACH (stream, list, link)
		if (!stream->dropped && job_same(stream->job, job))
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
		if (job_same_pair(stream->job, job) && stream->covered > since)
			since = stream->covered;
	return (since);
}

void
streams_set(struct streams *streams, struct worklist *list, nanoseconds since)
{
	struct stream_list *all = &streams->home.streams, old;
	struct stream *stream, *next;

	TAILQ_INIT(&old);
	TAILQ_CONCAT(&old, all, link);
	for (struct job *job = list->jobs; job < list->jobs + list->count;
	     job++) {
		if (job->test->timing.kind != TIMING_CONTINUOUS)
			continue;
		stream = find_stream(&old, job);
		if (stream != NULL) {
			TAILQ_REMOVE(&old, stream, link);
			stream_keep(stream, job);
		} else {
			stream_add(
			    &streams->home, job, recorded(&old, job, since));
		}
	}
	stream = TAILQ_FIRST(&old);
	TAILQ_CONCAT(all, &old, link);
	for (; stream != NULL; stream = next) {
		next = TAILQ_NEXT(stream, link);
		stream_drop(stream);
	}
}

void
streams_news(struct streams *streams)
{
	struct stream *stream;

	TAILQ_FOREACH (stream, &streams->home.streams, link)
		stream_look(stream);
}

void
streams_hold(struct streams *streams, nanoseconds until, const char *why)
{
	struct stream *stream;

	while ((stream = TAILQ_FIRST(&streams->home.streams)) != NULL)
		stream_hold(stream, until, why);
}

void
streams_review(struct streams *streams)
{
	struct stream_home *home = &streams->home;
	nanoseconds now = ledger_now(home->ledger);
	struct stream *stream;

	TAILQ_FOREACH (stream, &home->streams, link)
		stream_review(stream, now);
	alarm_set(streams->alarm, admission_change(home->admission, now));
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

	streams->home.base = base;
	streams->home.crew = crew;
	streams->home.admission = admission;
	streams->home.ledger = ledger;
	TAILQ_INIT(&streams->home.streams);
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
	while ((stream = TAILQ_FIRST(&streams->home.streams)) != NULL)
		stream_end(stream);
	alarm_free(streams->alarm);
	free(streams);
}
