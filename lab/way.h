/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * way.h - what one direction of a link does to the packets on it.
 *
 * One table declares it all: topology files, `pharos lab set`, the control
 * socket and `pharos lab status` read and write a way by way_options. Packets
 * are judged in this order: loss, corruption, duplication, rate and queue, delay.
 */
#ifndef PHAROS_LAB_WAY_H
#define PHAROS_LAB_WAY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/clock.h"
#include "common/option.h"

struct way {
	nanoseconds delay;
	nanoseconds jitter; /* uniform in delay +- jitter, never below 0 */
	bool reorder;       /* may a packet overtake another? else those that
	                       would, leave with the one before them */
	/* Gilbert-Elliott: a chain of two states, one step a packet, begins in
	 * the good one. With to_bad 0 it is independent loss. */
	double loss;      /* ratio lost in the good state */
	double bad_loss;  /* ratio lost in the bad state */
	double to_bad;    /* chance to leave the good state, a packet */
	double to_good;   /* chance to leave the bad one; mean burst 1 / it */
	double duplicate; /* ratio that arrives twice */
	double corrupt;   /* ratio that arrives with one bit inverted */
	double rate;      /* bit/s of whole frames; 0: without limit */
	int64_t queue;    /* packets that wait for the rate, and the one being
	                        sent; what comes beyond is dropped at the tail */
};

extern const struct setting way_options[];

/* The mean loss that was asked for, bursts included. */
double way_loss(const struct way *way);

#endif
