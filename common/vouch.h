/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vouch.h - a clock that the operator of its host vouches for.
 *
 * Nothing here measures it: who runs the host knows better, such as that all
 * boxes of the fleet have one and the same clock. It is a word about the clock as
 * it is, so it ends with the clock being set and with a sleep of the host, and is
 * not what it was until it is given again. What a source knows more closely counts
 * before it, and where a source contradicts it the wider bound does.
 */
#ifndef PHAROS_COMMON_VOUCH_H
#define PHAROS_COMMON_VOUCH_H

#include <stdbool.h>

#include "common/clock.h"
#include "common/discipline.h"

/* The settings; one whose error is < 0 is not given. */
struct vouch_word {
	nanoseconds error;                  /* at most; 0: none at all */
	char because[DISCIPLINE_REFERENCE]; /* for people */
};

/* Wall-clock less another one, such as the monotonic. */
struct vouch_apart {
	nanoseconds by, doubt; /* doubt: how far that may be off */
};

struct vouch {
	bool given;
	double error; /* seconds */
	char because[DISCIPLINE_REFERENCE];
	struct vouch_apart apart;        /* when it was given */
	char broken[DISCIPLINE_TROUBLE]; /* it has ended, and why; "" */
};

/* From now on; NULL or one that is not given: no more. apart: from the monotonic
 * clock. */
void vouch_give(struct vouch *vouch, const struct vouch_word *word,
    const struct vouch_apart *apart);
/* Looks whether the clock is still what it was: slewing moves both clocks alike, so
 * they part by nothing but a step or a sleep. True: it has just ended. */
bool vouch_look(
    struct vouch *vouch, const struct vouch_apart *apart, bool slept);
/* Into best, which is what sources know: the word, where it counts. */
void vouch_judge(
    const struct vouch *vouch, struct discipline *best, nanoseconds now);

#endif
