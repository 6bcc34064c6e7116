/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * echo.h - one ICMP socket of a family, for all targets and runs of a process.
 *
 * A raw socket with a kernel filter: it sees its own echo replies and errors
 * about its own requests only, not the host's other ICMP traffic. Without the
 * permission for that, the kernel's ICMP datagram socket. Arrivals carry the
 * kernel's receive stamp.
 */
#ifndef PHAROS_PROBES_ECHO_H
#define PHAROS_PROBES_ECHO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"
#include "common/clock.h"
#include "common/error.h"
#include "probes/icmp.h"

struct probe_host;

struct echo {
	const struct probe_host *host;
	int fd; /* -1: not open */
	int family;
	bool raw;
	uint16_t identifier; /* of all our requests */
	bool stamped;        /* arrivals had the kernel's stamp so far */
};

/* -1: why not, and which command helps. */
int echo_open(struct echo *echo, const struct probe_host *host, int family,
    struct error *err);
void echo_close(struct echo *echo);

/* 0, or the errno of what the host had against it. source: family 0 leaves the
 * choice to the kernel. */
int echo_send(struct echo *echo, const uint8_t *packet, size_t length,
    const union address *target, const union address *source);

struct echo_arrival {
	union address from;
	nanoseconds when; /* monotonic */
	struct icmp_message message;
};

typedef void (*echo_arrived)(void *arg, const struct echo_arrival *arrival);

#define ECHO_BATCH 16
#define ECHO_ROOM 65600 /* one packet of any size */

struct echo_buffer {
	uint8_t packet[ECHO_BATCH][ECHO_ROOM];
};

/* All that has arrived, without blocking. */
void echo_receive(struct echo *echo, struct echo_buffer *buffer,
    echo_arrived arrived, void *arg);
/* How many packets the socket has lost for want of room, ever. */
uint32_t echo_drops(const struct echo *echo);

#endif
