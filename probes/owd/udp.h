/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * udp.h - the socket of a session's test packets, with the kernel's stamps.
 *
 * Each session has a socket of its own, connected to its peer: what it lost for
 * want of room was this session's, and nobody else's packets reach it. Only where
 * one session takes over from another of the same pair do both have the same one,
 * for as long as both are there: a flow's ports stay what they are, so equal-cost
 * paths do not change with it. Times are wall-clock, as the kernel stamps
 * (CLOCK_REALTIME); where there is no stamp, the time of the call, which is a stamp
 * of user space.
 */
#ifndef PHAROS_PROBES_OWD_UDP_H
#define PHAROS_PROBES_OWD_UDP_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"
#include "probes/probe.h"

#define UDP_TTL_UNKNOWN (-1)
#define UDP_NO_STAMP UINT64_MAX

struct udp;

struct udp_arrival {
	const uint8_t *data; /* until the call returns */
	size_t length; /* as it came; longer than UDP_ROOM is cut to that */
	nanoseconds when;
	enum probe_stamp stamp; /* USER or KERNEL */
	int ttl;                /* that it had left, or UDP_TTL_UNKNOWN */
};

/* Neither may free a socket, nor have one read. */
struct udp_calls {
	/* NULL: nothing is to arrive, and the loop does not look at it. */
	void (*arrived)(void *arg, const struct udp_arrival *arrival);
	/* The packet that udp_send numbered so went out at that time. Not
	 * every packet has such a stamp, and they may come in any order. NULL:
	 * nobody wants to know. Where arrived is NULL too, stamps wait for
	 * udp_notices: read them at least every UDP_UNREAD packets. */
	void (*left)(void *arg, uint64_t number, nanoseconds when);
	/* Is it a packet of this session? Asked only while there are others, of
	 * the newest first; what is of none goes to the oldest. */
	bool (*owns)(void *arg, const struct udp_arrival *arrival);
	void *arg;
	struct udp_calls *older; /* the socket's own */
};
#define UDP_UNREAD 64

struct udp_about {
	const struct probe_host *host;
	struct event_base *base;
	const union address *local; /* its port is void */
	uint16_t port;        /* the one that is wished for; 0: none ... */
	uint16_t least, most; /* ... else the first free one of these, beginning
	                               at a place that flow says; 0: any */
	uint64_t flow;
	int dscp;
	unsigned rate; /* packets/s that may come, for the size of buffers */
	/* Where it will be connected to, as far as that is known: its port may be
	 * 0; NULL: not at all. Sockets with different peers have the same port,
	 * where flow or port says so: it does not depend on who came first. */
	const union address *peer;
	struct udp_calls *calls;
};

#define UDP_ROOM 9000

/* Bound, with large buffers, TTL 255. about->calls is borrowed. NULL: no port was
 * free, or what else. */
struct udp *udp_new(const struct udp_about *about, struct error *err);
/* One session more, which does the same as the others: sends, or receives. The
 * calls are borrowed. */
void udp_share(struct udp *udp, struct udp_calls *calls);
/* The socket goes with its last session. NULL is fine. */
void udp_quit(struct udp *udp, struct udp_calls *calls);
void udp_free(struct udp *udp); /* whoever has it; NULL is fine */
uint16_t udp_port(const struct udp *udp);
bool udp_is_shared(const struct udp *udp); /* by more than one */
/* Is it bound to this address (the port is void)? Connected to that one? */
bool udp_is_at(const struct udp *udp, const union address *local);
bool udp_is_to(const struct udp *udp, const union address *peer);
/* It is connected to that one, or to nobody. */
bool udp_may_connect(const struct udp *udp, const union address *peer);
/* From here on it sends there, and what comes from there arrives; what came
 * before is dropped. Once, but again to the same is fine. -1: why not. */
int udp_connect(struct udp *udp, const union address *peer, struct error *err);

/* errno, or 0 and the packet's number, from 0 on; UDP_NO_STAMP: no stamp will
 * come, it has no number. So it is with packets behind one that the host refused
 * until those before have left: the kernel may have counted it or not. A queue of
 * this host that is full is ENOBUFS or EAGAIN. ICMP errors about earlier packets
 * are passed over. */
int udp_send(
    struct udp *udp, const void *data, size_t length, uint64_t *number);
/* Tells of all stamps that are there (calls->left), without blocking. */
void udp_notices(struct udp *udp);
/* Tells of all that has arrived, without blocking; the loop does so anyway. */
void udp_receive(struct udp *udp);
/* Packets that it has lost for want of room, or damaged, since connected. */
uint32_t udp_drops(struct udp *udp);
/* Errors that came back from the path about what it sent ("port unreachable"),
 * the last one; NULL: none. For a diagnosis in plain words; the text stands until
 * the next call, and is about what the loop and udp_notices have read. */
const char *udp_trouble(const struct udp *udp);
/* How many of them were of the peer's own host, and said that nobody has the port. */
uint32_t udp_refusals(const struct udp *udp);

#endif
