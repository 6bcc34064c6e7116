/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/icmp.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define IP4 20
#define IP6 40

static const struct icmp_echo echo = {
    .family = 4,
    .identifier = 0x1234,
    .sequence = 7,
    .cookie = {1, 2, 3, 4, 5, 6, 7, 8},
    .flow = 0xbeef,
    .payload = 57,
};

/* An IPv4 header without options in front of our request. */
static size_t
make_request4(uint8_t *packet)
{
	memset(packet, 0, IP4);
	packet[0] = 0x45;
	packet[9] = IPPROTO_ICMP;
	memcpy(packet + 16, (const uint8_t[]){192, 0, 2, 1}, 4);
	icmp_write(&echo, packet + IP4);
	return (IP4 + ICMP_HEADER + echo.payload);
}

static size_t
make_reply4(uint8_t *packet)
{
	size_t length = make_request4(packet);

	/* 8 becomes 0, and the checksum rises by as much */
	packet[IP4] = 0;
	packet[IP4 + 2] = (uint8_t)(packet[IP4 + 2] + 8);
	return (length);
}

static void
a_flow_keeps_its_checksum(void **state)
{
	uint8_t packet[ICMP_HEADER + 100];
	struct icmp_echo e = echo;

	for (unsigned i = 0; i < 1000; i++) {
		e.sequence = (uint16_t)(i * 77);
		e.cookie[3] = (uint8_t)i;
		e.payload = ICMP_PAYLOAD_LEAST + i % 80;
		icmp_write(&e, packet);
		assert_int_equal(packet[2] << 8 | packet[3], 0xbeef);
	}
}

static void
a_reply_is_recognised(void **state)
{
	struct icmp_message message;
	uint8_t packet[200];

	icmp_read(4, true, packet, make_reply4(packet), &message);
	assert_int_equal(message.kind, ICMP_REPLY);
	assert_int_equal(message.identifier, 0x1234);
	assert_int_equal(message.sequence, 7);
	assert_true(message.summed);
	assert_int_equal(icmp_match(&echo, &message), ICMP_SAME);
}

static void
every_damaged_byte_is_seen(void **state)
{
	size_t first = IP4 + ICMP_HEADER, length;
	struct icmp_message message;
	uint8_t packet[200];

	length = make_reply4(packet);
	for (size_t i = first; i < length; i++) {
		packet[i] ^= 0x40;
		icmp_read(4, true, packet, length, &message);
		assert_false(message.summed);
		assert_int_equal(icmp_match(&echo, &message), ICMP_DAMAGED);
		packet[i] ^= 0x40;
	}
	icmp_read(4, true, packet, length - 1, &message);
	assert_int_equal(icmp_match(&echo, &message), ICMP_DAMAGED);
}

static void
who_has_not_seen_the_request_is_foreign(void **state)
{
	size_t payload = IP4 + ICMP_HEADER, length;
	struct icmp_message message;
	uint8_t packet[200];

	length = make_reply4(packet);
	memset(packet + payload, 0, length - payload);
	icmp_read(4, true, packet, length, &message);
	assert_int_equal(message.kind, ICMP_REPLY);
	assert_int_equal(icmp_match(&echo, &message), ICMP_FOREIGN);
	icmp_read(4, true, packet, IP4 + ICMP_HEADER, &message);
	assert_int_equal(icmp_match(&echo, &message), ICMP_FOREIGN);
}

static size_t
make_error4(uint8_t *packet, size_t quoted)
{
	memset(packet, 0, IP4 + 8);
	packet[0] = 0x45;
	packet[IP4] = 3;
	packet[IP4 + 1] = 1;
	make_request4(packet + IP4 + 8);
	return (IP4 + 8 + quoted);
}

static void
an_error_names_the_packet_it_is_about(void **state)
{
	uint8_t packet[300];
	struct icmp_message message;
	char text[ICMP_TEXT];

	icmp_read(
	    4, true, packet, make_error4(packet, IP4 + ICMP_HEADER), &message);
	assert_int_equal(message.kind, ICMP_TROUBLE);
	assert_int_equal(message.sequence, 7);
	assert_int_equal(message.length, 0);
	assert_int_equal(message.destination[0], 192);
	assert_string_equal(icmp_describe(4, &message, text),
	    "destination unreachable: host unreachable");
	icmp_read(4, true, packet, make_error4(packet, IP4 + 7), &message);
	assert_int_equal(message.kind, ICMP_OTHER);
}

static size_t
make_error6(uint8_t *packet, bool fragment)
{
	uint8_t *quote = packet + 8;
	struct icmp_echo e = echo;
	size_t header = IP6;

	memset(packet, 0, 8 + IP6 + 8);
	packet[0] = 2; /* too big: 1280 */
	packet[6] = 5;
	quote[0] = 0x60;
	quote[6] = fragment ? IPPROTO_FRAGMENT : IPPROTO_ICMPV6;
	quote[24] = 0x20;
	if (fragment) {
		quote[header] = IPPROTO_ICMPV6;
		header += 8;
	}
	e.family = 6;
	icmp_write(&e, quote + header);
	return (8 + header + ICMP_HEADER);
}

static void
a_fragmented_quote_is_read(void **state)
{
	struct icmp_message message;
	uint8_t packet[300];
	char text[ICMP_TEXT];

	for (int fragment = 0; fragment < 2; fragment++) {
		size_t length = make_error6(packet, fragment);

		icmp_read(6, false, packet, length, &message);
		assert_int_equal(message.kind, ICMP_TROUBLE);
		assert_int_equal(message.sequence, 7);
		assert_int_equal(message.destination[0], 0x20);
		assert_string_equal(icmp_describe(6, &message, text),
		    "packet too big: MTU 1280");
	}
}

/* Of each type that is an error, all codes there are and some that are not. */
static void
no_two_errors_are_described_alike(void **state)
{
	static const int types[2][4] = {{3, 4, 11, 12}, {1, 2, 3, 4}};
	static char texts[4 * 20][ICMP_TEXT];

	for (int v6 = 0; v6 < 2; v6++) {
		size_t n = 0;

		for (int t = 0; t < 4; t++)
			for (int code = 0; code < 20; code++) {
				struct icmp_message m = {
				    .type = types[v6][t], .code = code};

				icmp_describe(v6 ? 6 : 4, &m, texts[n]);
				assert_true(strlen(texts[n]) < ICMP_TEXT - 1);
				for (size_t i = 0; i < n; i++)
					assert_string_not_equal(
					    texts[i], texts[n]);
				n++;
			}
	}
}

static void
short_packets_say_nothing(void **state)
{
	struct icmp_message message;
	uint8_t packet[300];

	make_reply4(packet);
	for (size_t length = 0; length < IP4 + ICMP_HEADER; length++) {
		icmp_read(4, true, packet, length, &message);
		assert_int_equal(message.kind, ICMP_OTHER);
	}
	packet[0] = 0x4f; /* a header longer than the packet */
	icmp_read(4, true, packet, 40, &message);
	assert_int_equal(message.kind, ICMP_OTHER);
	packet[0] = 0x41; /* or shorter than a header can be */
	icmp_read(4, true, packet, 80, &message);
	assert_int_equal(message.kind, ICMP_OTHER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_flow_keeps_its_checksum),
	    cmocka_unit_test(a_reply_is_recognised),
	    cmocka_unit_test(every_damaged_byte_is_seen),
	    cmocka_unit_test(who_has_not_seen_the_request_is_foreign),
	    cmocka_unit_test(an_error_names_the_packet_it_is_about),
	    cmocka_unit_test(a_fragmented_quote_is_read),
	    cmocka_unit_test(no_two_errors_are_described_alike),
	    cmocka_unit_test(short_packets_say_nothing),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
