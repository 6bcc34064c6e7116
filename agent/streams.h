/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * streams.h - jobs that run all the time, kept running.
 *
 * Each instant of a stream, from its first start until the plan drops it, is in
 * exactly one record: of an interval that was measured, or of a hole. A hole is
 * failed when the worker died, could not start or began late, skipped when a limit
 * forbade the stream or the clock was set while it ran, and is written when the
 * stream runs again or fails again. A wall clock that stepped back by no more than SCHEDULE_BACK
 * repeats nothing: the stream waits until the clock is where it was.
 */
#ifndef PHAROS_AGENT_STREAMS_H
#define PHAROS_AGENT_STREAMS_H

#include <stdbool.h>

#include "agent/job.h"

struct admission;
struct crew;
struct error;
struct event_base;
struct json_object;
struct ledger;
struct streams;

/* Every owner of a run in the crew begins with this. */
struct taker {
	void (*take)(void *owner, struct json_object *record, bool last);
};

/* All borrowed. */
struct streams *streams_new(struct event_base *base, struct crew *crew,
    struct admission *admission, struct ledger *ledger, struct error *err);
/* The crew has been freed; what was not measured is recorded. NULL is fine. */
void streams_free(struct streams *streams);
/* Takes up the continuous jobs of the list. One that runs already, with the same
 * options, report and address, goes on; one that is no longer there ends with
 * what it has so far. New ones start at `since`, wall-clock, or where the records
 * of the same test and pair end. */
void streams_set(
    struct streams *streams, struct worklist *list, nanoseconds since);
/* A price is known: those that wait for one may start. */
void streams_news(struct streams *streams);
/* Ends them all; of what is not recorded yet, up to `until`, the records say
 * why. */
void streams_hold(struct streams *streams, nanoseconds until, const char *why);
/* Limits have changed: what is no longer admitted ends, the rest may start. */
void streams_review(struct streams *streams);

#endif
