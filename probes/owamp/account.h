/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * account.h - what became of the packets of one interval, one way.
 *
 * Packets are fed in as they arrive, whichever interval's packets arrive
 * meanwhile; the caller knows by the time of sending which interval one belongs
 * to. A receiver cannot know what was sent: the account is closed with the
 * sender's own statement. Without it there is no word on what was lost.
 *
 * Counts add up: sent = received + lost + lost_locally; late is a part of lost;
 * duplicates of none. A packet is late that took longer than the timeout
 * (RFC 7679, 7680); its first copy counts (RFC 5560 counts the others). Delays
 * are as the clocks have them, negative ones too. One that was not stamped was
 * received and has no delay.
 *
 * Memory: four bytes and three bits for each number up to the highest that
 * arrived, eight bytes when delays are more than two seconds apart.
 */
#ifndef PHAROS_PROBES_OWAMP_ACCOUNT_H
#define PHAROS_PROBES_OWAMP_ACCOUNT_H

#include "common/clock.h"
#include "common/pattern.h"
#include "probes/owamp/message.h"
#include "probes/owamp/reorder.h"
#include "probes/tally.h"

#define ACCOUNT_DELTA 99 /* of noticeable losses: 1 in 100, RFC 3357 */
#define ACCOUNT_TTL 255  /* as packets are sent */
#define ACCOUNT_NO_TTL (-1)

struct account;
/* Of packets with numbers from `first` on, and fewer than `most` of them. order:
 * the stream's, borrowed. */
struct account *account_new(
    uint32_t first, uint32_t most, nanoseconds timeout, struct reorder *order);
void account_free(struct account *account);         /* NULL is fine */
size_t account_size(const struct account *account); /* bytes */

struct account_arrival {
	uint32_t sequence;
	bool stamped;               /* sent is known */
	nanoseconds sent, received; /* wall-clock, each by its own clock */
	int ttl;                    /* 0 to 255, or ACCOUNT_NO_TTL */
};

enum account_verdict {
	ACCOUNT_FIRST,
	ACCOUNT_COPY,
	ACCOUNT_OUTSIDE /* no number of this interval: counted as such only */
};

enum account_verdict account_arrived(
    struct account *account, const struct account_arrival *arrival);
/* Has the packet arrived, or a copy of it? */
bool account_has(const struct account *account, uint32_t sequence);
/* The packet left so much later than its stamp says. False: no such delay. */
bool account_correct(
    struct account *account, uint32_t sequence, nanoseconds later);
/* Our own socket lost packets: of this interval's `least` and `most`. */
void account_dropped(struct account *account, const struct tally_drops *drops);

/* Packets from `first` to before `next` were due. Ranges rise, and lie in it.
 * What was not sent but arrived was sent. */
struct account_statement {
	uint32_t first, next;
	const struct message_skip *unsent; /* skipped sends */
	uint32_t unsent_count;
	const struct message_skip *stuck; /* sent, but lost in that host */
	uint32_t stuck_count;
};

/* What a peer states: -1, with the reason, when it is about numbers that the
 * account is not, or ranges do not rise. The functions below rely on it. */
struct error;
struct numbers;
int account_check(const struct account *account,
    const struct account_statement *statement, struct error *err);

struct account_totals {
	bool stated; /* else sent, skipped, lost, lost_locally, unsure and the
			pattern are void */
	uint32_t sent, skipped, lost, lost_locally;
	uint32_t unsure; /* of lost_locally the path may have lost so many */
	uint32_t received, late, duplicates, reordered;
	/* Of received: came more than the timeout before it was sent, so the
	 * clocks are further apart than that. RFC 4656 section 4.2 would have it
	 * discarded, and call it lost, though it came. */
	uint32_t early;
	uint32_t replicated;     /* packets of which copies came (RFC 5560) */
	uint32_t outside;        /* arrivals that belong to nothing */
	uint32_t dropped;        /* at most so many by our own socket ... */
	uint32_t dropped_surely; /* ... and at least */
	/* n-reordered with n at least the index; all that arrived first count,
	 * so does reordered where index is 0 */
	uint32_t reordered_by[REORDER_DEPTH + 1];
	struct pattern pattern; /* of losses, where those of our own sockets
				   cannot be told from the path's */
	int hops_least, hops_most, hops_last; /* -1: no TTL was seen */
};

/* May be called again, with another statement. NULL: there is none. */
void account_close(const struct account *account,
    const struct account_statement *statement, struct account_totals *totals);

/* The numbers of those that were received. */
void account_received(const struct account *account, struct numbers *numbers);

/* Each delay of a packet that was received (and stated), by number; and each
 * IPDV with consecutive selection (RFC 3393): the delay less that of the number
 * before, where both are known. */
typedef void account_sample(void *context, nanoseconds sample);
void account_delays(const struct account *account,
    const struct account_statement *statement, account_sample *sample,
    void *context);
void account_variations(const struct account *account,
    const struct account_statement *statement, account_sample *sample,
    void *context);

#endif
