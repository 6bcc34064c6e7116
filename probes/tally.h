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
#include "probes/stamp.h"

struct tally_packet {
	struct stamp_trip trip;
	uint32_t id;   /* of its stamp */
	uint8_t state; /* tally.c */
};

struct tally {
	struct tally_packet *packets;
	uint32_t first, count, next_expected;
	uint32_t open;     /* sent, and nothing heard yet */
	uint32_t received; /* answered in time */
	uint32_t duplicates, reordered;
	nanoseconds timeout;
	struct tally_packet only; /* where there is one: packets is this */
};

/* Packets before `first` are sent and never counted. -1: no memory. Zeroed
 * memory may be freed without it. It stays where it is. */
int tally_init(
    struct tally *tally, uint32_t first, uint32_t count, nanoseconds timeout);
void tally_free(struct tally *tally);

void tally_sent(
    struct tally *tally, uint32_t packet, nanoseconds when, uint32_t id);
/* These ignore packets that were never sent. tally_left: the kernel or the card
 * has told when it went. tally_answer is true for the first answer in time: then
 * what is known of its round trip so far is in *rtt. */
void tally_left(
    struct tally *tally, uint32_t packet, const struct stamp *stamp);
bool tally_answer(struct tally *tally, uint32_t packet, nanoseconds read,
    const struct stamp *came, nanoseconds *rtt);
/* False: it was not received. */
bool tally_round_trip(const struct tally *tally, uint32_t packet,
    nanoseconds *rtt, enum probe_stamp classes[static 2]);
/* When it left, as well as is known. False: it was not sent. */
bool tally_when(const struct tally *tally, uint32_t packet, nanoseconds *when);
/* Until when an answer to it would count; 0: it is not waited for, or any more. */
nanoseconds tally_open_until(const struct tally *tally, uint32_t packet);
void tally_damage(struct tally *tally, uint32_t packet);
bool tally_trouble(struct tally *tally, uint32_t packet); /* ICMP error */
/* Takes back those that are still in their time: as if never sent. */
void tally_withdraw(struct tally *tally, nanoseconds now);

/* Packets that our own socket lost meanwhile. It does not know whose answers
 * they were: of ours were `least` at least and `most` at most. */
struct tally_drops {
	uint32_t least, most;
};

struct tally_totals {
	uint32_t sent, received, lost, late, lost_locally, unsure, duplicates,
	    reordered, corrupted;
};

/* Unexplained losses are called lost_locally as far as the drops may account
 * for them, and where there is no stamp of the packet's leaving though others
 * have one: a queue of this host was full. So none of them is ever blamed on the
 * path. unsure: how many of those may be the path's all the same. */
void tally_total(const struct tally *tally, const struct tally_drops *drops,
    struct tally_totals *totals);

#endif
