/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owamp/cipher.h"

#include <assert.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"

#define SHA1_SIZE 20

struct cipher {
	EVP_CIPHER_CTX *context;
	enum cipher_way way;
};

struct digest {
	EVP_MAC_CTX *context;
};

static void
must(bool worked)
{
	if (!worked)
		abort();
}

struct cipher *
cipher_new(enum cipher_way way, const uint8_t key[static CIPHER_BLOCK])
{
	struct cipher *cipher = memory_new(1, sizeof(*cipher));

	cipher->way = way;
	cipher->context = EVP_CIPHER_CTX_new();
	must(cipher->context != NULL &&
	     EVP_CipherInit_ex(cipher->context, EVP_aes_128_ecb(), NULL, key,
		 NULL, way == CIPHER_ENCRYPT) == 1 &&
	     EVP_CIPHER_CTX_set_padding(cipher->context, 0) == 1);
	return (cipher);
}

void
cipher_free(struct cipher *cipher)
{
	if (cipher == NULL)
		return;
	EVP_CIPHER_CTX_free(cipher->context);
	free(cipher);
}

void
cipher_blocks(
    struct cipher *cipher, const uint8_t *in, uint8_t *out, size_t blocks)
{
	int length = 0;

	assert(blocks <= INT_MAX / CIPHER_BLOCK);
	must(EVP_CipherUpdate(cipher->context, out, &length, in,
		 (int)blocks * CIPHER_BLOCK) == 1 &&
	     (size_t)length == blocks * CIPHER_BLOCK);
}

static void
mix_in(uint8_t block[static CIPHER_BLOCK], const uint8_t *other)
{
	for (size_t i = 0; i < CIPHER_BLOCK; i++)
		block[i] ^= other[i];
}

static void
chain_block(struct cipher *cipher, uint8_t iv[static CIPHER_BLOCK],
    const uint8_t *in, uint8_t *out)
{
	uint8_t old[CIPHER_BLOCK];

	if (cipher->way == CIPHER_ENCRYPT) {
		mix_in(iv, in);
		cipher_blocks(cipher, iv, iv, 1);
		memcpy(out, iv, CIPHER_BLOCK);
		return;
	}
	memcpy(old, in, CIPHER_BLOCK);
	cipher_blocks(cipher, in, out, 1);
	mix_in(out, iv);
	memcpy(iv, old, CIPHER_BLOCK);
}

void
cipher_chain(struct cipher *cipher, uint8_t iv[static CIPHER_BLOCK],
    const uint8_t *in, uint8_t *out, size_t blocks)
{
	for (size_t i = 0; i < blocks; i++)
		chain_block(
		    cipher, iv, in + i * CIPHER_BLOCK, out + i * CIPHER_BLOCK);
}

struct digest *
digest_new(const void *key, size_t length)
{
	static char sha1[] = "SHA1";
	OSSL_PARAM parameters[] = {
	    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, sha1, 0),
	    OSSL_PARAM_construct_end(),
	};
	struct digest *digest = memory_new(1, sizeof(*digest));
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);

	must(hmac != NULL);
	digest->context = EVP_MAC_CTX_new(hmac);
	EVP_MAC_free(hmac);
	must(digest->context != NULL &&
	     EVP_MAC_init(digest->context, key, length, parameters) == 1);
	return (digest);
}

void
digest_free(struct digest *digest)
{
	if (digest == NULL)
		return;
	EVP_MAC_CTX_free(digest->context);
	free(digest);
}

void
digest_add(struct digest *digest, const void *data, size_t length)
{
	must(EVP_MAC_update(digest->context, data, length) == 1);
}

void
digest_take(struct digest *digest, uint8_t out[static CIPHER_DIGEST])
{
	uint8_t whole[SHA1_SIZE];
	size_t length = 0;

	must(EVP_MAC_final(digest->context, whole, &length, sizeof(whole)) ==
		 1 &&
	     length == sizeof(whole) &&
	     EVP_MAC_init(digest->context, NULL, 0, NULL) == 1);
	memcpy(out, whole, CIPHER_DIGEST);
}

bool
digest_matches(struct digest *digest, const uint8_t other[static CIPHER_DIGEST])
{
	uint8_t ours[CIPHER_DIGEST];

	digest_take(digest, ours);
	return (CRYPTO_memcmp(ours, other, sizeof(ours)) == 0);
}
