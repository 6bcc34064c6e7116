/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * probe.h - what a measuring plug-in is, and what its host offers it.
 *
 * A plug-in is a shared object with one symbol, `const struct probe_ops
 * probe`. It declares options and metrics as tables and does the measuring;
 * the host (pharos-probe) does everything else: settings, addresses, schedule,
 * distributions, quantiles, JSON. A plug-in uses libevent's base and events,
 * the host's functions below and nothing else of ours; it never blocks and
 * never logs. Callbacks come from the event loop only, never from inside the
 * call that asked.
 *
 * One process hosts one plug-in; thousands of runs share its loop and whatever
 * open() made. Memory of worker and run is the host's, zeroed, of the declared
 * sizes. Times are nanoseconds; wall-clock where stamps of packets are meant,
 * monotonic for deadlines.
 *
 * Both structs grow at the end only: `size` says how much of them exists, and
 * `abi` changes when something else does.
 */
#ifndef PHAROS_PROBES_PROBE_H
#define PHAROS_PROBES_PROBE_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/address.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/manifest.h"
#include "probes/cost.h"

#define PROBE_ABI 1

enum probe_outcome {
	PROBE_MEASURED,
	PROBE_NO_ANSWER, /* the far end gave nothing back: a finding */
	PROBE_FAILED     /* our own fault: says nothing about the path */
};

/* Where stamps were taken; names as in a record's clock.stamps. */
enum probe_stamp { STAMP_USER, STAMP_KERNEL, STAMP_HARDWARE };

struct probe_host;
struct summary; /* common/summary.h */

/* One process. */
struct probe_worker {
	const struct probe_host *host;
	/* Events with priority 0 go before the others, which have a millisecond
	 * until they are looked for again: for what is to be at a set time. */
	struct event_base *base;
	void *state;     /* worker_size bytes */
	const char *box; /* our name in the fleet; NULL: there is none */
};

/* Another box of the fleet that may be measured with. */
struct probe_peer {
	const char *box;
	uint8_t secret[32]; /* of this pair alone; the same at both ends */
	const union address *addresses; /* port 0 */
	size_t address_count;
};

/* One run towards one target. */
struct probe_run {
	struct probe_worker *worker;
	const void *settings;        /* settings_size bytes, filled */
	const union address *target; /* port 0 */
	const union address *source; /* to send from; family 0: any */
	uint64_t flow; /* the same for each run of a test and pair: derive ports
	                    and identifiers from it, so that flows stay put */
	nanoseconds at;     /* monotonic: when it was to start */
	void *state;        /* run_size bytes */
	nanoseconds report; /* a stream, with intervals of this length; 0: a
	                       run, which comes to an end */
	bool watched;       /* somebody watches: live() is shown to him */
	enum manifest_end
	    end;          /* which of the two this host is: RUNS_AT_SRC, the
	                          packets go from here to the target */
	const char *name; /* the target's, as it was given; a box's, a host's */
	const char *test; /* whose run it is; NULL: nobody's of a fleet */
};

/* A far end that was asked to stay ready. */
struct probe_responder {
	struct probe_worker *worker;
	const void *settings; /* responder_settings_size, filled */
	void *state;          /* responder_size bytes */
};

/* May this be served? Answered once, from the loop; NULL: yes, it may. */
struct probe_ask {
	const char *peer; /* for whom: a box, a key's name, an address */
	struct cost cost; /* of what we would send; seconds 0: it has no end */
};
struct probe_ticket; /* a pass that is asked for, or held */
typedef void (*probe_answer)(void *arg, const char *why_not);

/* What the host does for a plug-in. Metrics are named by their row in the
 * plug-in's table; a name that is not there or of another kind is a bug. */
/* What a far end did of an interval, or a run, of a box's test: its side. */
struct probe_statement {
	const char *test, *box; /* as the box, who is a peer, named them */
	enum manifest_end end;  /* which of the two this host is */
	int family;             /* 4, 6 */
	nanoseconds from, to;   /* wall-clock; the same start as the box's */
	const char *metric;     /* of kind sides, and its JSON */
	const char *json;
};

struct probe_host {
	uint32_t abi, size;
	nanoseconds (*wall)(void); /* this and the next: from any thread */
	nanoseconds (*monotonic)(void);
	/* Adds to a count; unmentioned counts stay absent, count(..., 0) makes
	 * one that is there and zero. */
	void (*count)(struct probe_run *run, const char *metric, int64_t n);
	/* One sample of a distribution, nanoseconds. */
	void (*sample)(
	    struct probe_run *run, const char *metric, nanoseconds value);
	void (*value)(struct probe_run *run, const char *metric, double value);
	/* Copied; the last one stands; cut at 255 bytes. */
	void (*text)(
	    struct probe_run *run, const char *metric, const char *text);
	/* A metric of kind detail, route or sides: JSON text, checked and
	 * copied. */
	void (*detail)(
	    struct probe_run *run, const char *metric, const char *json);
	/* The weakest stamps that the run's numbers rest on. */
	void (*stamps)(struct probe_run *run, enum probe_stamp sent,
	    enum probe_stamp received);
	/* For streams: what interval() asks for. All that was found since the
	 * last report is of [from, to). */
	void (*report)(struct probe_run *run, enum probe_outcome outcome,
	    nanoseconds from, nanoseconds to);
	/* The run is over; why may be NULL. The host calls stop() from the loop
	 * soon after; nothing of the run may be reported behind this. */
	void (*done)(
	    struct probe_run *run, enum probe_outcome outcome, const char *why);
	int (*error_set)(struct error *err, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
	/* A line for people while the run goes on, "3: rtt 60.8 us"; no part of
	 * the record. Only where the run is watched. */
	void (*live)(struct probe_run *run, const char *text);
	/* How wrong the wall clock may be; false: nobody keeps it right. */
	bool (*clock)(nanoseconds *error);
	/* The same of the other end's, by its own word: it goes into the record.
	 * bounded false: it says that nobody keeps it right. */
	void (*far_clock)(
	    struct probe_run *run, bool bounded, nanoseconds error);
	/* The box of that name, if it may be measured with; valid until the loop
	 * goes on. NULL: it may not, or there is no fleet. */
	const struct probe_peer *(*peer)(
	    struct probe_worker *worker, const char *box);
	/* What it will cost us to serve somebody is asked of the site's limits
	 * before it starts, and holds a ticket until released; also while the
	 * answer is still to come (then there will be none), and when it was
	 * no. */
	struct probe_ticket *(*admit)(struct probe_responder *responder,
	    const struct probe_ask *ask, probe_answer answer, void *arg);
	void (*release)(struct probe_ticket *ticket);
	/* A line for people about what goes on at the far end, once a minute at
	 * most if it is the same. */
	void (*note)(struct probe_responder *responder, const char *text);
	/* A whole distribution, of more samples than anybody wants to keep; no
	 * sample() of this metric beside it. Copied. */
	void (*merged)(struct probe_run *run, const char *metric,
	    const struct summary *summary);
	/* What the box may not have heard from us, so that its record lacks it,
	 * becomes a record of ours (common/sides.h). */
	void (*state)(struct probe_responder *responder,
	    const struct probe_statement *statement);
};

struct probe_ops {
	uint32_t abi, size; /* PROBE_ABI, sizeof(struct probe_ops) */
	const struct manifest *about;
	size_t settings_size, responder_settings_size;
	size_t worker_size, run_size, responder_size;
	/* Options that contradict each other. May be NULL. */
	int (*check)(const void *settings, struct error *err);
	/* For an IPv4 target; IPv6's header is the host's to add. */
	void (*cost)(const void *settings, struct cost *cost);
	/* Once per process: shared sockets. worker->state is zeroed. May be
	 * NULL, like close. Only here the process has the capabilities that it
	 * was given (CAP_NET_RAW, CAP_NET_BIND_SERVICE). */
	int (*open)(struct probe_worker *worker, struct error *err);
	void (*close)(struct probe_worker *worker);
	/* At run->at, or as soon after as the loop got there. -1: it failed, and
	 * stop is still called. */
	int (*start)(struct probe_run *run, struct error *err);
	/* The only cleanup; once for each start, always; also to cut a run
	 * short, when nothing more may be reported. */
	void (*stop)(struct probe_run *run);
	/* Be the far end from here on; as in open(), the process has its
	 * capabilities. Only one at a time: with other settings it is stopped
	 * first. -1: it failed, and respond_stop is still called. NULL where the
	 * manifest has no responder options. */
	int (*respond)(struct probe_responder *responder, struct error *err);
	void (*respond_stop)(struct probe_responder *responder);
	/* Somebody waits for what there is so far: begin nothing new, and call
	 * done() soon. What is still under way was then not sent: it is
	 * neither lost nor received. NULL: such a run fails as interrupted. A
	 * stream reports the intervals that are over, then calls done() with
	 * what it has of the one that has begun. */
	void (*finish)(struct probe_run *run);
	/* Where the manifest says that it streams, and finish is there, too. The
	 * interval [from, to) of a stream is over, wall-clock: call report()
	 * with these two, at once or when the fate of its last packets is
	 * known, cost.seconds later at most; of several in their order. What is
	 * found meanwhile of the next one is the plug-in's to keep until
	 * then. The host sees to it that there are no holes, and ends the
	 * stream when the clock is set. */
	void (*interval)(
	    struct probe_run *run, nanoseconds from, nanoseconds to);
	/* Whom we may measure with, or their secrets, have changed: whoever is
	 * served and is none any more is to be dropped. May be NULL. */
	void (*peers_changed)(struct probe_worker *worker);
};

/* The symbol of a plug-in. */
extern const struct probe_ops probe;

#endif
