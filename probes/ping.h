/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ping.h - what the files of the ping plug-in share.
 *
 * ping.c declares it, ping_run.c sends, ping_wait.c sets timers, ping_runs.c finds
 * runs, ping_arrival.c the packet that an arrival belongs to, ping_report.c says
 * what was found. All runs of the process share one socket a family.
 *
 * A run has one deadline: its last packet's timeout. When nothing is open any
 * more it ends sooner, but waits for further copies twice as long as its
 * longest round trip took; short ones count PING_LINGER times that, at least
 * PING_LINGER_LEAST and up to PING_LINGER_MOST.
 */
#ifndef PHAROS_PROBES_PING_H
#define PHAROS_PROBES_PING_H

#include <sys/queue.h>

#include "probes/echo.h"
#include "probes/fault.h"
#include "probes/pace.h"
#include "probes/probe.h"
#include "probes/tally.h"

#define PING_LINGER 10
#define PING_LINGER_LEAST NS_PER_MS
#define PING_LINGER_MOST (10 * NS_PER_MS)
#define PING_PAGE 200
/* Runs of one packet that may go faster than this are sent plain (echo.h): their
 * stamp would tell nothing but when it left. Packets per second. */
#define PING_PLAIN 100000
#define PING_LINES 32 /* lengths of waits that many share */
/* A packet that would have to wait longer for its turn is not sent. */
#define PING_LATEST (3 * NS_PER_S)

struct ping_settings {
	int64_t count, size, dscp, pinger_replies;
	nanoseconds spacing, timeout;
	double ceiling, target_ceiling; /* packets per second */
	bool discard_first;
	char source[ADDRESS_TEXT], interface[16], page[PING_PAGE + 1];
};

/* An address that runs are under way to. */
struct ping_target {
	struct pace pace;
	unsigned users;
};

struct ping_run {
	/* what is looked at when others are looked for: close together */
	LIST_ENTRY(ping_run) by_cookie, by_target; /* while it is started */
	uint32_t hash;                             /* of its target */
	struct icmp_echo request; /* the next one, or any to compare with */
	struct probe_run *probe;
	struct echo *echo;
	struct echo_route route;
	union address source;
	struct ping_target *target;
	struct tally tally;
	struct event *timer;
	uint32_t next;    /* packet to send */
	uint32_t waiting; /* packets that are still in the socket's queue */
	uint32_t told;    /* of these a watcher need hear no more */
	nanoseconds slot; /* when the next one has its turn; 0: not asked */
	nanoseconds origin, last_sent, last_heard, longest;
	/* the socket's figures when the run began */
	uint32_t drops;
	uint64_t given_up;
	int refusal; /* errno of the last packet that this host refused */
	uint32_t refused, crowded; /* crowded: the ceiling had no room for it */
	int ttl;                   /* of the last answer; 0: not known */
	struct fault_list *faults; /* NULL: none */
};

LIST_HEAD(ping_chain, ping_run);

/* Those under way. Of chains there are about as many as runs: who has few does
 * not touch a page of memory for each. */
struct ping_runs {
	struct ping_chain *by_cookie, *by_target;
	uint32_t room, count; /* chains of each, a power of two; runs */
};

/* A family's socket, and what became of everybody's packets: enough to say how
 * many answers the socket may have dropped of others. */
struct ping_socket {
	struct echo echo;
	struct error why; /* it is not open */
	struct event *reader;
	uint64_t sent, explained; /* answered, or an error came */
	uint64_t given_up;        /* neither, and their runs are over */
};

struct ping_lines {
	nanoseconds length[PING_LINES];
	const struct timeval *line[PING_LINES]; /* NULL: libevent has no more */
	unsigned count;
};

struct ping {
	const struct probe_host *host;
	struct echo_calls calls;
	struct ping_socket sockets[2];
	struct event *flusher; /* sends what has been gathered */
	bool gathered;         /* it is about to */
	struct ping_lines lines;
	struct pace pace; /* of all */
	struct ping_runs runs;
	nanoseconds drained; /* all that had come until then has been read */
	unsigned undrained;  /* packets sent since the sockets were read */
	size_t cookies;      /* bytes of random that are left */
	uint8_t random[4096];
	struct echo_buffer buffer;
};

static inline int
ping_index(int family)
{
	return (family == 6 ? 1 : 0);
}

static inline const struct ping_settings *
ping_settings(const struct ping_run *run)
{
	return (run->probe->settings);
}

struct ping_socket *ping_socket(const struct ping_run *run);
extern const struct echo_calls ping_calls; /* arg is to be set */

/* Reads all that has arrived. It ends no run. */
void ping_drain(struct ping *ping);
/* The same, if much has been sent since. */
void ping_keep_up(struct ping *ping);
/* Sends what has been gathered. */
void ping_flush(struct ping *ping);

void ping_runs_open(struct ping_runs *runs);
void ping_runs_close(struct ping_runs *runs); /* must be empty */
/* From here on its arrivals are found, until it is removed. */
void ping_runs_add(struct ping_runs *runs, struct ping_run *run);
void ping_runs_remove(struct ping_runs *runs, struct ping_run *run);
/* NULL: none has that cookie, of ICMP_COOKIE bytes. */
struct ping_run *ping_runs_find(
    const struct ping_runs *runs, const uint8_t *cookie);
/* In this chain (by_target) are those towards the address, and others. */
struct ping_chain *ping_runs_towards(
    const struct ping_runs *runs, int family, const uint8_t *address);
bool ping_is_towards(
    const struct ping_run *run, int family, const uint8_t *address);
/* Its bytes, as they are in a packet. */
const uint8_t *ping_address(int family, const union address *address);
/* What the socket may have dropped of its answers. */
struct tally_drops ping_drops(struct ping_run *run);

/* Its timer goes off then, ... */
void ping_wake(struct ping_run *run, nanoseconds at);
/* ... or up to a millisecond later, which costs less when there are thousands. */
void ping_wake_about(struct ping_run *run, nanoseconds at);
int ping_start(struct probe_run *given, struct error *err);
void ping_stop(struct probe_run *given);
void ping_finish(struct probe_run *given);
/* Something of the run has arrived: when does it end now? */
void ping_schedule(struct ping_run *run);
/* Is somebody there to be shown what happens? */
bool ping_watched(const struct ping_run *run);
/* Shows it, "3: TEXT"; packets are counted from 1 there. */
void ping_live(struct ping_run *run, uint32_t packet, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void ping_live_trip(struct ping_run *run, uint32_t packet, nanoseconds rtt);
/* Shows whose time has passed in silence; when somebody's will, if that is before
 * `at`, else `at`. */
void ping_live_silence(struct ping_run *run);
nanoseconds ping_live_next(const struct ping_run *run, nanoseconds at);
/* Tells the host what was found, and that the run is over. */
void ping_report(struct ping_run *run);

#endif
