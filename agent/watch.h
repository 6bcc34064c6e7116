/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * watch.h - this box's clock, watched: what disciplines it, whether it can be
 * believed (agent/trust.h), and how far it is from the collector's.
 *
 * A clock that has been believed is so until it is set by more than
 * SCHEDULE_BACK, or the collector contradicts it.
 */
#ifndef PHAROS_AGENT_WATCH_H
#define PHAROS_AGENT_WATCH_H

#include "common/clock.h"

struct agent_settings;
struct discipline;
struct error;
struct event_base;
struct json_object;
struct spool;
struct watch;

/* Called after watch_spool. */
struct watch_calls {
	void (*changed)(void *arg); /* it is believed from here on, or not */
	void (*sampled)(void *arg); /* its discipline was read again */
};

/* settings are borrowed. */
struct watch *watch_new(struct event_base *base,
    const struct agent_settings *settings, const struct watch_calls *calls,
    void *arg, struct error *err);
void watch_free(struct watch *watch); /* NULL is fine */
/* Is it so far ahead of the collector's that this takes no record of it? Then the
 * collector's time, as the clock was last looked at, is told; 0: it is not. */
nanoseconds watch_overtaken(const struct watch *watch, nanoseconds *ahead);
/* The operator's word for the clock, of the settings, is given anew: also when it
 * had ended. */
void watch_vouch(struct watch *watch);
/* The time by the clock as it was when it was last looked at: one that has been
 * set since is not followed, so what is dated by this has been judged. */
nanoseconds watch_now(const struct watch *watch);
/* The spool is open: its last commit counts, too. Borrowed. */
void watch_spool(struct watch *watch, const struct spool *spool);
/* Judges it again; to be done every 16 s. */
void watch_look(struct watch *watch);
/* The same, if the clock has been set; cheap. */
void watch_notice(struct watch *watch);
/* The collector said that its clock is at `now`, as this one was at `here`. */
void watch_told(struct watch *watch, nanoseconds now, nanoseconds here);

/* Wall-clock; 0 while it cannot be believed, or was set by more than
 * SCHEDULE_BACK and not looked at yet. */
nanoseconds watch_time(const struct watch *watch);
const char *watch_doubt(const struct watch *watch); /* NULL: it is believed */
/* Read every 16 s, and when it was set; the same all the time. */
const struct discipline *watch_discipline(const struct watch *watch);
/* discipline_json, with "ahead" of the collector, seconds, once that is known,
 * and "doubt"; new reference */
struct json_object *watch_json(const struct watch *watch);

#endif
