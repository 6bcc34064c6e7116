/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lane.h - one connection to the collector: one request at a time.
 *
 * What fails is tried again with jittered back-off, 1 s doubling to 60 s, or
 * when Retry-After says; an answer ends that. A failure is logged when it is
 * news, and so is its end.
 */
#ifndef PHAROS_AGENT_LANE_H
#define PHAROS_AGENT_LANE_H

#include <stdbool.h>

#include "common/clock.h"
#include "common/fetch.h"

struct error;
struct event_base;
struct lane;

struct lane_calls {
	/* Is there something to ask? Fills what is asked; what it points to
	 * is needed for the call only. */
	bool (*next)(void *arg, struct fetch_about *about);
	/* 0: well, look for the next at once; -1: failed, and err says why. */
	int (*answer)(
	    void *arg, const struct fetch_reply *reply, struct error *err);
};

struct lane *lane_new(struct event_base *base, const char *name,
    const struct fetcher_identity *identity, const struct lane_calls *calls,
    void *arg, struct error *err);
void lane_free(struct lane *lane); /* NULL is fine */
/* There may be something to ask. Never shortens a back-off. */
void lane_poke(struct lane *lane);
/* The identity's files have changed: connects anew for the next request. */
void lane_reconnect(struct lane *lane);
/* From answer: nothing is asked for this long. */
void lane_rest(struct lane *lane, nanoseconds pause);
/* Why the last request failed; NULL: it did not, or there was none. */
const char *lane_error(const struct lane *lane);
bool lane_answered(const struct lane *lane); /* the last one was good */

/* Fills about: a POST of this, borrowed. */
void lane_post(struct fetch_about *about, const char *url,
    const char *const *headers, const void *body, size_t length);
/* "URL: HTTP 403: no such box ...", or why there was no answer at all. Always
 * -1. */
int lane_refused(
    const char *url, const struct fetch_reply *reply, struct error *err);

#endif
