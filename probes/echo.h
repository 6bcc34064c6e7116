/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * echo.h - one ICMP socket of a family, for all targets and runs of a process.
 *
 * A raw socket with a kernel filter: it sees its own echo replies and errors
 * about its own requests only, not the host's other ICMP traffic. Without the
 * permission for that, the kernel's ICMP datagram socket.
 *
 * Requests are gathered and handed over together. The kernel stamps what is
 * sent and received and gives the stamps of what was sent back through the
 * socket's error queue, numbered; the ring knows whose they are. When the host
 * refuses a packet it is not known whether that one was numbered: the count
 * begins anew, and packets whose stamps were still to come stay without.
 *
 * A stamp of what is sent costs as much as a third of the packet. Those of a
 * plain route have none: each is handed over by itself, with the time read just
 * before. When there are many of these, a second thread takes part (sender.h).
 */
#ifndef PHAROS_PROBES_ECHO_H
#define PHAROS_PROBES_ECHO_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "common/address.h"
#include "common/clock.h"
#include "common/error.h"
#include "probes/icmp.h"
#include "probes/stamp.h"

struct probe_host;
struct sender;

#define ECHO_BATCH 64
#define ECHO_ROOM 65600   /* one packet of any size */
#define ECHO_RING 16384   /* stamps that may be on their way */
#define ECHO_REST 1024    /* places that are written to before they go back */
#define ECHO_CONTROL 80   /* of a packet that is sent */
#define ECHO_CONTROLS 256 /* of one that is received */

/* Where to, and how. Borrowed until the packet is sent. */
struct echo_route {
	const union address *target, *source; /* source: family 0: any */
	unsigned interface;                   /* 0: any */
	int dscp;
	bool plain; /* its packets are not stamped as they leave */
};

struct echo_arrival {
	union address from;
	nanoseconds when; /* monotonic: the kernel's stamp, else read */
	nanoseconds read; /* when it was read */
	struct stamp came;
	int ttl; /* that it had left; 0: not known */
	struct icmp_message message;
};

struct echo_calls {
	/* Handed to the kernel, at that time, as this number (echo_forget);
	 * that of a plain one means nothing. */
	void (*sent)(
	    void *owner, uint32_t packet, nanoseconds when, uint32_t id);
	/* The host would not have it: errno. */
	void (*refused)(
	    void *owner, uint32_t packet, nanoseconds when, int error);
	void (*left)(void *owner, uint32_t packet, const struct stamp *stamp);
	void (*arrived)(void *arg, const struct echo_arrival *arrival);
	void *arg; /* of arrived */
};

struct echo_owner {
	void *owner; /* NULL: nobody wants to know */
	uint32_t packet;
};

/* What waits to be sent. */
struct echo_queue {
	unsigned count;
	size_t used; /* of room */
	struct mmsghdr messages[ECHO_BATCH];
	struct iovec iov[ECHO_BATCH];
	struct echo_owner owners[ECHO_BATCH];
	bool plain[ECHO_BATCH];
	_Alignas(struct cmsghdr) uint8_t control[ECHO_BATCH][ECHO_CONTROL];
	/* a sender's: how far it is, when it handed them over, errno or 0, and
	 * how much of it has been told */
	atomic_uint steps;
	nanoseconds when[ECHO_BATCH];
	int errors[ECHO_BATCH];
	unsigned told;
	uint8_t room[2 * ECHO_ROOM];
};

/* Room for what is read; shared by sockets. */
struct echo_buffer {
	struct mmsghdr messages[ECHO_BATCH];
	struct iovec iov[ECHO_BATCH];
	union address from[ECHO_BATCH];
	_Alignas(struct cmsghdr) uint8_t control[ECHO_BATCH][ECHO_CONTROLS];
	uint8_t packet[ECHO_BATCH][ECHO_ROOM];
};

struct echo {
	const struct probe_host *host;
	const struct echo_calls *calls;
	struct echo_buffer *buffer;
	int fd; /* -1: not open */
	int family;
	bool raw;
	bool stamps;         /* what is sent can be stamped */
	bool plain;          /* but just now it is not */
	uint16_t identifier; /* of all our requests */
	uint32_t next_id;    /* of the next packet's stamp */
	uint32_t drops;      /* packets lost for want of room, when looked */
	struct stamp_clock clock;
	struct echo_owner ring[ECHO_RING]; /* by id */
	uint32_t rested;          /* next_id when its memory went back */
	struct echo_queue *queue; /* own, or one of the sender's */
	struct echo_queue own;
	struct sender *sender; /* NULL: not needed yet */
	int spare;             /* its socket; -1: there can be none */
};

/* The struct is zeroed; calls and buffer are borrowed. -1: why not, and which command helps. */
int echo_open(struct echo *echo, const struct probe_host *host, int family,
    const struct echo_calls *calls, struct echo_buffer *buffer,
    struct error *err);
void echo_close(struct echo *echo);

/* Where a request of that length is to be written, ... */
uint8_t *echo_room(struct echo *echo, size_t length);
/* ... and that it has been. It is sent by echo_flush, or when there are many. */
void echo_push(struct echo *echo, size_t length, const struct echo_route *route,
    void *owner, uint32_t packet);
void echo_flush(struct echo *echo);
/* The same without waiting for the second thread. False: it still has some, of which
 * the next call, or echo_settle, will tell. */
bool echo_hand_over(struct echo *echo);
/* Sees to it that `sent` has been called for all whose answers can have been read,
 * or counted as lost. */
void echo_settle(struct echo *echo);
/* The owner goes: nothing is told of this packet any more. */
void echo_forget(struct echo *echo, uint32_t id, const void *owner);

/* No packet has an owner any more: the ring's memory may go back, for its places
 * are written to one after the other, until all of it is there. */
void echo_rest(struct echo *echo);

/* All that has arrived, without blocking; stamps before answers. */
void echo_receive(struct echo *echo);
/* Stamps and errors only. */
void echo_notices(struct echo *echo);
/* How many packets the socket has lost for want of room, ever. */
uint32_t echo_look(struct echo *echo);

#endif
