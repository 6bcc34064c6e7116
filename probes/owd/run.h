/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * run.h - a run, or a stream, as a chain of legs; what its files share.
 *
 * run.c begins and ends it, run_chain.c makes the next leg when the one before
 * ends, breaks off or is about to end, run_report.c reports what the ledgers of
 * all legs have of an interval. run_look is the one place where it is decided what
 * comes next; whatever happens, it is called from the loop soon after.
 */
#ifndef PHAROS_PROBES_OWD_RUN_H
#define PHAROS_PROBES_OWD_RUN_H

#include <sys/queue.h>

#include "probes/owd/findings.h"
#include "probes/owd/leg.h"
#include "probes/owd/outbound.h"

/* The next leg is set up so long before it is to begin. */
#define RUN_AHEAD (5 * NS_PER_S)
/* A report waits for a statement so long behind the timeout, while the control
 * connection stands: behind an outage of the path TCP takes up to as long again
 * until it gets through, and it is of the outage that one wants to know. */
#define RUN_PATIENCE (OUTBOUND_PERIOD + 20 * NS_PER_S)
#define RUN_RETRY (500 * NS_PER_MS) /* doubled each time, up to ... */
#define RUN_RETRY_MOST (8 * NS_PER_S)

struct run_leg {
	TAILQ_ENTRY(run_leg) next;
	struct leg *leg;
	nanoseconds ended; /* wall-clock, when it was seen to; 0: it was not */
};

struct run_owed {
	STAILQ_ENTRY(run_owed) next;
	nanoseconds from, to;
	bool looked; /* what was lost locally, when the timeout was over */
};

struct run {
	struct probe_run *probe;
	const struct probe_host *host;
	struct leg_course course;
	TAILQ_HEAD(run_legs, run_leg) legs; /* the newest is the last */
	STAILQ_HEAD(run_oweds, run_owed) owed;
	struct event *timer;
	nanoseconds pause, retry; /* monotonic: when the next leg may be made */
	nanoseconds finished; /* wall-clock: nothing is begun any more; or 0 */
	bool closing;         /* findings has some of an interval */
	struct findings findings;
	struct error trouble; /* since the last report */
	bool our_fault;
	bool done;
};

void run_look_soon(struct run *run);

bool run_streams(const struct run *run);
/* The key of the far end, for the legs that are made from here on. */
int run_take_key(struct run *run, struct error *err);
/* run_chain.c */
void run_chain(struct run *run, nanoseconds now);
/* When it wants to be called again, wall-clock. */
nanoseconds run_chain_next(const struct run *run, nanoseconds now);
void run_drop_leg(struct run *run, struct run_leg *leg);
void run_drop_old(struct run *run, nanoseconds before);

/* run_report.c: of a run that ends, or of intervals that are over. */
void run_report(struct run *run, nanoseconds now);
nanoseconds run_report_next(const struct run *run, nanoseconds now);

/* run_raw.c: each packet, for people and for the record. */
void run_show(void *run, const struct message_record *record);
void run_name_session(struct run *run, const uint8_t sid[static KEYS_SID]);
/* Of lost packets; of all. */
void run_show_lost(struct run *run, struct trace *trace);
void run_samples(struct run *run, struct trace *trace);

#endif
