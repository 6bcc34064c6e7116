/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hosted_run.h - what hosted.c and hosted_stream.c share.
 */
#ifndef PHAROS_AGENT_HOSTED_RUN_H
#define PHAROS_AGENT_HOSTED_RUN_H

#include "agent/hosted.h"
#include "agent/intervals.h"
#include "agent/order.h"
#include "common/draft.h"
#include "common/record.h"

struct event;
struct harvest;
struct lookup;

enum hosted_stage { RESOLVING, WAITING, RUNNING, OVER };

struct hosted {
	struct probe_run probe; /* what the plug-in sees */
	struct hosted_by *host;
	int64_t number;
	enum hosted_stage stage;
	struct order order;
	union address source; /* any */
	struct lookup *lookup;
	struct event *timer; /* the time, then the cut, then the cleaning */
	bool begun;          /* start() was called: stop() is due */
	nanoseconds wall;    /* when it began ... */
	nanoseconds began;   /* ... and by the monotonic clock */
	nanoseconds lateness;
	nanoseconds patience; /* until it is cut; cost.seconds and slack */
	struct intervals intervals; /* of a stream */
	nanoseconds broken;         /* a stream is to end, at that time ... */
	const char *why;            /* ... for this reason, or NULL */
	bool stamped;
	enum probe_stamp stamps[2];  /* of sending and of receiving */
	bool far_known, far_bounded; /* of the other end's clock */
	nanoseconds far_error;
	struct harvest *harvest;
	struct draft record; /* the last one, once it is over */
};

extern const enum outcome hosted_outcomes[]; /* of enum probe_outcome */

struct hosted *hosted_of(struct probe_run *given);
/* monotonic; fires rather a microsecond late than early */
void hosted_set_timer(struct hosted *run, nanoseconds at);
/* The last record; nothing if there is one already. */
void hosted_end(struct hosted *run, enum outcome outcome, const char *why);
/* Writes the members of a record. */
void hosted_record(struct hosted *run, struct draft *record, nanoseconds start,
    nanoseconds end, enum outcome outcome, const char *why);
/* Of what began then, wall-clock. */
void hosted_add_metrics(
    struct hosted *run, struct draft *record, nanoseconds start);

static inline bool
hosted_is_stream(const struct hosted *run)
{
	return (run->order.report > 0);
}

void hosted_stream_begin(struct hosted *run);
void hosted_stream_tick(struct hosted *run);
/* It is to end with what there is up to now. */
void hosted_stream_finish(struct hosted *run, const char *why);
/* What its last record is about. */
void hosted_stream_span(
    const struct hosted *run, nanoseconds *start, nanoseconds *end);

#endif
