/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ledger.h - the packets of one session, by reporting interval.
 *
 * Both ends know the timetable, so each packet belongs to the interval that it
 * was due in, however late it comes, or however early by a clock that differs.
 * Intervals end at the multiples of their length, wall-clock, and follow one
 * another without a hole from the session's beginning on. A packet's true time of
 * sending is its own stamp until the sender states when it really left
 * (probes/owamp/message.h, relative to when it was due).
 *
 *   ledger_cut(to)      what has begun before is over
 *   ledger_settled()    the oldest cut one has all that was stated about it
 *   ledger_close()      its findings; it is gone
 *
 * No sockets and no timers here; all times are handed in. Memory: 12 bytes and
 * three bits a packet.
 */
#ifndef PHAROS_PROBES_OWD_LEDGER_H
#define PHAROS_PROBES_OWD_LEDGER_H

#include "common/clock.h"
#include "probes/owamp/message.h"
#include "probes/owamp/timetable.h"
#include "probes/owd/findings.h"

struct error;
struct ledger;

struct ledger_about {
	const uint8_t *sid;
	uint64_t start;   /* NTP */
	nanoseconds from; /* wall-clock: no packet is due before; 0: start */
	const struct slot *slots;
	uint32_t slot_count;
	uint32_t packets; /* MESSAGE_NEXT_UNKNOWN: no end */
	nanoseconds timeout;
	nanoseconds interval; /* 0: all is one, cut when it is over */
	bool labelled;        /* what is not stated here will be elsewhere */
	bool samples; /* each packet is wanted, too: 40 bytes more of it */
};

/* Intervals that packets may be ahead of the last cut; with clocks that are
 * further apart they are of none. */
#define LEDGER_AHEAD 4
#define LEDGER_SLICE 8192 /* packets that one call of ledger_close is about */

struct ledger *ledger_new(const struct ledger_about *about);
void ledger_free(struct ledger *ledger);         /* NULL is fine */
size_t ledger_size(const struct ledger *ledger); /* bytes */

struct ledger_arrival {
	uint32_t sequence;
	nanoseconds sent; /* by the packet's own stamp */
	nanoseconds received;
	int ttl; /* that it had left; ACCOUNT_NO_TTL */
	enum probe_stamp received_by;
	bool synchronised; /* the sender's clock, by its own word ... */
	nanoseconds error; /* ... to so much */
};

/* Of any interval that has not been closed; one that comes later, or too early,
 * counts in nothing but findings.stray of the oldest that is there. */
void ledger_arrived(
    struct ledger *ledger, const struct ledger_arrival *arrival);
/* Our own socket has lost so many, between these two times (wall-clock); shared:
 * some may have been another session's. */
struct ledger_drops {
	uint32_t packets;
	nanoseconds since, now;
	bool shared;
};
void ledger_dropped(struct ledger *ledger, const struct ledger_drops *drops);

/* What the sender says of the packets behind those that it spoke of before. -1:
 * it contradicts itself or what was said before; nothing is taken of it. */
int ledger_state(struct ledger *ledger,
    const struct message_statement *statement, struct error *err);
/* What it says at the end, of all: skips alone, no stamps. Packets that it has
 * stated before stay as they were stated. -1: as above. */
int ledger_stopped(struct ledger *ledger, const struct message_stopped *stopped,
    struct error *err);

/* to: wall-clock, rising. An interval that began before is cut, and its packets
 * are those that were due in it; behind an end that is none of the multiples
 * there is nothing more to be cut. */
void ledger_cut(struct ledger *ledger, nanoseconds to);
/* Is there a cut interval, and was all stated that was due in it, if anything was? */
bool ledger_settled(const struct ledger *ledger);
/* How many intervals are cut and not closed, and where the oldest one ends. */
unsigned ledger_cuts(const struct ledger *ledger);
nanoseconds ledger_end(const struct ledger *ledger);
/* The oldest cut one; added to what is in findings. Without a full statement
 * nothing is said of what was sent and lost (findings.stated is cleared). False:
 * only a slice of it, for a large one takes a while (0.2 us a packet); to be
 * called again, with the same findings. */
bool ledger_close(struct ledger *ledger, struct findings *findings);
/* What was said last, of all packets before this number. */
uint32_t ledger_stated(const struct ledger *ledger);

/* When packet `sequence` is due, wall-clock: walks there from the last one that
 * was asked for, or from the beginning. */
nanoseconds ledger_due(struct ledger *ledger, uint32_t sequence);
/* As timetable_follow(), wall-clock. */
bool ledger_follow(
    const struct ledger *ledger, nanoseconds border, nanoseconds *start);

#endif
