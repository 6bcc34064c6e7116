/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * timekeeper.h - this host's clock, asked after all the time.
 *
 * Every 16 s, and when the clock was set, chronyd, gpsd and the kernel are asked
 * what they know of it, and never waited for; the best word counts, and the last
 * good one of a source that went for as long as its growing bound says
 * something. A step that nobody has accounted for yet is part of the bound. Who runs
 * the host may vouch for its clock besides (common/vouch.h).
 */
#ifndef PHAROS_COMMON_TIMEKEEPER_H
#define PHAROS_COMMON_TIMEKEEPER_H

#include "common/discipline.h"

struct event_base;
struct timekeeper;
struct vouch_word;

#define TIMEKEEPER_EVERY (16 * NS_PER_S)

struct timekeeper_about {
	void (*changed)(void *arg); /* there is a new state; may be NULL */
	void *arg;
	/* Zeros: where they are on any host. */
	const char *chrony_socket;
	int chrony_port, gpsd_port;
	int (*adjtime)(struct timex *kernel);
};

struct timekeeper *timekeeper_new(
    struct event_base *base, const struct timekeeper_about *about);
void timekeeper_free(struct timekeeper *keeper); /* NULL is fine */
/* The operator's word from now on; NULL: none. */
void timekeeper_vouch(struct timekeeper *keeper, const struct vouch_word *word);
/* Never NULL, the same for as long as the keeper is there, and at first what the
 * kernel says. */
const struct discipline *timekeeper_state(const struct timekeeper *keeper);
/* Asks now. The kernel's word counts at once, the others' when they have
 * answered, within 1 s. */
void timekeeper_look(struct timekeeper *keeper);
/* The same if the clock was set since it was last looked at; cheap. */
void timekeeper_notice(struct timekeeper *keeper);
/* Have all answered that are there? */
bool timekeeper_settled(const struct timekeeper *keeper);

#endif
