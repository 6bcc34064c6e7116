/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
assert_digest(const uint8_t digest[static HASH_SIZE], const char *expected)
{
	char text[2 * HASH_SIZE + 1];

	hash_hex(digest, HASH_SIZE, text);
	assert_string_equal(text, expected);
}

static void
sha256_is_that_of_fips_180(void **state)
{
	uint8_t digest[HASH_SIZE];

	hash_sha256("abc", 3, digest);
	assert_digest(digest, "ba7816bf8f01cfea414140de5dae2223"
			      "b00361a396177a9cb410ff61f20015ad");
	hash_sha256("", 0, digest);
	assert_digest(digest, "e3b0c44298fc1c149afbf4c8996fb924"
			      "27ae41e4649b934ca495991b7852b855");
}

static void
parts_hash_like_the_whole(void **state)
{
	struct hash *hash = hash_new();
	uint8_t digest[HASH_SIZE];

	hash_add(hash, "a", 1);
	hash_add(hash, "", 0);
	hash_add(hash, "bc", 2);
	hash_end(hash, digest);
	assert_digest(digest, "ba7816bf8f01cfea414140de5dae2223"
			      "b00361a396177a9cb410ff61f20015ad");
}

static void
hmac_is_that_of_rfc_4231(void **state)
{
	const char text[] = "what do ya want for nothing?";
	uint8_t digest[HASH_SIZE];

	hash_hmac("Jefe", 4, text, strlen(text), digest);
	assert_digest(digest, "5bdcc146bf60754e6a042426089575c7"
			      "5a003f089d2739839dec58b964ec3843");
}

static void
random_bytes_differ(void **state)
{
	uint8_t a[16] = {0}, b[16] = {0};

	hash_random(a, sizeof(a));
	hash_random(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
}

static void
hexadecimal_of_the_wrong_length_or_kind_is_refused(void **state)
{
	uint8_t bytes[2];

	assert_int_equal(hash_unhex("0aF9", bytes, 2), 0);
	assert_int_equal(bytes[0], 0x0a);
	assert_int_equal(bytes[1], 0xf9);
	assert_int_equal(hash_unhex("0aF", bytes, 2), -1);
	assert_int_equal(hash_unhex("0aF90", bytes, 2), -1);
	assert_int_equal(hash_unhex("0ag9", bytes, 2), -1);
}

static void
base64url_is_that_of_rfc_4648(void **state)
{
	const char *pairs[][2] = {{"", ""}, {"f", "Zg"}, {"fo", "Zm8"},
	    {"foo", "Zm9v"}, {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"},
	    {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xfe", "-__-"}};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const char *plain = pairs[i][0];
		char *text = hash_base64url(plain, strlen(plain)), back[8];

		assert_string_equal(text, pairs[i][1]);
		assert_int_equal(
		    hash_unbase64url(text, back, sizeof(back)), strlen(plain));
		assert_memory_equal(back, plain, strlen(plain));
		free(text);
	}
}

static void
base64url_that_says_the_same_otherwise_is_refused(void **state)
{
	char out[8];

	assert_int_equal(hash_unbase64url("Zh", out, sizeof(out)), -1);
	assert_int_equal(hash_unbase64url("Zg==", out, sizeof(out)), -1);
	assert_int_equal(hash_unbase64url("Z", out, sizeof(out)), -1);
	assert_int_equal(hash_unbase64url("Zg+/", out, sizeof(out)), -1);
	assert_int_equal(hash_unbase64url("Zm9vYmFy", out, 5), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sha256_is_that_of_fips_180),
	    cmocka_unit_test(parts_hash_like_the_whole),
	    cmocka_unit_test(hmac_is_that_of_rfc_4231),
	    cmocka_unit_test(random_bytes_differ),
	    cmocka_unit_test(
		hexadecimal_of_the_wrong_length_or_kind_is_refused),
	    cmocka_unit_test(base64url_is_that_of_rfc_4648),
	    cmocka_unit_test(base64url_that_says_the_same_otherwise_is_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
