/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/icmp.h"

#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "probes/bytes.h"

/* where the parts of our payload stand in it */
#define AT_SEQUENCE 8
#define AT_CHECK 12
#define AT_BALANCE 16

#define FRAGMENT_HEADER 8

/* One's complement sum of 16-bit words (RFC 1071), folded: of wider words, in
 * whatever order of bytes, it is the same. */
static uint16_t
sum(const uint8_t *data, size_t length)
{
	uint64_t total = 0, word;
	uint8_t folded[2];
	uint16_t half;
	size_t i;

	for (i = 0; i + sizeof(word) <= length; i += sizeof(word)) {
		memcpy(&word, data + i, sizeof(word));
		total += word;
		total += total < word; /* what went over the top comes back */
	}
	word = 0;
	memcpy(&word, data + i, length - i);
	total += word;
	total += total < word;
	while (total >> 16 != 0)
		total = (total & 0xffff) + (total >> 16);
	half = (uint16_t)total;
	memcpy(folded, &half, sizeof(folded));
	return (bytes_get16(folded));
}

/* A bijection of 64 bits that leaves no pattern (splitmix64's last step). */
static uint64_t
mix(uint64_t x)
{
	x ^= x >> 30;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	x ^= x >> 27;
	x *= UINT64_C(0x94d049bb133111eb);
	return (x ^ x >> 31);
}

static uint32_t
check_of(const uint8_t cookie[static ICMP_COOKIE], uint32_t sequence)
{
	uint64_t key =
	    (uint64_t)bytes_get32(cookie) << 32 | bytes_get32(cookie + 4);

	return ((uint32_t)(mix(key + sequence) >> 32));
}

/* Makes the message's sum that of its flow: sum + balance = ~flow. */
static void
balance(uint8_t *packet, size_t length, uint16_t flow)
{
	uint32_t wanted = (uint16_t)~flow;
	uint32_t left = wanted + (uint16_t)~sum(packet, length);

	bytes_put16(packet + ICMP_HEADER + AT_BALANCE,
	    (uint16_t)((left & 0xffff) + (left >> 16)));
}

/* How much of the payload the page takes. */
static size_t
page_room(const struct icmp_echo *echo)
{
	return (ICMP_PAYLOAD_LEAST + echo->page_length <= echo->payload
		    ? echo->page_length
		    : 0);
}

void
icmp_write(const struct icmp_echo *echo, uint8_t *packet)
{
	uint8_t *payload = packet + ICMP_HEADER;
	size_t length = ICMP_HEADER + echo->payload, page = page_room(echo);

	memset(packet, 0, ICMP_HEADER + ICMP_PAYLOAD_LEAST);
	packet[0] = echo->family == 6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO;
	bytes_put16(packet + 4, echo->identifier);
	bytes_put16(packet + 6, echo->sequence);
	memcpy(payload, echo->cookie, ICMP_COOKIE);
	bytes_put32(payload + AT_SEQUENCE, echo->sequence);
	bytes_put32(payload + AT_CHECK, check_of(echo->cookie, echo->sequence));
	if (page > 0)
		memcpy(payload + ICMP_PAYLOAD_LEAST, echo->page, page);
	for (size_t i = ICMP_PAYLOAD_LEAST + page; i < echo->payload; i++)
		payload[i] = (uint8_t)i;
	balance(packet, length, echo->flow);
	bytes_put16(packet + 2, echo->flow); /* the checksum: ~sum */
}

/* The request that an error message quotes, from its IP header on. */
static void
read_quote4(const uint8_t *quote, size_t length, struct icmp_message *message)
{
	size_t header;

	if (length < sizeof(struct ip))
		return;
	header = (size_t)(quote[0] & 0xf) * 4;
	if (quote[0] >> 4 != 4 || header < sizeof(struct ip) ||
	    header > length || quote[9] != IPPROTO_ICMP ||
	    (bytes_get16(quote + 6) & IP_OFFMASK) != 0)
		return;
	message->destination = quote + 16;
	icmp_read_quoted(4, quote + header, length - header, message);
}

static void
read_quote6(const uint8_t *quote, size_t length, struct icmp_message *message)
{
	size_t header = sizeof(struct ip6_hdr);
	uint8_t next;

	if (length < header || quote[0] >> 4 != 6)
		return;
	next = quote[6];
	if (next == IPPROTO_FRAGMENT && length >= header + FRAGMENT_HEADER &&
	    (bytes_get16(quote + header + 2) & ~7) == 0) {
		next = quote[header];
		header += FRAGMENT_HEADER;
	}
	if (next != IPPROTO_ICMPV6)
		return;
	message->destination = quote + 24;
	icmp_read_quoted(6, quote + header, length - header, message);
}

void
icmp_read_quoted(int family, const uint8_t *packet, size_t length,
    struct icmp_message *message)
{
	uint8_t request = family == 6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO;

	if (length < ICMP_HEADER || packet[0] != request)
		return;
	message->kind = ICMP_TROUBLE;
	message->identifier = bytes_get16(packet + 4);
	message->sequence = bytes_get16(packet + 6);
	message->payload = packet + ICMP_HEADER;
	message->length = length - ICMP_HEADER;
}

static bool
is_trouble(int family, int type)
{
	if (family == 6)
		return (type >= ICMP6_DST_UNREACH && type <= ICMP6_PARAM_PROB);
	return (type == ICMP_DEST_UNREACH || type == ICMP_SOURCE_QUENCH ||
		type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETERPROB);
}

static uint32_t
mtu_of(int family, const uint8_t *packet)
{
	if (family == 6)
		return (packet[0] == ICMP6_PACKET_TOO_BIG
			    ? bytes_get32(packet + 4)
			    : 0);
	return (packet[0] == ICMP_DEST_UNREACH && packet[1] == ICMP_FRAG_NEEDED
		    ? bytes_get16(packet + 6)
		    : 0);
}

static void
read_icmp(int family, const uint8_t *packet, size_t length,
    struct icmp_message *message)
{
	uint8_t reply = family == 6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY;

	if (length < ICMP_HEADER)
		return;
	message->type = packet[0];
	message->code = packet[1];
	if (packet[0] == reply) {
		message->kind = ICMP_REPLY;
		message->identifier = bytes_get16(packet + 4);
		message->sequence = bytes_get16(packet + 6);
		message->payload = packet + ICMP_HEADER;
		message->length = length - ICMP_HEADER;
		message->summed = family == 6 || sum(packet, length) == 0xffff;
	} else if (is_trouble(family, packet[0])) {
		message->mtu = mtu_of(family, packet);
		if (family == 6)
			read_quote6(packet + ICMP_HEADER, length - ICMP_HEADER,
			    message);
		else
			read_quote4(packet + ICMP_HEADER, length - ICMP_HEADER,
			    message);
	}
}

void
icmp_read(int family, bool with_header, const uint8_t *packet, size_t length,
    struct icmp_message *message)
{
	size_t header = 0;

	*message = (struct icmp_message){.kind = ICMP_OTHER};
	if (with_header) {
		if (length < sizeof(struct ip))
			return;
		header = (size_t)(packet[0] & 0xf) * 4;
		if (header < sizeof(struct ip) || header > length)
			return;
	}
	read_icmp(family, packet + header, length - header, message);
}

static bool
knows(const struct icmp_echo *echo, const struct icmp_message *reply)
{
	const uint8_t *payload = reply->payload;

	if (reply->length >= ICMP_COOKIE &&
	    memcmp(payload, echo->cookie, ICMP_COOKIE) == 0)
		return (true);
	return (reply->length >= AT_CHECK + 4 &&
		bytes_get32(payload + AT_CHECK) ==
		    check_of(echo->cookie, echo->sequence));
}

static bool
is_whole(const struct icmp_echo *echo, const struct icmp_message *reply)
{
	const uint8_t *payload = reply->payload;
	size_t page = page_room(echo);

	if (!reply->summed || reply->length != echo->payload ||
	    bytes_get32(payload + AT_SEQUENCE) != echo->sequence ||
	    memcmp(payload, echo->cookie, ICMP_COOKIE) != 0 ||
	    bytes_get32(payload + AT_CHECK) !=
		check_of(echo->cookie, echo->sequence))
		return (false);
	if (page > 0 &&
	    memcmp(payload + ICMP_PAYLOAD_LEAST, echo->page, page) != 0)
		return (false);
	for (size_t i = ICMP_PAYLOAD_LEAST + page; i < reply->length; i++)
		if (payload[i] != (uint8_t)i)
			return (false);
	return (true);
}

enum icmp_match
icmp_match(const struct icmp_echo *echo, const struct icmp_message *reply)
{
	if (!knows(echo, reply))
		return (ICMP_FOREIGN);
	return (is_whole(echo, reply) ? ICMP_SAME : ICMP_DAMAGED);
}
