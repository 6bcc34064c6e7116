/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owamp/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/hash.h"

static void
unhex(const char *text, void *data)
{
	assert_int_equal(hash_unhex(text, data, strlen(text) / 2), 0);
}

static void
count_up(uint8_t *data, size_t length, uint8_t first)
{
	for (size_t i = 0; i < length; i++)
		data[i] = (uint8_t)(first + i);
}

/* The numbers below were made with another implementation of each part. */
static struct keys
known_keys(void)
{
	struct keys keys;

	count_up(keys.aes, sizeof(keys.aes), 0x10);
	count_up(keys.hmac, sizeof(keys.hmac), 0x40);
	return (keys);
}

/* FIPS 197, appendix C.1 */
static void
aes_is_the_standard_s(void **state)
{
	uint8_t key[16], plain[16], want[16], got[16];
	struct cipher *to, *from;

	count_up(key, sizeof(key), 0);
	unhex("00112233445566778899aabbccddeeff", plain);
	unhex("69c4e0d86a7b0430d8cdb78070b4c55a", want);
	to = cipher_new(CIPHER_ENCRYPT, key);
	from = cipher_new(CIPHER_DECRYPT, key);
	cipher_blocks(to, plain, got, 1);
	assert_memory_equal(got, want, 16);
	cipher_blocks(from, got, got, 1);
	assert_memory_equal(got, plain, 16);
	cipher_free(to);
	cipher_free(from);
}

/* NIST SP 800-38A, F.2.1, in one go and block by block */
static void
chains_go_on_from_call_to_call(void **state)
{
	uint8_t key[16], iv[16], plain[32], want[32], got[32];
	struct cipher *to;

	unhex("2b7e151628aed2a6abf7158809cf4f3c", key);
	unhex("6bc1bee22e409f96e93d7e117393172a"
	      "ae2d8a571e03ac9c9eb76fac45af8e51",
	    plain);
	unhex("7649abac8119b246cee98e9b12e9197d"
	      "5086cb9b507219ee95db113a917678b2",
	    want);
	to = cipher_new(CIPHER_ENCRYPT, key);
	count_up(iv, sizeof(iv), 0);
	cipher_chain(to, iv, plain, got, 2);
	assert_memory_equal(got, want, 32);
	count_up(iv, sizeof(iv), 0);
	memcpy(got, plain, 32);
	cipher_chain(to, iv, got, got, 1);
	cipher_chain(to, iv, got + 16, got + 16, 1);
	assert_memory_equal(got, want, 32);
	cipher_free(to);
}

/* RFC 2202, case 2; and once more, for a digest begins anew when taken */
static void
digests_are_cut_and_begin_anew(void **state)
{
	struct digest *digest = digest_new("Jefe", 4);
	uint8_t want[CIPHER_DIGEST], got[CIPHER_DIGEST];

	unhex("effcdf6ae5eb2fa2d27416d5f184df9c", want);
	for (int i = 0; i < 2; i++) {
		digest_add(digest, "what do ya want ", 16);
		digest_add(digest, "for nothing?", 12);
		digest_take(digest, got);
		assert_memory_equal(got, want, sizeof(got));
	}
	digest_add(digest, "what do ya want for nothing?", 28);
	assert_true(digest_matches(digest, want));
	want[CIPHER_DIGEST - 1] ^= 1;
	digest_add(digest, "what do ya want for nothing?", 28);
	assert_false(digest_matches(digest, want));
	digest_free(digest);
}

#define CROWD 20 /* more than share a context */

static void
ciphers_do_not_disturb_each_other(void **state)
{
	struct cipher *to[CROWD], *from[CROWD];
	uint8_t key[16], plain[16] = {0}, first[CROWD][16], got[16];

	for (uint8_t i = 0; i < CROWD; i++) {
		count_up(key, sizeof(key), i);
		to[i] = cipher_new(CIPHER_ENCRYPT, key);
		from[i] = cipher_new(CIPHER_DECRYPT, key);
		cipher_blocks(to[i], plain, first[i], 1);
		assert_true(i == 0 || memcmp(first[i], first[i - 1], 16) != 0);
	}
	for (int i = CROWD - 1; i >= 0; i--) {
		cipher_blocks(to[i], plain, got, 1);
		assert_memory_equal(got, first[i], 16);
		cipher_blocks(from[i], got, got, 1);
		assert_memory_equal(got, plain, 16);
		cipher_free(to[i]);
		cipher_free(from[i]);
	}
}

static void
a_digest_goes_on_while_others_are_made(void **state)
{
	struct digest *digest = digest_new("Jefe", 4);
	struct digest *other = digest_new("another", 7);
	uint8_t want[CIPHER_DIGEST], got[CIPHER_DIGEST];

	unhex("effcdf6ae5eb2fa2d27416d5f184df9c", want);
	digest_add(digest, "what do ya want ", 16);
	digest_add(other, "what do ya want for nothing?", 28);
	digest_take(other, got);
	assert_memory_not_equal(got, want, sizeof(got));
	digest_add(digest, "for nothing?", 12);
	assert_true(digest_matches(digest, want));
	digest_add(digest, "not taken", 9);
	digest_free(digest);
	digest_take(other, got);
	digest = digest_new("another", 7);
	assert_true(digest_matches(digest, got)); /* of nothing */
	digest_free(digest);
	digest_free(other);
}

static void
counts_have_a_floor_and_a_cap(void **state)
{
	struct error err;

	assert_int_equal(keys_check_count(1024, NULL), 0);
	assert_int_equal(keys_check_count(2048, NULL), 0);
	assert_int_equal(keys_check_count(65536, NULL), 0);
	assert_int_equal(keys_check_count(0, NULL), -1);
	assert_int_equal(keys_check_count(512, NULL), -1);
	assert_int_equal(keys_check_count(1500, NULL), -1);
	assert_int_equal(keys_check_count(131072, NULL), -1);
	assert_int_equal(keys_check_count(UINT32_C(1) << 31, &err), -1);
	assert_string_equal(err.text,
	    "count: 2147483648, expected a power of two from 1024 to 65536");
}

static void
the_token_is_opened_by_the_secret_only(void **state)
{
	uint8_t salt[KEYS_SALT], challenge[16], key[16];
	uint8_t want[KEYS_TOKEN], token[KEYS_TOKEN];
	struct keys keys = known_keys(), got = {{0}, {0}};

	count_up(salt, sizeof(salt), 0);
	count_up(challenge, sizeof(challenge), 0xa0);
	keys_derive("a shared secret", 15, salt, 2048, key);
	unhex("0bc744078c101eecb5cda901c61f4e07", want);
	assert_memory_equal(key, want, sizeof(key));
	keys_wrap(key, challenge, &keys, token);
	unhex("2d2ea07b098e5405dbacda9dcb092e0e8b3023a265a0d98443df0115640353"
	      "42a0ca8b8f4e701ec629c5cc49736ba743500fb47e6bf3454abeff0b81575a"
	      "f4e8",
	    want);
	assert_memory_equal(token, want, sizeof(token));
	assert_int_equal(keys_unwrap(key, challenge, token, &got), 0);
	assert_memory_equal(&got, &keys, sizeof(got));
	key[0] ^= 1;
	keys_forget(&got, sizeof(got));
	assert_int_equal(keys_unwrap(key, challenge, token, &got), -1);
	key[0] ^= 1;
	challenge[15] ^= 1;
	assert_int_equal(keys_unwrap(key, challenge, token, &got), -1);
	for (size_t i = 0; i < sizeof(got); i++)
		assert_int_equal(((const uint8_t *)&got)[i], 0);
}

static void
each_session_has_its_keys(void **state)
{
	struct keys control = known_keys(), session, want;
	uint8_t sid[KEYS_SID];

	unhex("2872979303ab47eeac028dab3829dab2", sid);
	unhex("43fffa0482eaf313dc20ada309fc2f03", want.aes);
	unhex("6187e630062d5d38af4438af199a7138"
	      "3d3c380aa066c0a04f80a075d5e75b45",
	    want.hmac);
	keys_session(&control, sid, &session);
	assert_memory_equal(&session, &want, sizeof(want));
	sid[0] ^= 1;
	keys_session(&control, sid, &session);
	assert_memory_not_equal(&session, &want, sizeof(want));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(aes_is_the_standard_s),
	    cmocka_unit_test(chains_go_on_from_call_to_call),
	    cmocka_unit_test(digests_are_cut_and_begin_anew),
	    cmocka_unit_test(ciphers_do_not_disturb_each_other),
	    cmocka_unit_test(a_digest_goes_on_while_others_are_made),
	    cmocka_unit_test(counts_have_a_floor_and_a_cap),
	    cmocka_unit_test(the_token_is_opened_by_the_secret_only),
	    cmocka_unit_test(each_session_has_its_keys),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
