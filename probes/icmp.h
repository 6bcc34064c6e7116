/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * icmp.h - echo requests and what comes back, as bytes.
 *
 * An echo message (RFC 792, RFC 4443), numbers in network order:
 *
 *    0       1       2       3
 *   +-------+-------+-------+-------+
 *   | type  | code  |   checksum    |
 *   +-------+-------+-------+-------+
 *   |  identifier   |   sequence    |   identifier: one for a socket
 *   +-------+-------+-------+-------+
 *   |                               |
 *   +            cookie             +   random for each run: who knows it has
 *   |                               |   seen a request of that run
 *   +-------+-------+-------+-------+
 *   |           sequence            |   once more: not even the payloads of
 *   +-------+-------+-------+-------+   two packets are the same
 *   |             check             |   of cookie and sequence: names the
 *   +-------+-------+-------+-------+   packet if its cookie was damaged
 *   |    balance    | page, filler ...  balance: gives the message the
 *   +-------+-------+----               checksum of its flow, for routers
 *                                       that hash it choose the path by it
 *
 * An error message: 8 bytes, then the IP header of the packet it is about and
 * the first bytes of its payload: 8 are certain, most routers quote more.
 */
#ifndef PHAROS_PROBES_ICMP_H
#define PHAROS_PROBES_ICMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ICMP_HEADER 8
#define ICMP_PAYLOAD_LEAST 18 /* bytes behind the header that we need */
#define ICMP_PAYLOAD_MOST 65507
#define ICMP_COOKIE 8 /* bytes */

struct icmp_echo {
	int family; /* 4, 6 */
	uint16_t identifier, sequence;
	uint8_t cookie[ICMP_COOKIE];
	uint16_t flow; /* the checksum to have; 0xffff cannot be had */
	size_t payload;
	const char *page; /* borrowed; behind balance, where the whole of it
	                     fits, for whoever looks into the packet */
	size_t page_length;
};

/* Writes ICMP_HEADER + echo->payload bytes. For IPv6 the kernel puts in the
 * checksum; it is constant for a flow there, too. */
void icmp_write(const struct icmp_echo *echo, uint8_t *packet);

enum icmp_kind {
	ICMP_OTHER, /* nothing for us, or too short */
	ICMP_REPLY,
	ICMP_TROUBLE /* an error message about an echo request */
};

struct icmp_message {
	enum icmp_kind kind;
	uint16_t identifier, sequence; /* TROUBLE: of the quoted request */
	const uint8_t *payload;        /* TROUBLE: what is quoted of it */
	size_t length;
	bool summed;    /* the checksum is right, or was not there to check */
	int type, code; /* TROUBLE */
	uint32_t mtu;   /* TROUBLE: of "too big", else 0 */
	const uint8_t *destination; /* TROUBLE: 4 or 16 bytes, quoted */
};

/* Reads one packet as a socket hands it out: with its IPv4 header (raw), or
 * from the ICMP header on (IPv6, and datagram sockets). */
void icmp_read(int family, bool with_header, const uint8_t *packet,
    size_t length, struct icmp_message *message);
/* The same for an echo request, from its ICMP header on, that an error queue
 * gives back. */
void icmp_read_quoted(int family, const uint8_t *packet, size_t length,
    struct icmp_message *message);

enum icmp_match {
	ICMP_SAME,    /* this reply is what that request asked for */
	ICMP_DAMAGED, /* it was, before something changed it */
	ICMP_FOREIGN  /* it knows nothing of that request */
};
/* Compares a reply with the request of this sequence. */
enum icmp_match icmp_match(
    const struct icmp_echo *echo, const struct icmp_message *reply);

#define ICMP_TEXT 80

/* "destination unreachable: host unreachable", "packet too big: MTU 1280" */
char *icmp_describe(int family, const struct icmp_message *message,
    char text[static ICMP_TEXT]);

#endif
