/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * turns.h - timers of thousands that each fire often, in one event of the loop.
 *
 * The loop's own timers are a heap of pointers to events all over the memory, and
 * each wait for one goes through it from top to bottom. Here times lie side by
 * side, and go before what else the loop has to do, if it knows of priorities.
 * Nobody's turn is before its time. To wake up costs more than most turns do: who
 * has slack waits for those that are due meanwhile, and for nobody else.
 */
#ifndef PHAROS_PROBES_OWD_TURNS_H
#define PHAROS_PROBES_OWD_TURNS_H

#include <event2/event.h>
#include <stdbool.h>

#include "common/clock.h"

struct error;
struct turns;

struct turn {
	void (*come)(void *arg); /* once; may set it again, or drop others */
	void *arg;
	nanoseconds
	    slack; /* so late it may be for others' sake; 0: not at all */
	bool set;  /* its own */
};

/* The ones of this loop, for as many as take them; each gives them back. NULL:
 * why. */
struct turns *turns_take(struct event_base *base, struct error *err);
void turns_give(struct turns *turns); /* NULL is fine */

/* at: monotonic; it is not set. It is borrowed until it has come or is dropped. */
void turns_set(struct turns *turns, struct turn *turn, nanoseconds at);
void turns_drop(struct turns *turns, struct turn *turn);

#endif
