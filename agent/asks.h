/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * asks.h - what a worker was asked about the cost of runs; for mate.c.
 *
 * A question waits for a worker that does not run, though not for long. Each is
 * answered once, from the loop, if only by the reason why it cannot be.
 */
#ifndef PHAROS_AGENT_ASKS_H
#define PHAROS_AGENT_ASKS_H

#include "agent/crew.h"

#define ASKS_START (5 * NS_PER_S)    /* for the worker to be there */
#define ASKS_SILENCE (30 * NS_PER_S) /* then it hangs */

struct asks;

struct asks_calls {
	/* Takes the order over. False: the worker does not run. */
	bool (*send)(void *arg, struct json_object *order);
	/* Why the worker does not run. */
	const char *(*why)(void *arg);
	void (*hangs)(void *arg);
};

struct asks *asks_new(
    struct event_base *base, const struct asks_calls *calls, void *arg);
void asks_free(struct asks *asks); /* no answers any more */
void asks_add(struct asks *asks, struct json_object *settings, crew_cost answer,
    void *arg);
void asks_started(struct asks *asks);                /* the worker runs */
void asks_ended(struct asks *asks, const char *why); /* and so does not */
/* A "cost". False: nobody asked. A price that is no finite number from 0 is none,
 * for what is admitted is summed up. */
bool asks_take(struct asks *asks, struct json_object *message);

#endif
