/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * outbound.h - sends the test packets of one session, and states what it sent.
 *
 * Each packet leaves at its time of the timetable, or as soon after as the loop
 * got there; one that would be more than OUTBOUND_LATEST late, or that this host
 * would not take, is not sent at all: it is skipped, and said to be. Packets are
 * never sent in a bunch to make up for it. Where many sessions send seldom, packets
 * of several that are due within OUTBOUND_SLACK, or a thousandth of the time between
 * packets, leave at the time of the last one; how late each was is told as ever.
 * With more than SKIPS_MOST ranges of skipped ones, further ones are said to be one.
 *
 * The kernel's stamps tell when each really left. A receiver cannot know that,
 * nor what was sent; so from time to time a statement (probes/owamp/message.h)
 * says it of all the packets since the one before. A receiver that does not
 * want to know is not told, but for the skips at the end.
 */
#ifndef PHAROS_PROBES_OWD_OUTBOUND_H
#define PHAROS_PROBES_OWD_OUTBOUND_H

#include "probes/owamp/message.h"
#include "probes/owamp/timetable.h"
#include "probes/owd/skips.h"
#include "probes/owd/turns.h"
#include "probes/owd/udp.h"

#define OUTBOUND_LATEST (100 * NS_PER_MS) /* or the timeout, if that is less */
#define OUTBOUND_SLACK (100 * NS_PER_US)
/* Of statements, or as soon as MANY packets are behind; where FEW are, not before
 * the report ends. */
#define OUTBOUND_PERIOD (5 * NS_PER_S)
#define OUTBOUND_MANY 2048
#define OUTBOUND_FEW 24

struct outbound;

struct outbound_about {
	const struct probe_host *host;
	struct turns *turns; /* borrowed, as are host and udp */
	struct udp *udp;     /* connected; its `left` is outbound_left */
	enum mode mode;
	const struct keys *keys; /* the session's; NULL: open mode; copied */
	uint8_t sid[KEYS_SID];
	uint64_t start; /* NTP; what was due long ago is skipped one by one */
	const struct slot *slots;
	uint32_t slot_count;
	uint32_t packets;  /* MESSAGE_NEXT_UNKNOWN: until it is stopped */
	nanoseconds until; /* as outbound_leave has it; 0: never */
	uint32_t padding;
	nanoseconds timeout;
	/* Of the receiver's reports, which end at its multiples; what is of one is
	 * stated at most OUTBOUND_PERIOD behind it. 0: nobody has said. */
	nanoseconds interval;
	/* NULL: statements are not wanted. Borrowed until it returns; the
	 * outbound may not be freed in it. */
	void (*state)(void *arg, const struct message_statement *statement);
	/* The last packet's time has come, and all stamps that will come are
	 * there; why: the clock was set, so it ended early. Once; may free
	 * it. */
	void (*over)(void *arg, const char *why);
	void *arg;
};

struct outbound *outbound_new(const struct outbound_about *about);
void outbound_free(struct outbound *outbound); /* NULL is fine */

/* For the socket's calls: the stamp of packet `number` of the socket. */
void outbound_left(void *outbound, uint64_t number, nanoseconds when);

/* No packet leaves from here on; what was not stated is (state is called from
 * inside), and this is what Stop-Sessions says of it: *stopped is valid until
 * outbound_free. over is not called any more. A packet that was due and has not
 * left is not spoken of: `next` is the first of them. */
void outbound_stop(struct outbound *outbound, struct message_stopped *stopped);
/* Inside of state: when one of the packets that it is about was due. */
nanoseconds outbound_due(const struct outbound *outbound, uint32_t packet);
/* Of packets that were due before then all has been stated. */
nanoseconds outbound_told(const struct outbound *outbound);
/* What is due then or later (wall-clock) is left to another session; this one waits
 * to be stopped. */
void outbound_leave(struct outbound *outbound, nanoseconds until);
/* When it left them; INT64_MAX: it did not. */
nanoseconds outbound_until(const struct outbound *outbound);
/* When the next packet is due, wall-clock. */
nanoseconds outbound_next(const struct outbound *outbound);
/* perfSONAR's receiver finds what is lost, and that all is over, so long behind the
 * timeout: two gaps, of at most a second. mean: between packets, seconds. */
nanoseconds outbound_doze(double mean);
/* How long behind the timeout of the last packet its receiver is told that it was
 * that. He drops what was sent less than the timeout before, by his clock (RFC 4656
 * section 3.8); and of what perfSONAR's has not found by then it has no record.
 * states: he is no such one. */
nanoseconds outbound_linger(double mean, bool states);
/* How many packets have left. */
uint32_t outbound_sent(const struct outbound *outbound);

#endif
