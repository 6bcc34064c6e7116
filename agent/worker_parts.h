/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * worker_parts.h - what the files of a worker share: worker.c is the process,
 * worker_runs.c hosts the runs, worker_far.c is told of the fleet and is the far end
 * of others.
 */
#ifndef PHAROS_AGENT_WORKER_PARTS_H
#define PHAROS_AGENT_WORKER_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/hosted.h"

struct alarm;
struct channel;
struct event_base;
struct far_end;
struct json_object;

struct worker {
	struct event_base *base;
	struct channel *channel;
	struct alarm *alarm; /* rings when the clock is set */
	struct hosted_by host;
	struct far_end *far_end; /* once the plug-in is ready */
	char *box;               /* our name in the fleet; NULL: none */
	bool opened;             /* the plug-in is ready */
	bool closing; /* no more orders; exit when the last run is over */
	void *runs;   /* tree by number */
	size_t open;  /* runs */
	int status;   /* of the process */
};

/* A finding of this kind; takes the message. */
void worker_say(
    struct worker *worker, const char *kind, struct json_object *message);
/* Everything said is still written before the process ends. */
void worker_leave(struct worker *worker, int status);
/* Does so when it is closing and nothing is open. */
void worker_leave_if_done(struct worker *worker);

/* Orders, as worker.h has them; borrowed. */
void worker_start(struct worker *worker, struct json_object *order);
void worker_stop(struct worker *worker, struct json_object *order);
void worker_finish(struct worker *worker, struct json_object *order);
void worker_peers(struct worker *worker, struct json_object *order);
void worker_clock(struct worker *worker, struct json_object *order);
void worker_respond(struct worker *worker, struct json_object *order);
void worker_silence(struct worker *worker, struct json_object *order);
void worker_admitted(struct worker *worker, struct json_object *order);

/* Runs say what they find, from here on. */
void worker_runs_open(struct worker *worker);
/* The clock was set. */
void worker_runs_look(struct worker *worker);
/* Frees them; nothing is said. */
void worker_runs_close(struct worker *worker);
/* The plug-in is ready: it may become a far end. */
void worker_far_open(struct worker *worker);

#endif
