/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ping.h - what the files of the ping plug-in share.
 *
 * ping.c declares it, ping_run.c sends, ping_arrival.c finds the packet that
 * an arrival belongs to. All runs of the process share one socket a family.
 *
 * A run has one deadline: its last packet's timeout. When nothing is open any
 * more it ends sooner, but waits for further copies twice as long as its
 * longest round trip took, and PING_LINGER at least.
 */
#ifndef PHAROS_PROBES_PING_H
#define PHAROS_PROBES_PING_H

#include <sys/queue.h>

#include "probes/echo.h"
#include "probes/probe.h"
#include "probes/tally.h"

#define PING_BUCKETS 4096 /* thousands of runs may be open */
#define PING_LINGER (10 * NS_PER_MS)
#define PING_ERROR 200

struct ping_settings {
	int64_t count, size;
	nanoseconds spacing, timeout;
};

struct ping_run {
	LIST_ENTRY(ping_run) by_cookie, by_target; /* while it is started */
	struct probe_run *probe;
	struct echo *echo;
	struct icmp_echo request; /* the next one, or any to compare with */
	struct tally tally;
	struct event *timer;
	uint32_t next;  /* packet to send */
	uint32_t drops; /* the socket's, when the run began */
	nanoseconds origin, last_sent, last_heard, longest;
	int refusal; /* errno of the last packet that this host refused */
	uint32_t refused;
	char error[PING_ERROR];
};

LIST_HEAD(ping_chain, ping_run);

struct ping {
	const struct probe_host *host;
	struct echo echo[2];
	struct error why[2]; /* a family's socket is not open */
	struct event *readers[2];
	struct ping_chain by_cookie[PING_BUCKETS], by_target[PING_BUCKETS];
	unsigned undrained; /* packets sent since the sockets were read */
	uint8_t packet[ICMP_HEADER + ICMP_PAYLOAD_MOST];
	struct echo_buffer buffer;
};

static inline int
ping_index(int family)
{
	return (family == 6 ? 1 : 0);
}

/* Reads all that has arrived. It ends no run. */
void ping_drain(struct ping *ping);
/* From here on its arrivals are found, until it is removed. */
void ping_add(struct ping *ping, struct ping_run *run);
void ping_remove(struct ping_run *run);

int ping_start(struct probe_run *given, struct error *err);
void ping_stop(struct probe_run *given);
void ping_finish(struct probe_run *given);
/* Something of the run has arrived: when does it end now? */
void ping_schedule(struct ping_run *run);

#endif
