/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crew.h - the workers of this agent, one process per probe in use; what is found
 * of this host alone needs none (own_clock.h).
 *
 * Started on first need and kept. A worker that dies costs the runs that it had
 * begun: each yields a failed record that says so. Whatever happens, each run yields
 * exactly one last record, at the latest `patience` after its time.
 */
#ifndef PHAROS_AGENT_CREW_H
#define PHAROS_AGENT_CREW_H

#include <stdbool.h>
#include <stdint.h>

#include "common/clock.h"
#include "probes/cost.h"

struct catalog;
struct crew;
struct discipline;
struct error;
struct event_base;
struct json_object;
struct tree_node;

/* Somebody whom a far end of ours is to serve; texts until the call returns. */
struct crew_guest {
	const char *probe;
	int64_t ask; /* its number, among those of this probe */
	const char *peer;
	struct cost cost;
};

struct crew_far {
	/* May it? To be answered by crew_admitted, maybe from inside. */
	void (*admit)(void *arg, const struct crew_guest *guest);
	/* It is served no longer, or its worker died. */
	void (*released)(void *arg, const char *probe, int64_t ask);
	/* It states what it did (probe.h): test, peer, end, family, start,
	 * finish and metrics; borrowed. NULL: nobody wants to know. */
	void (*stated)(
	    void *arg, const char *probe, struct json_object *statement);
	/* The far end is ready; why_not: it is not, or no longer. */
	void (*ready)(void *arg, const char *probe, const char *why_not);
	void *arg;
};

struct crew_run {
	const char *probe;
	const char *test;    /* NULL: none of a fleet's */
	const char *target;  /* name */
	const char *address; /* or NULL: resolve the target */
	int family;          /* 4, 6 or 0: any */
	const char *end;     /* "src", "dst"; NULL: as the manifest says */
	uint64_t flow;
	nanoseconds at;       /* wall-clock; 0: now */
	nanoseconds due;      /* the same, monotonic; 0: as the clocks are */
	nanoseconds patience; /* the longest it can take, or, of a stream, a
	                         record after the one before */
	nanoseconds report;   /* of a stream: how long its intervals are */
	struct json_object *settings;                /* base units; borrowed */
	void (*live)(void *owner, const char *text); /* NULL: not watched */
	void *owner;
};

/* record: the worker's, with "run" and "m" removed and at least outcome, start
 * and end in it; borrowed. last: the run is over. */
typedef void (*crew_record)(
    void *arg, void *owner, struct json_object *record, bool last);

/* The same of one that is read as tree.h does, which is several times as fast;
 * "run", "m" and "last" are still in it. */
typedef void (*crew_tree)(
    void *arg, void *owner, const struct tree_node *record, bool last);

/* raise_capabilities: workers are forked with CAP_NET_RAW ambient (a daemon
 * that was given it); otherwise pharos-probe finds its own. */
struct crew *crew_new(struct event_base *base, bool raise_capabilities,
    crew_record record, void *arg);
/* Records of workers are handed over thus from now on; those that the crew makes
 * itself, of runs that failed, still go to crew_record. */
void crew_trees(struct crew *crew, crew_tree take);
void crew_free(struct crew *crew); /* kills the workers; no records */

/* The plug-ins installed here, as "pharos-probe --manifests" has told them once;
 * borrowed. */
const struct catalog *crew_catalog(struct crew *crew);
/* What workers are to know of this host's clock, from here on (told_clock.h);
 * copied. Without it they ask the kernel. */
void crew_clock(
    struct crew *crew, const struct discipline *clock, nanoseconds host);
/* Asks what a run with these settings would cost. answer is called once, from the
 * loop, unless the crew is freed before: cost is NULL where that cannot be told,
 * and why says so. */
typedef void (*crew_cost)(void *arg, const struct cost *cost, const char *why);
void crew_ask(struct crew *crew, const char *probe,
    struct json_object *settings, crew_cost answer, void *arg);
/* Far ends: who is asked, whom all workers may measure with (peers.h; box NULL:
 * there is no fleet), and what a probe's far end is to be like; settings NULL: it
 * is not needed any more. Workers that are restarted are told again. */
void crew_set_far(struct crew *crew, const struct crew_far *far);
void crew_fleet(struct crew *crew, const char *box, struct json_object *peers);
void crew_respond(
    struct crew *crew, const char *probe, struct json_object *settings);
/* why: NULL, it may. Somebody who has gone is passed over. */
void crew_admitted(
    struct crew *crew, const char *probe, int64_t ask, const char *why);
/* Number of the run, > 0. It never fails here: trouble is a record. */
uint64_t crew_start(struct crew *crew, const struct crew_run *run);
/* It ends now, and yields its last record with what there is so far. */
void crew_finish_run(struct crew *crew, uint64_t run);
/* Cuts it short; it yields no record any more. */
void crew_stop(struct crew *crew, uint64_t run);
/* Somebody waits: every open run ends now with what there is so far, and
 * yields its record. */
void crew_finish(struct crew *crew);
size_t crew_open_runs(const struct crew *crew);
/* [{"probe":"ping","pid":123,"restarts":0,"runs":4},...]; new reference */
struct json_object *crew_status(const struct crew *crew);

#endif
