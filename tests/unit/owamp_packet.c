/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owamp/packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/hash.h"

#define PADDED 100

/* The session's keys of tests/unit/owamp_keys.c */
static const char keys_text[] = "43fffa0482eaf313dc20ada309fc2f03"
				"6187e630062d5d38af4438af199a7138"
				"3d3c380aa066c0a04f80a075d5e75b45";
static const struct packet sent = {
    .sequence = 7,
    .sent = UINT64_C(0xeeac941d4c3bd599),
    .estimate = 0x8105,
};
static const struct {
	enum mode mode;
	const char *wire;
} modes[] = {
    {MODE_OPEN, "00000007eeac941d4c3bd5998105"},
    {MODE_AUTHENTICATED, "b8edd8f7730bff0b20f10432615ebe4f"
			 "eeac941d4c3bd5998105000000000000"
			 "7e91785094670ec64305b7553c68ca1e"},
    {MODE_ENCRYPTED, "b8edd8f7730bff0b20f10432615ebe4f"
		     "1390062a837cbe1fae3b8908357ce936"
		     "41a3ac4f3abcc45efe1926866abe1226"},
};
#define MODES (sizeof(modes) / sizeof(*modes))

static struct packet_codec *
make(size_t i, enum cipher_way way)
{
	struct keys keys;

	hash_unhex(keys_text, &keys, sizeof(keys));
	return (packet_new(modes[i].mode, way, &keys));
}

static void
packets_are_as_the_rfc_draws_them(void **state)
{
	for (size_t i = 0; i < MODES; i++) {
		struct packet_codec *codec = make(i, CIPHER_ENCRYPT);
		size_t size = packet_size(modes[i].mode);
		uint8_t want[PACKET_SECURE], got[PACKET_SECURE];

		assert_int_equal(hash_unhex(modes[i].wire, want, size), 0);
		for (int again = 0; again < 2; again++) {
			packet_write(codec, &sent, got);
			assert_memory_equal(got, want, size);
		}
		packet_free(codec);
	}
}

static void
padding_is_neither_written_nor_read(void **state)
{
	for (size_t i = 0; i < MODES; i++) {
		struct packet_codec *out = make(i, CIPHER_ENCRYPT);
		struct packet_codec *in = make(i, CIPHER_DECRYPT);
		size_t size = packet_size(modes[i].mode);
		uint8_t data[PADDED];
		struct packet got;

		memset(data, 0x5a, sizeof(data));
		packet_write(out, &sent, data);
		for (size_t k = size; k < PADDED; k++)
			assert_int_equal(data[k], 0x5a);
		for (size_t k = 0; k < PADDED; k++)
			assert_int_equal(packet_read(in, data, k, &got),
			    k < size ? PACKET_SHORT : PACKET_GOOD);
		assert_int_equal(got.sequence, sent.sequence);
		assert_true(got.sent == sent.sent);
		assert_int_equal(got.estimate, sent.estimate);
		packet_free(out);
		packet_free(in);
	}
}

/* Where a changed bit is noticed; an open packet notices none. */
static size_t
protected_until(size_t i)
{
	return (modes[i].mode == MODE_ENCRYPTED       ? 32
		: modes[i].mode == MODE_AUTHENTICATED ? 16
						      : 0);
}

static void
changed_bits_are_noticed_where_they_can_be(void **state)
{
	for (size_t i = 1; i < MODES; i++) {
		struct packet_codec *in = make(i, CIPHER_DECRYPT);
		size_t until = protected_until(i);
		uint8_t data[PACKET_SECURE];
		struct packet got;

		hash_unhex(modes[i].wire, data, sizeof(data));
		for (size_t k = 0; k < 8 * sizeof(data); k++) {
			bool noticed = k / 8 < until || k / 8 >= 32;

			data[k / 8] ^= (uint8_t)(1 << k % 8);
			assert_int_equal(packet_read(in, data, sizeof(data),
					     &got) == PACKET_FORGED,
			    noticed);
			data[k / 8] ^= (uint8_t)(1 << k % 8);
		}
		assert_int_equal(packet_read(in, data, sizeof(data), &got),
		    PACKET_GOOD); /* those before cost themselves only */
		packet_free(in);
	}
}

static void
an_estimate_of_nothing_costs_the_packet(void **state)
{
	const struct packet bad = {.sequence = 1, .estimate = 0x8100};

	for (size_t i = 0; i < MODES; i++) {
		struct packet_codec *out = make(i, CIPHER_ENCRYPT);
		struct packet_codec *in = make(i, CIPHER_DECRYPT);
		uint8_t data[PACKET_SECURE];
		struct packet got = {.sequence = 99};

		packet_write(out, &bad, data);
		assert_int_equal(
		    packet_read(in, data, sizeof(data), &got), PACKET_ESTIMATE);
		assert_int_equal(got.sequence, 99);
		packet_free(out);
		packet_free(in);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(packets_are_as_the_rfc_draws_them),
	    cmocka_unit_test(padding_is_neither_written_nor_read),
	    cmocka_unit_test(changed_bits_are_noticed_where_they_can_be),
	    cmocka_unit_test(an_estimate_of_nothing_costs_the_packet),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
