/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * departures.h - what became of a session's packets, until it has been stated.
 *
 * A packet's fate is settled when the kernel's stamp of it is there, or when none
 * will come any more. One without a stamp, though packets before and behind it
 * have one, was taken by the kernel and then lost in a queue of this host: it is
 * stuck. Some devices stamp nothing; of their packets that is all that is known.
 *
 * Memory: 24 bytes a packet that has not been stated.
 */
#ifndef PHAROS_PROBES_OWD_DEPARTURES_H
#define PHAROS_PROBES_OWD_DEPARTURES_H

#include "common/clock.h"
#include "probes/owamp/message.h"

#define DEPARTURES_SOON (50 * NS_PER_MS) /* a stamp is there by then ... */
#define DEPARTURES_ALL (INT64_MAX / 2)   /* a time when no stamp will come */
#define DEPARTURES_LATEST \
	NS_PER_S /* ... or one of a packet behind, by then, if
                                      stamps came before */

enum departure_state {
	DEPARTURE_UNSENT,
	DEPARTURE_BLIND,   /* sent; no stamp will come */
	DEPARTURE_WAITING, /* sent; later is by our own clock */
	DEPARTURE_STAMPED, /* later is the kernel's */
	DEPARTURE_STUCK
};

struct departure {
	nanoseconds due;
	uint64_t number; /* WAITING and on: by which its stamp is known; else
	                    that of the next one that has one. They are the
	                    socket's, and may outlast all sessions */
	int32_t later;   /* than due it left, ns */
	uint8_t state;
};

struct departures { /* zeroed: of a session that begins with packet 0 */
	struct departure *ring;
	uint32_t room;
	uint32_t first;   /* that was not stated */
	uint32_t settled; /* first to before this one are */
	uint32_t next;    /* will be added */
	uint64_t numbers; /* of the next one that has one */
	uint32_t stamped; /* one more than the last that has a stamp; 0: none */
	bool before;      /* stamps came, before `settled` */
};

void departures_clear(struct departures *departures); /* frees what it holds */

/* The next packet: was sent so much later than due, or not at all. WAITING:
 * numbers rise. */
void departures_add(struct departures *departures, enum departure_state state,
    nanoseconds due, nanoseconds behind, uint64_t number);
void departures_stamp(
    struct departures *departures, uint64_t number, nanoseconds when);
/* Of one that has been added, until the next one is. */
nanoseconds departures_due(
    const struct departures *departures, uint32_t packet);
/* That have been added and not stated. */
uint32_t departures_count(const struct departures *departures);
/* Settles what can be at that time of the wall clock. How many packets are settled
 * and not stated. */
uint32_t departures_settle(struct departures *departures, nanoseconds now);
/* The oldest settled ones, MESSAGE_STATEMENT_MOST at most, are stated. False: there
 * are none. The statement's arrays stand until the next call of anyone; its sid
 * is the caller's to fill in. */
bool departures_state(
    struct departures *departures, struct message_statement *statement);

#endif
