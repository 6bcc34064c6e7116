/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * chrony.h - what chronyd says of the clock that it keeps.
 *
 * Its command protocol, version 6: the question "tracking" and the answer, one
 * datagram each, as chronyc sends them, to its Unix socket (where we may reach
 * that) and to port 323 of this host. Under `chronyd -x` this is the only truth:
 * the kernel's clock is left alone.
 *
 *   question  0 version  1 type 1  4 command 33  8 sequence  20 padding
 *   answer    0 version  1 type 2  4 command 33  6 reply 5  8 status
 *            16 sequence 28 what is below
 *
 * A question is as long as its answer, or it is dropped.
 */
#ifndef PHAROS_COMMON_CHRONY_H
#define PHAROS_COMMON_CHRONY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/discipline.h"

struct chrony;
struct event_base;

#define CHRONY_SIZE 104 /* bytes, of question and answer */
#define CHRONY_PORT 323
#define CHRONY_SOCKET "/run/chrony/chronyd.sock"
#define CHRONY_PATIENCE NS_PER_S

struct chrony_tracking {
	/* an address, or the four letters of a reference clock */
	char reference[DISCIPLINE_REFERENCE];
	uint32_t id;
	int stratum;
	enum discipline_leap leap;
	nanoseconds updated;   /* wall-clock; 0: never */
	double correction;     /* seconds that the clock is slow */
	double last;           /* seconds, the correction at that update */
	double frequency;      /* ppm that it would run fast by, uncorrected */
	double residual, skew; /* ppm */
	double delay, dispersion; /* seconds, of the root, as of now */
	double interval;          /* seconds between the last two updates */
};

void chrony_write(uint8_t question[static CHRONY_SIZE], uint32_t sequence);
/* -1: it is not the answer to that question, or says no. */
int chrony_read(struct chrony_tracking *tracking, const uint8_t *answer,
    size_t length, uint32_t sequence, struct error *err);
/* Does it follow somebody? */
bool chrony_synchronised(const struct chrony_tracking *tracking);
/* The bound is |offset| + root dispersion + root delay / 2; it grows as chronyd
 * lets its dispersion grow, by skew and residual frequency and 1 ppm, which is
 * its default of maxclockerror. The host's members are left alone. */
void chrony_judge(struct discipline *state,
    const struct chrony_tracking *tracking, nanoseconds at);

/* For how long it has not heard of whom it follows, seconds, where that is much
 * longer than it takes; or 0. */
double chrony_silence(const struct chrony_tracking *tracking, nanoseconds wall);

/* tracking is NULL when there is none, and why (NULL: no chronyd is there) says
 * so. From the loop only, once for each question. */
typedef void (*chrony_answer)(
    void *arg, const struct chrony_tracking *tracking, const char *why);

struct chrony_about {
	const char *socket; /* NULL: CHRONY_SOCKET; copied */
	int port;           /* 0: CHRONY_PORT */
	chrony_answer answer;
	void *arg;
};

struct chrony *chrony_new(
    struct event_base *base, const struct chrony_about *about);
void chrony_free(struct chrony *chrony); /* NULL is fine; no answer */
/* Answered within CHRONY_PATIENCE; while one is under way: nothing. */
void chrony_ask(struct chrony *chrony);

#endif
