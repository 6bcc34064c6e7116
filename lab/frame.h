/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * frame.h - what an Ethernet frame is, in a few words.
 */
#ifndef PHAROS_LAB_FRAME_H
#define PHAROS_LAB_FRAME_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_PAYLOAD \
	24 /* bytes of a UDP payload: sequence, stamp and error
                            estimate of OWAMP, and more */

struct frame {
	char protocol[16]; /* "udp", "tcp", "icmp", "icmpv6", "ospf", "arp",
	                      "ip-N", else "0x88b5" */
	char source[INET6_ADDRSTRLEN],
	    destination[INET6_ADDRSTRLEN];  /* or "" */
	long source_port, destination_port; /* -1: has none */
	long icmp_type, icmp_id, icmp_sequence;
	char payload[2 * FRAME_PAYLOAD + 1]; /* of UDP, hexadecimal; or "" */
};

/* data may be cut off; what is not there is not said. Fragments but the first
 * have no ports. */
void frame_read(const uint8_t *data, size_t length, struct frame *frame);

#endif
