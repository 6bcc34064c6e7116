/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * leg.h - one control connection and its session: as much of a run as goes on
 * without a break.
 *
 *   RISING --> RUNNING --> STOPPING --> OVER
 *      |          |            |
 *      +----------+------------+-----> FAILED
 *
 * Where the packets go from here to the target we send and state, and fetch what
 * arrived when it is over; the other way we receive, and hear what was sent. Either
 * is written into a ledger. Late packets arrive until the leg is freed.
 *
 * A leg that receives from a box of the fleet, and failed since the connection broke
 * and for no other reason, goes on: the box does so, too (far_orphan.c), and states
 * elsewhere what it sends (common/sides.h). It ends where the next one begins, for
 * that takes the packets over. A sender who died looks like a path that lets nothing
 * through: nothing comes, and what he sent is not known. So silence alone ends a leg
 * but late, at LEG_SILENCE; he who closed the connection has left.
 */
#ifndef PHAROS_PROBES_OWD_LEG_H
#define PHAROS_PROBES_OWD_LEG_H

#include "probes/owd/ledger.h"
#include "probes/owd/owd.h"

struct trace;
struct turns;

enum leg_state {
	LEG_RISING,
	LEG_RUNNING,
	LEG_STOPPING, /* nothing new is sent; the other side has the word */
	LEG_OVER,     /* all is known that will be */
	LEG_FAILED    /* so it is, and leg_trouble says why */
};

/* What all legs of a run have in common; borrowed. */
struct leg_course {
	struct probe_run *run;
	struct turns *turns;
	const struct owd_settings *settings;
	union address peer, local; /* peer: with the control port */
	uint32_t modes;
	char key_id[MESSAGE_KEY_ID + 1];
	uint8_t secret[256];
	size_t secret_length;
	struct slot *slots; /* so many, the run's */
	uint32_t slot_count;
	double mean;          /* seconds between packets */
	uint16_t least, most; /* ports */
	nanoseconds interval; /* of reports; 0: a single one */
	nanoseconds cut;      /* the last one's end; 0: there was none */
	nanoseconds began;    /* the run, wall-clock */
	nanoseconds
	    longest;  /* may a session be, if it is stated, and the rest of
	                         an interval */
	bool sends;   /* the packets go from here to the target */
	bool fetches; /* a session of `sid`, and measures nothing */
	uint8_t sid[KEYS_SID];
	bool keeps; /* all packets, in leg_trace */
	/* Something is different with this leg; it may not be freed in it. */
	void (*news)(void *arg);
	/* A packet has arrived, while it runs; NULL: nobody looks. */
	void (*arrived)(void *arg, const struct message_record *record);
	void *arg;
};

#define LEG_SILENCE (3600 * NS_PER_S) /* as keep-sending is by default */

struct leg;
/* before: the one whose `until` it begins at; it goes on with its times, where they
 * are fixed. NULL: soon. */
struct leg *leg_new(const struct leg_course *course, const struct leg *before);
/* Right behind leg_new: its packets take the same ports as those of the other one,
 * if the far end has it so. False: that one has none. */
bool leg_share(struct leg *leg, const struct leg *other);
void leg_free(struct leg *leg); /* NULL is fine */

enum leg_state leg_state(const struct leg *leg);
const char *leg_trouble(const struct leg *leg); /* NULL: none */
/* Did the far end give all the results that it has? They may be no more than some,
 * then the leg has failed. */
bool leg_gave(const struct leg *leg);
/* What the path had against our packets; NULL: nothing. */
const char *leg_objection(const struct leg *leg);
bool leg_is_our_fault(const struct leg *leg); /* the trouble is */
/* It has failed, and still takes in what comes. */
bool leg_goes_on(const struct leg *leg);
/* When its first packet is due, wall-clock; INT64_MAX: it is not known to have begun. */
nanoseconds leg_first(const struct leg *leg);
/* What is due from there on is another's; of one that goes on. */
void leg_yield(struct leg *leg, nanoseconds until);
const uint8_t *leg_sid(const struct leg *leg); /* when it has a ledger */
/* NULL: none yet, or it failed before it had begun. */
struct ledger *leg_ledger(const struct leg *leg);
/* All packets, when no more are to come; NULL: they are not kept. */
struct trace *leg_trace(struct leg *leg);
nanoseconds leg_from(const struct leg *leg); /* void while it rises */
/* Nothing behind it belongs to the leg (wall-clock): the next one begins there.
 * INT64_MAX until it runs, and in a run that ends. */
nanoseconds leg_until(const struct leg *leg);
/* When the last packet of a run that ends is due. */
nanoseconds leg_last(const struct leg *leg);

/* No packet is sent from here on, except that one that runs is heard out. */
void leg_stop(struct leg *leg);
/* Looks what its socket has lost; and adds what it has refused since the last
 * time. */
struct catch_refused;
void leg_look(struct leg *leg, nanoseconds now);
void leg_refused(struct leg *leg, struct catch_refused *sum);

#endif
