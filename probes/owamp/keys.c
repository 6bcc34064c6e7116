/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owamp/keys.h"

#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/hash.h"

#define TOKEN_BLOCKS (KEYS_TOKEN / CIPHER_BLOCK)
#define HMAC_BLOCKS (KEYS_HMAC / CIPHER_BLOCK)

int
keys_check_count(uint32_t count, struct error *err)
{
	if ((count & (count - 1)) == 0 && count >= KEYS_COUNT_LEAST &&
	    count <= KEYS_COUNT_MOST)
		return (0);
	return (error_set(err,
	    "count: %" PRIu32 ", expected a power of two from %d to %d", count,
	    KEYS_COUNT_LEAST, KEYS_COUNT_MOST));
}

void
keys_derive(const void *secret, size_t length,
    const uint8_t salt[static KEYS_SALT], uint32_t count,
    uint8_t key[static CIPHER_BLOCK])
{
	assert(length <= INT_MAX && count <= KEYS_COUNT_MOST);
	if (PKCS5_PBKDF2_HMAC(secret, (int)length, salt, KEYS_SALT, (int)count,
		EVP_sha1(), CIPHER_BLOCK, key) != 1)
		abort(); /* as in cipher.c */
}

void
keys_random(struct keys *keys)
{
	hash_random(keys->aes, sizeof(keys->aes));
	hash_random(keys->hmac, sizeof(keys->hmac));
}

static void
chain_once(enum cipher_way way, const uint8_t key[static CIPHER_BLOCK],
    const uint8_t *in, uint8_t *out, size_t blocks)
{
	struct cipher *cipher = cipher_new(way, key);
	uint8_t iv[CIPHER_BLOCK] = {0};

	cipher_chain(cipher, iv, in, out, blocks);
	cipher_free(cipher);
}

void
keys_wrap(const uint8_t key[static CIPHER_BLOCK],
    const uint8_t challenge[static CIPHER_BLOCK], const struct keys *keys,
    uint8_t token[static KEYS_TOKEN])
{
	uint8_t plain[KEYS_TOKEN], *at = plain;

	memcpy(at, challenge, CIPHER_BLOCK);
	memcpy(at += CIPHER_BLOCK, keys->aes, sizeof(keys->aes));
	memcpy(at += sizeof(keys->aes), keys->hmac, sizeof(keys->hmac));
	chain_once(CIPHER_ENCRYPT, key, plain, token, TOKEN_BLOCKS);
	keys_forget(plain, sizeof(plain));
}

int
keys_unwrap(const uint8_t key[static CIPHER_BLOCK],
    const uint8_t challenge[static CIPHER_BLOCK],
    const uint8_t token[static KEYS_TOKEN], struct keys *keys)
{
	uint8_t plain[KEYS_TOKEN], *at = plain + CIPHER_BLOCK;
	bool right;

	chain_once(CIPHER_DECRYPT, key, token, plain, TOKEN_BLOCKS);
	right = CRYPTO_memcmp(plain, challenge, CIPHER_BLOCK) == 0;
	if (right) {
		memcpy(keys->aes, at, sizeof(keys->aes));
		memcpy(keys->hmac, at + sizeof(keys->aes), sizeof(keys->hmac));
	}
	keys_forget(plain, sizeof(plain));
	return (right ? 0 : -1);
}

void
keys_session(const struct keys *control, const uint8_t sid[static KEYS_SID],
    struct keys *session)
{
	chain_once(CIPHER_ENCRYPT, sid, control->aes, session->aes, 1);
	chain_once(
	    CIPHER_ENCRYPT, sid, control->hmac, session->hmac, HMAC_BLOCKS);
}

void
keys_forget(void *secret, size_t length)
{
	OPENSSL_cleanse(secret, length);
}
