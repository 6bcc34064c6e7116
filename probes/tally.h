/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tally.h - what became of every packet of one run.
 *
 * Packets are numbered from 0. Counts add up: sent = received + lost +
 * lost_locally; late and corrupted are parts of lost; duplicates of none. The
 * first good copy of an answer counts (RFC 5560 counts the others), and a
 * packet is reordered when a later one was received before it (RFC 4737:
 * s < NextExp). Times are monotonic.
 */
#ifndef PHAROS_PROBES_TALLY_H
#define PHAROS_PROBES_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/clock.h"

struct tally_packet {
	nanoseconds sent;
	uint8_t state; /* tally.c */
};

struct tally {
	struct tally_packet *packets;
	uint32_t count, next_expected;
	uint32_t open; /* sent, and nothing heard yet */
	uint32_t duplicates, reordered;
	nanoseconds timeout;
};

/* -1: no memory. Zeroed memory may be freed without it. */
int tally_init(struct tally *tally, uint32_t count, nanoseconds timeout);
void tally_free(struct tally *tally);

void tally_sent(struct tally *tally, uint32_t packet, nanoseconds when);
/* These ignore packets that were never sent. tally_answer is true for the first
 * answer in time: then its round trip is in *rtt. */
bool tally_answer(
    struct tally *tally, uint32_t packet, nanoseconds when, nanoseconds *rtt);
void tally_damage(struct tally *tally, uint32_t packet);
bool tally_trouble(struct tally *tally, uint32_t packet); /* ICMP error */
/* Takes back those that are still in their time: as if never sent. */
void tally_withdraw(struct tally *tally, nanoseconds now);

struct tally_totals {
	uint32_t sent, received, lost, late, lost_locally, duplicates,
	    reordered, corrupted;
};

/* drops: packets that our own socket lost meanwhile. Whose they were is not
 * known; as many of the unexplained losses as they may account for are called
 * lost_locally, so that none of them is ever blamed on the path. */
void tally_total(
    const struct tally *tally, uint32_t drops, struct tally_totals *totals);

#endif
