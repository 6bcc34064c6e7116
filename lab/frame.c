/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/frame.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/hash.h"

#define ETHERNET 14

static unsigned
two(const uint8_t *at)
{
	return ((unsigned)at[0] << 8 | at[1]);
}

static void
name_protocol(struct frame *frame, unsigned number)
{
	static const struct {
		unsigned number;
		const char *name;
	} names[] = {{1, "icmp"}, {2, "igmp"}, {6, "tcp"}, {17, "udp"},
	    {58, "icmpv6"}, {89, "ospf"}, {103, "pim"}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].number == number) {
			strcpy(frame->protocol, names[i].name);
			return;
		}
	snprintf(frame->protocol, sizeof(frame->protocol), "ip-%u", number);
}

static void
read_icmp(const uint8_t *at, size_t length, bool echo, struct frame *frame)
{
	frame->icmp_type = at[0];
	if (!echo || length < 8)
		return;
	frame->icmp_id = two(at + 4);
	frame->icmp_sequence = two(at + 6);
}

static void
read_ports(const uint8_t *at, size_t length, bool udp, struct frame *frame)
{
	frame->source_port = two(at);
	frame->destination_port = two(at + 2);
	if (!udp || length <= 8)
		return;
	length -= 8;
	hash_hex(at + 8, length < FRAME_PAYLOAD ? length : FRAME_PAYLOAD,
	    frame->payload);
}

static void
read_transport(
    unsigned protocol, const uint8_t *at, size_t length, struct frame *frame)
{
	if (length < 4)
		return;
	if (protocol == 1)
		read_icmp(at, length, at[0] == 0 || at[0] == 8, frame);
	else if (protocol == 58)
		read_icmp(at, length, at[0] == 128 || at[0] == 129, frame);
	else if (protocol == 6 || protocol == 17)
		read_ports(at, length, protocol == 17, frame);
}

/* Padding of short frames is no payload. */
static size_t
no_more(size_t length, size_t most)
{
	return (length < most ? length : most);
}

static void
read_ipv4(const uint8_t *at, size_t length, struct frame *frame)
{
	size_t head = length > 0 ? (size_t)(at[0] & 15) * 4 : 0;

	if (length < 20 || head < 20)
		return;
	inet_ntop(AF_INET, at + 12, frame->source, INET6_ADDRSTRLEN);
	inet_ntop(AF_INET, at + 16, frame->destination, INET6_ADDRSTRLEN);
	name_protocol(frame, at[9]);
	length = no_more(length, two(at + 2));
	if (length > head && (two(at + 6) & 0x1fff) == 0)
		read_transport(at[9], at + head, length - head, frame);
}

static void
read_ipv6(const uint8_t *at, size_t length, struct frame *frame)
{
	if (length < 40)
		return;
	inet_ntop(AF_INET6, at + 8, frame->source, INET6_ADDRSTRLEN);
	inet_ntop(AF_INET6, at + 24, frame->destination, INET6_ADDRSTRLEN);
	name_protocol(frame, at[6]);
	length = no_more(length - 40, two(at + 4));
	read_transport(at[6], at + 40, length, frame);
}

void
frame_read(const uint8_t *data, size_t length, struct frame *frame)
{
	unsigned type;

	*frame = (struct frame){.source_port = -1,
	    .destination_port = -1,
	    .icmp_type = -1,
	    .icmp_id = -1,
	    .icmp_sequence = -1};
	if (length < ETHERNET)
		return;
	type = two(data + 12);
	snprintf(frame->protocol, sizeof(frame->protocol), "0x%04x", type);
	if (type == 0x0806)
		strcpy(frame->protocol, "arp");
	else if (type == 0x0800)
		read_ipv4(data + ETHERNET, length - ETHERNET, frame);
	else if (type == 0x86dd)
		read_ipv6(data + ETHERNET, length - ETHERNET, frame);
}
