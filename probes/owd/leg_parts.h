/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * leg_parts.h - what the files of leg share.
 *
 * leg.c is its life, leg_control.c the control connection, leg_request.c what is
 * asked for, leg_session.c the test packets, leg_hear.c what is heard of them.
 */
#ifndef PHAROS_PROBES_OWD_LEG_PARTS_H
#define PHAROS_PROBES_OWD_LEG_PARTS_H

#include <event2/bufferevent.h>

#include "probes/owamp/client.h"
#include "probes/owd/catch.h"
#include "probes/owd/leg.h"
#include "probes/owd/outbound.h"
#include "probes/owd/trace.h"
#include "probes/owd/udp.h"

/* What is asked of a peer in one go. */
#define LEG_WORD (5 * NS_PER_S) /* until it answers Stop-Sessions */

struct leg {
	const struct leg_course *course;
	const struct probe_host *host;
	enum leg_state state;
	struct error trouble;
	bool our_fault;
	bool severed;      /* the connection broke, and nobody has hung up */
	nanoseconds first; /* packet is due; 0: it has not begun */
	nanoseconds came;  /* monotonic: the last packet, or the failure */
	/* Packets that are due from `from` to before `until` are of it; the
	 * first one so much behind `start` as it says itself. */
	nanoseconds start, from, until, last;
	nanoseconds began; /* monotonic: to connect */
	struct event *timer;
	/* control */
	struct bufferevent *connection;
	struct client *client;
	bool stopped; /* Stop-Sessions was sent */
	bool ready;
	bool labelled; /* the sender knows what it is for */
	/* session */
	uint8_t sid[KEYS_SID];
	uint32_t packets;
	struct udp_calls calls;
	struct udp *udp; /* another leg's, too, for a while */
	struct catch *catch;
	struct outbound *outbound;
	bool over; /* the outbound is */
	/* Of what we sent, when it is stopped; with a trace, of what is received,
	 * too: heard, with a copy of its skips. */
	struct message_stopped said;
	struct message_skip *skips;
	bool heard, traced;
	struct ledger *ledger;
	struct trace *trace;
	uint32_t drops;
	nanoseconds looked;
	struct catch_refused refused;
	struct message_fetched fetched;
	/* One more than the last packet that was sent, and than the last one that
	 * there is a result of. */
	uint32_t ends, told;
	bool took; /* some packet, so the results say */
	/* The far end said that all was over before that could be, unless its
	 * clock is ahead of ours by more than the timeout. */
	bool hasty;
	bool gave; /* leg_gave */
};

/* It begins, at the latest: the far end said so, or a packet came. */
void leg_take_begin(struct leg *leg);

/* The leg fails with "PEER port N: ..."; sever: as it does when the connection is
 * broken. */
void leg_sever(struct leg *leg, const char *why);
void leg_fail(struct leg *leg, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void leg_news(struct leg *leg, enum leg_state state);
void leg_set_timer(struct leg *leg, nanoseconds wait);

int leg_connect(struct leg *leg, struct error *err);
void leg_disconnect(struct leg *leg);
void leg_flush(struct leg *leg);
/* Asks for it, and says in Stop-Sessions what we sent. */
void leg_send_stop(struct leg *leg);
void leg_send_fetch(struct leg *leg);

void leg_set_calls(struct leg *leg); /* of its socket */
/* With that port, if it is not 0. */
int leg_open_socket(struct leg *leg, uint16_t port, const union address *peer,
    struct error *err);
/* The socket, and what is asked of the peer; then that he agrees, that it begins,
 * and that it is over. */
int leg_open_session(
    struct leg *leg, struct message_request *request, struct error *err);
int leg_join_session(struct leg *leg, const struct message_accepted *accepted,
    struct error *err);
void leg_begin_session(struct leg *leg);
void leg_end_session(struct leg *leg); /* of our packets */
/* What was said of it, or found in it. */
void leg_take_statement(
    struct leg *leg, const struct message_statement *statement);
void leg_take_stop(struct leg *leg, const struct message_stop *stop);
void leg_take_session(struct leg *leg, const struct message_request *request);
void leg_take_skips(
    struct leg *leg, const struct message_skip *skips, uint32_t count);
void leg_take_record(struct leg *leg, const struct message_record *record);
void leg_take_end(struct leg *leg); /* of the results */
/* Sets ends. */
void leg_know_end(struct leg *leg, const struct message_stopped *said);
void leg_close_session(struct leg *leg);
void leg_make_ledger(struct leg *leg, const struct message_request *session);
/* Calls of the socket, and of what takes its packets in. */
void leg_arrived(void *leg, const struct udp_arrival *arrival);
bool leg_owns(void *leg, const struct udp_arrival *arrival);
void leg_left(void *leg, uint64_t number, nanoseconds when);
void leg_caught(void *leg, const struct catch_packet *caught);

#endif
