/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mate_parts.h - what the files of a mate share: mate.c keeps its worker alive,
 * mate_runs.c owes the runs, mate_hear.c listens, mate_far.c has its far end.
 */
#ifndef PHAROS_AGENT_MATE_PARTS_H
#define PHAROS_AGENT_MATE_PARTS_H

#include <stdbool.h>
#include <sys/queue.h>

#include "agent/hearing.h"
#include "agent/mate.h"
#include "common/discipline.h"
#include "common/draft.h"

struct asks;
struct child;
struct event;
struct event_base;
struct json_object;
struct tree;

/* A run that was asked for and has not yielded its last record. */
struct open_run {
	uint64_t number;
	nanoseconds at;  /* wall-clock, when it was to start */
	nanoseconds due; /* the same, monotonic: a set clock moves nothing */
	nanoseconds patience;
	struct hearing_order asked;
	struct mate *mate;
	void *owner;
	void (*live)(void *owner, const char *text);
	struct draft order;  /* a line */
	bool sent;           /* to the worker that runs */
	struct event *timer; /* how long it may stay as it is */
	char *why;           /* it fails for this; NULL: for the timer */
	TAILQ_ENTRY(open_run) link;
};

/* One worker. */
struct mate {
	struct event_base *base;
	char *probe;
	bool raise_capabilities;
	crew_record record;
	crew_tree hand; /* may be NULL */
	struct tree *tree;
	void *arg;
	struct child *child;
	bool running;
	bool killed; /* what it still says counts for nothing */
	struct hearing hearing, stating;
	char *refused; /* what it said before it ended */
	char *why;     /* why it ended */
	TAILQ_HEAD(, open_run) runs;
	void *by_number; /* tree of the same */
	size_t open;
	struct asks *asks;
	const struct crew_far *far;
	struct json_object *fleet; /* what it is told of the fleet, or NULL */
	struct discipline clock;   /* and of the clock; source "": nothing */
	nanoseconds host;          /* beside it */
	struct json_object
	    *responds;   /* as a far end, with these settings, or NULL */
	int64_t *guests; /* that it asked for */
	size_t guest_count;
	size_t pending; /* unread by it, when it was last told the clock ... */
	unsigned stuck; /* ... and how often it was much, and no less */
};

/* Why its worker does not run. */
const char *mate_why(const struct mate *mate);
/* Orders wait for the next worker from here on. */
void mate_kill_worker(struct mate *mate, const char *why);
/* {"m":kind,"run":number} */
void mate_send_about(struct mate *mate, const char *kind, uint64_t number);

struct open_run *mate_run(struct mate *mate, uint64_t number); /* or NULL */
void mate_remove_run(struct open_run *run);
/* The last record of a run that its worker never sent. */
void mate_fail_run(struct open_run *run, const char *why);
/* Behind its time, when that is to come. */
void mate_set_timer(struct open_run *run, nanoseconds wait);
/* A worker is there: it is sent the orders that waited. It has gone: the runs that
 * it had fail; those that have not begun wait for the next, unless it refused. */
void mate_runs_started(struct mate *mate);
void mate_runs_ended(struct mate *mate, bool refused);

/* mate_far.c: a worker is there, and has gone; a word of it about its far end;
 * false: it is about something else. */
void mate_far_started(struct mate *mate);
void mate_far_ended(struct mate *mate, const char *why);
bool mate_far_hear(
    struct mate *mate, const char *kind, struct json_object *message);

/* What the worker says, as common/child.h wants it. */
void mate_hear(void *arg, struct json_object *message);
bool mate_hear_line(void *arg, const char *line, size_t length);

#endif
