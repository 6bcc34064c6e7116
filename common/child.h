/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * child.h - a process that is kept running.
 *
 * It is started with one end of a socketpair as descriptor CHILD_FD, on which
 * both speak channel.h, and is expected to exit when that closes; one that does
 * not is made to, as by child_stop. When it ends unasked it is started again:
 * at once the first time, then after 1 s, doubling to 60 s; a minute of life
 * resets that.
 */
#ifndef PHAROS_COMMON_CHILD_H
#define PHAROS_COMMON_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/channel.h"

#define CHILD_FD 3

struct child;

struct child_calls {
	void (*started)(void *arg); /* also after each restart */
	channel_message message;
	/* "exited with status 1", "killed by signal 9, Killed", or what was
	 * wrong with its words; all it said has arrived. It will be restarted,
	 * unless asked to stop; it may be freed in this call. */
	void (*ended)(void *arg, const char *why);
	/* In the forked child, before exec; may be NULL. */
	void (*prepare)(void *arg);
	channel_line line; /* as channel_lines has it; may be NULL */
};

struct child_about {
	const char *name;        /* for the log */
	const char *const *argv; /* NULL-ended; argv[0] is the path */
	const int *keep;         /* descriptors to inherit as 4, 5, ..., ends
	                             with -1; NULL: none */
	size_t line_most;        /* for channel_limit; 0: as it is */
	const struct child_calls *calls;
	void *arg;
};

/* Copies what about points to. Starts it from the loop. */
struct child *child_new(
    struct event_base *base, const struct child_about *about);
/* Ends its channel, so that it exits; what it still says arrives. SIGTERM after
 * 2 s, SIGKILL after 5 s. ended is called, then done (may be NULL), when it is
 * gone; then free it. */
void child_stop(struct child *child, void (*done)(void *arg), void *arg);
/* Before it is freed: ends its channel, and waits for two seconds at most until it
 * has exited. What it still says is not read. */
void child_leave(struct child *child);
void child_free(struct child *child); /* kills what still runs; NULL is fine */
/* False, and the message is dropped, while it is not running. */
bool child_send(struct child *child, struct json_object *message);
/* The same of a message that is text already, its newline included. */
bool child_send_line(struct child *child, const char *line, size_t length);
pid_t child_pid(const struct child *child); /* 0: not running */
unsigned child_restarts(const struct child *child);
size_t child_pending(const struct child *child); /* bytes not yet sent */

#endif
