/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mate.h - one worker process of the crew, and the runs that it owes.
 *
 * Orders wait while it does not run, also those of a worker that died before
 * their time; one whose time passes meanwhile fails with the reason. A worker that
 * is silent beyond a run's patience is killed, and so is one that reads nothing of
 * what it is told for long.
 */
#ifndef PHAROS_AGENT_MATE_H
#define PHAROS_AGENT_MATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/crew.h"

struct mate;

struct mate_about {
	struct event_base *base;
	const char *probe;
	bool raise_capabilities;
	crew_record record;
	crew_tree tree; /* may be NULL */
	void *arg;
	const struct crew_far *far; /* borrowed; its calls may be NULL */
};

/* Copies what about points to. */
struct mate *mate_new(const struct mate_about *about);
void mate_free(struct mate *mate); /* kills it; no records */

const char *mate_probe(const struct mate *mate);
size_t mate_open_runs(const struct mate *mate);
struct json_object *mate_status(const struct mate *mate); /* new reference */

void mate_start(struct mate *mate, uint64_t number, const struct crew_run *run);
void mate_stop(struct mate *mate, uint64_t number); /* not its own: nothing */
void mate_finish_run(struct mate *mate, uint64_t number); /* likewise */
void mate_finish(struct mate *mate);
/* An order, kept for the next worker. */
void mate_fleet(struct mate *mate, struct json_object *fleet);
/* Likewise; copied. */
void mate_clock(
    struct mate *mate, const struct discipline *clock, nanoseconds host);
void mate_respond(struct mate *mate, struct json_object *settings);
void mate_admitted(struct mate *mate, int64_t ask, const char *why);
/* As crew_ask. */
void mate_ask(struct mate *mate, struct json_object *settings, crew_cost answer,
    void *arg);

#endif
