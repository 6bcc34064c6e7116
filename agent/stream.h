/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stream.h - a job that runs all the time: its account, and one run after another.
 *
 * For streams.c. Up to `covered` all is recorded; behind it is an interval that is
 * being measured, or a hole, whose outcome and why are known or not. A hole is
 * recorded when it ends.
 */
#ifndef PHAROS_AGENT_STREAM_H
#define PHAROS_AGENT_STREAM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "agent/job.h"
#include "agent/streams.h"
#include "common/record.h"

struct event;
struct limits_pass;

TAILQ_HEAD(stream_list, stream);

/* What all streams share; all but the list borrowed. */
struct stream_home {
	struct event_base *base;
	struct crew *crew;
	struct admission *admission;
	struct ledger *ledger;
	struct stream_list streams;
};

struct stream {
	struct taker taker; /* first */
	TAILQ_ENTRY(stream) link;
	struct stream_home *home;
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

/* At the end of the home's list; it starts soon, and its account at `since`. */
struct stream *stream_add(
    struct stream_home *home, const struct job *job, nanoseconds since);
/* One that is in no list goes on, and its records are of the new plan. */
void stream_keep(struct stream *stream, const struct job *job);

/* These may free it. It ends with what it has so far ... */
void stream_drop(struct stream *stream);
/* ... or at once: what is not recorded up to `until` failed, and why ... */
void stream_hold(struct stream *stream, nanoseconds until, const char *why);
/* ... or since the crew has been freed. */
void stream_end(struct stream *stream);

/* Try to start it, if it waits for nothing but news. */
void stream_look(struct stream *stream);
/* Limits have changed: it ends if it is no longer admitted, or tries to start. */
void stream_review(struct stream *stream, nanoseconds now);

#endif
