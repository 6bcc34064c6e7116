/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * far_parts.h - what the files of the far end share.
 *
 *   far.c            the far end: settings, ports, the secrets that it knows
 *   far_settings.c   texts of settings
 *   far_listen.c     the port
 *   far_guest.c      who comes, until it is known who he is
 *   far_line.c       a control connection: bytes in and out, its end
 *   far_session.c    a session: asked for, accepted, freed
 *   far_flow.c       its socket, which it may take over from another one
 *   far_request.c    may it be?
 *   far_run.c        sessions run, are stated and stopped
 *   far_side.c       what was sent, until it is known to have been stated
 *   far_orphan.c     what goes on when the connection has broken
 *   far_fetch.c      a session's packets are sent to who fetches them
 *
 * A line that is closed is freed from the loop soon after (far_line_close), for
 * whoever finds that it has to go may be deep inside it.
 */
#ifndef PHAROS_PROBES_OWD_FAR_PARTS_H
#define PHAROS_PROBES_OWD_FAR_PARTS_H

#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <sys/queue.h>

#include "common/hash.h"
#include "common/numbers.h"
#include "probes/owamp/server.h"
#include "probes/owd/catch.h"
#include "probes/owd/crowd.h"
#include "probes/owd/far.h"
#include "probes/owd/keyring.h"
#include "probes/owd/outbound.h"
#include "probes/owd/prefixes.h"
#include "probes/owd/shelf.h"
#include "probes/owd/step.h"

#define FAR_NAME (MESSAGE_KEY_ID + 1 + ADDRESS_TEXT)
#define FAR_BACKLOG \
	65536 /* bytes: a line that has so many to send asks no more */

struct far_ports {
	uint16_t least, most; /* 0: any */
};

struct far {
	struct probe_responder *responder;
	const struct probe_host *host;
	struct event_base *base;
	struct turns *turns;
	struct far_settings settings;
	struct far_ports ports;
	struct server_policy everybody, keyed; /* with open mode, without */
	struct server_lobby lobby;
	struct prefixes *allow;
	struct keyring *keyring;
	struct crowd *crowd;
	struct shelf *shelf;
	struct evconnlistener *listeners[2];
	uint16_t port;
	struct event *rest; /* from accepting: too many files are open */
	struct far_line *lines, *closed;
	uint32_t line_count;
	struct event *sweep;
	struct event *look; /* at the clock, once a second */
	struct step step;
	double packets; /* per second, of all sessions that there are */
	uint32_t sessions;
};

#define FAR_REFUSED 10 /* seconds in which a host said that nobody is there */

enum far_standing { FAR_UNKNOWN, FAR_OPEN, FAR_KEY, FAR_MEMBER };

#define FAR_DOUBT \
	(10 * NS_PER_S) /* behind an interval and its timeout; less than any
	                   receiver waits (RUN_PATIENCE) */

/* What we sent of a session in one interval, of a box that said what it is for. */
struct far_side {
	STAILQ_ENTRY(far_side) next;
	const struct far_session *session; /* NULL: it has gone */
	uint8_t sid[KEYS_SID];
	nanoseconds to;      /* the interval's end; INT64_MAX: there is none */
	nanoseconds last;    /* packet was due */
	nanoseconds timeout; /* of the session */
	uint32_t sent, skipped, stuck;
	struct numbers went; /* neither skipped nor stuck */
	bool unsaid;         /* some of it has not been written to the line */
	uint64_t written;    /* else, bytes of the line with the last of it */
};

struct far_line {
	struct far *far;
	struct far_line *before, *behind; /* behind: of those closed, too */
	struct server *server;
	struct bufferevent *stream;
	struct event *timer; /* until it may be set up; until it is stopped */
	union address peer, local;
	enum far_standing standing;
	char name
	    [FAR_NAME]; /* for people, and the host: a key's or an address */
	uint8_t secret[HASH_SIZE]; /* of a member: a digest of it */
	bool crowded;              /* counts among those of its address */
	bool passed;               /* may be set up */
	bool leaves;               /* when all is sent */
	bool closed;
	bool stopped; /* our Stop-Sessions is sent, theirs is not there */
	nanoseconds orphaned; /* monotonic: its connection broke, and it goes
	                         on; 0: it has one */
	uint32_t refusals, refused; /* since; seconds with any */
	enum message_accept stop;   /* what it is to say */
	struct far_session *sessions;
	struct far_fetch *fetch;    /* NULL: none */
	struct message_label label; /* name empty: none */
	STAILQ_HEAD(, far_side) sides;
	uint64_t written; /* bytes, so far */
};

struct far_session {
	struct far_line *line;
	struct far_session *next;
	struct message_request request; /* addresses and ports as they are */
	struct slot *slots;
	union address local; /* of the packets, without a port */
	union address peer;
	bool sends; /* we do */
	double rate;
	bool counted; /* in the far end's packets and sessions */
	bool accepted, over;
	bool bequeathed; /* its ticket is its successor's, or was */
	bool secure;
	struct keys keys;
	struct udp_calls calls;
	struct udp *udp; /* another's, too, for a while: udp.h */
	uint32_t drops;  /* of it, before this session */
	struct outbound *outbound;
	struct far_side *side; /* the last one; NULL: none yet */
	struct catch *catch;
	struct shelf_item *item;
	struct probe_ticket *ticket;
};

/* far_settings.c; -1: which is wrong. */
int far_read_ports(
    const char *text, struct far_ports *ports, struct error *err);
int far_read_modes(const char *text, uint32_t *modes, struct error *err);

/* far.c */
void far_note(const struct far_line *line, const char *what);

/* far_listen.c */
int far_listen(struct far *far, struct error *err);
void far_listen_stop(struct far *far);

/* far_guest.c: a new connection; is it time to look at what it says; it is set
 * up; it counts no more among the unknown of its address. */
void far_guest_new(
    struct far *far, evutil_socket_t fd, const union address *peer);
bool far_guest_may_enter(struct far_line *line);
void far_guest_ready(struct far_line *line);
void far_guest_known(struct far_line *line);

/* far_line.c; its server is the caller's to make, at once. */
struct far_line *far_line_open(
    struct far *far, evutil_socket_t fd, const union address *peer);
void far_line_leave(struct far_line *line); /* closed when all is sent */
/* why NULL: there is nothing to be said. */
void far_line_close(struct far_line *line, const char *why);
void far_line_flush(struct far_line *line); /* what the server has written */
void far_line_read(struct far_line *line);  /* goes on with what has come */
/* How long it may say nothing; 0: as long as it likes. */
void far_line_patience(struct far_line *line, nanoseconds idle);
void far_line_wait(struct far_line *line, nanoseconds wait); /* for its timer */
void far_sweep(struct far *far); /* frees all that are closed */

/* far_request.c: what the limits say. Fills the session's request, addresses and
 * rate. */
enum message_accept far_judge(struct far_session *session,
    const struct message_request *request, struct error *err);

/* far_flow.c; -1: no port is free, or what else. */
int far_flow_open(struct far_session *session, struct error *err);
/* It begins to send: whoever sent between these ports before leaves it to it. */
void far_flow_relieve(const struct far_session *session);

/* far_session.c */
void far_session_ask(struct far_line *line); /* the line's request */
void far_session_free(struct far_session *session);
/* It is none of those that the limits are about any more. */
void far_session_uncount(struct far_session *session);
void far_sessions_free(struct far_line *line, enum shelf_end end);

/* far_run.c; the first: of our clock, as on the wire. */
uint16_t far_estimate(const struct far *far);
void far_start(struct far_line *line);
void far_stopped(struct far_line *line); /* the peer's Stop-Sessions is there */
int far_stated(struct far_line *line, struct error *err);
void far_stop(struct far_line *line, enum message_accept accept);
/* We are to be no more: says so, as far as that can be without a loop. */
void far_run_leave(struct far_line *line);
void far_run_timer(struct far_line *line);
/* Our clock was set: what runs is over. */
void far_clock_set(struct far *far, nanoseconds by);
/* For a receiver's socket and catch. */
void far_caught(void *session, const struct catch_packet *packet);

/* far_side.c: what the sessions behind it are for, if it is a box who says it;
 * what a statement is about is ours to remember; it has been written
 * to the line; it is time to see whether that came through; the session, and the
 * line, has ended. */
void far_side_label(struct far_line *line, const struct message_label *label);
void far_side_add(
    struct far_session *session, const struct message_statement *statement);
void far_side_said(struct far_session *session);
/* Nothing was sent from there on, nor perhaps before in that interval: that is to
 * be told, too. */
void far_side_until(struct far_session *session, nanoseconds until);
void far_side_look(struct far_line *line, nanoseconds now);
void far_side_leave(const struct far_session *session);
void far_side_end(struct far_line *line);

/* far_orphan.c: the connection has broken. False: nothing goes on without it. */
bool far_orphan_make(struct far_line *line, const char *why);
/* Is it over? Once a second. */
void far_orphan_look(struct far_line *line, nanoseconds now);
/* The orphan's session that this one would follow; NULL: none. */
struct far_session *far_orphan_before(const struct far_session *session);
/* What that one may cost is this one's; which was refused by the host: then that
 * one may not be either. */
void far_orphan_inherit(const struct far_session *session);
void far_orphan_disinherit(const struct far_session *session);

/* far_fetch.c */
void far_fetch(struct far_line *line);
void far_fetch_more(struct far_line *line);   /* as much as there is room for */
void far_fetch_free(struct far_fetch *fetch); /* NULL is fine */

#endif
