/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * keeper.h - the processes that run in a lab, kept running.
 *
 * We are their init process: orphans are reaped as well. One that ends unasked
 * is started again: at once the first time, then after 1 s, doubling to 60 s; a
 * minute of life resets that.
 */
#ifndef PHAROS_LAB_KEEPER_H
#define PHAROS_LAB_KEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct duty;
struct error;
struct event_base;
struct keeper;

struct duty_calls {
	/* From the loop or from duty_start: it runs. May be NULL. */
	void (*started)(void *arg, struct duty *duty);
	/* "exited with status 1", "killed by signal 9, Killed". May be NULL. */
	void (*ended)(void *arg, struct duty *duty, const char *why);
	/* In the new process, before the program; may be NULL. */
	void (*prepare)(void *arg);
};

struct duty_about {
	const char *name;        /* "bird"; for log and status */
	const char *node;        /* whose log it writes to; NULL: the lab's */
	const char *const *argv; /* NULL-ended; argv[0] as in PATH */
	int net;                 /* namespace; -1: ours */
	const char *share;       /* for group_enter; NULL: none */
	const int *keep;         /* descriptors that become 3, 4, .. */
	size_t kept;
	bool once; /* it may end */
	const struct duty_calls *calls;
	void *arg;
};

/* folder is where logs go, "log-NODE". */
struct keeper *keeper_new(struct event_base *base, const char *folder);
void keeper_free(struct keeper *keeper); /* kills them all; NULL is fine */
/* Sends SIGTERM to all and waits so many ms for them; none is started again. */
void keeper_stop(struct keeper *keeper, int ms);

/* Copies what about points to, but for calls and arg. Starts it at once. NULL:
 * there is no such program. */
struct duty *duty_new(
    struct keeper *keeper, const struct duty_about *about, struct error *err);
/* Ends it: SIGTERM, and it is not started again. Freed when it has gone, after
 * its ended; do not use it then. */
void duty_stop(struct duty *duty);
/* Other descriptors, from the next start on. */
void duty_keep(struct duty *duty, const int *keep);
const char *duty_name(const struct duty *duty);
const char *duty_node(const struct duty *duty); /* NULL: the lab's own */
pid_t duty_pid(
    const struct duty *duty); /* as seen in the lab; 0: not running */
unsigned duty_restarts(const struct duty *duty);
/* The one after it, of all there are; NULL: the first, or no more. */
struct duty *duty_next(struct keeper *keeper, const struct duty *duty);

#endif
