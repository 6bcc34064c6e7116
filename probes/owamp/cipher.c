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
#define KEY_MOST 64 /* bytes, of a digest's */

/* OpenSSL's contexts are large, and there are thousands of sessions: they share
 * a few. Whoever has one next puts his key in, unless he was the last. */
#define SHARED 8

struct cipher {
	uint64_t owner;
	enum cipher_way way;
	uint8_t key[CIPHER_BLOCK];
};

struct digest {
	uint64_t owner;
	EVP_MAC_CTX *context; /* its own, while something was added */
	size_t length;
	uint8_t key[KEY_MOST];
};

static struct {
	EVP_CIPHER_CTX *context;
	uint64_t owner; /* who was here last */
} ciphers[2][SHARED];

static struct {
	EVP_MAC_CTX *context; /* NULL: lent */
	uint64_t owner;
} spare;

static void
must(bool worked)
{
	if (!worked)
		abort();
}

/* Addresses come again, these do not. */
static uint64_t
next_owner(void)
{
	static uint64_t owner;

	return (++owner);
}

struct cipher *
cipher_new(enum cipher_way way, const uint8_t key[static CIPHER_BLOCK])
{
	struct cipher *cipher = memory_new(1, sizeof(*cipher));

	cipher->owner = next_owner();
	cipher->way = way;
	memcpy(cipher->key, key, sizeof(cipher->key));
	return (cipher);
}

void
cipher_free(struct cipher *cipher)
{
	if (cipher == NULL)
		return;
	OPENSSL_cleanse(cipher->key, sizeof(cipher->key));
	free(cipher);
}

static EVP_CIPHER_CTX *
new_context(enum cipher_way way)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();

	must(context != NULL &&
	     EVP_CipherInit_ex(context, EVP_aes_128_ecb(), NULL, NULL, NULL,
		 way == CIPHER_ENCRYPT) == 1 &&
	     EVP_CIPHER_CTX_set_padding(context, 0) == 1);
	return (context);
}

/* With the key in it, until the next call. */
static EVP_CIPHER_CTX *
context_of(const struct cipher *cipher)
{
	size_t at = cipher->owner % SHARED;
	EVP_CIPHER_CTX **context = &ciphers[cipher->way][at].context;

	if (ciphers[cipher->way][at].owner == cipher->owner)
		return (*context);
	if (*context == NULL)
		*context = new_context(cipher->way);
	must(EVP_CipherInit_ex(*context, NULL, NULL, cipher->key, NULL, -1) ==
	     1);
	ciphers[cipher->way][at].owner = cipher->owner;
	return (*context);
}

void
cipher_blocks(
    struct cipher *cipher, const uint8_t *in, uint8_t *out, size_t blocks)
{
	int length = 0;

	assert(blocks <= INT_MAX / CIPHER_BLOCK);
	must(EVP_CipherUpdate(context_of(cipher), out, &length, in,
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

static EVP_MAC_CTX *
new_digest(void)
{
	static char sha1[] = "SHA1";
	OSSL_PARAM parameters[] = {
	    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, sha1, 0),
	    OSSL_PARAM_construct_end(),
	};
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *context;

	must(hmac != NULL);
	context = EVP_MAC_CTX_new(hmac);
	EVP_MAC_free(hmac);
	must(context != NULL &&
	     EVP_MAC_CTX_set_params(context, parameters) == 1);
	return (context);
}

struct digest *
digest_new(const void *key, size_t length)
{
	struct digest *digest = memory_new(1, sizeof(*digest));

	assert(length <= sizeof(digest->key));
	digest->owner = next_owner();
	digest->length = length;
	memcpy(digest->key, key, length);
	return (digest);
}

void
digest_free(struct digest *digest)
{
	if (digest == NULL)
		return;
	EVP_MAC_CTX_free(digest->context);
	OPENSSL_cleanse(digest->key, sizeof(digest->key));
	free(digest);
}

/* Without a key, the one that is in it begins anew. */
static void
borrow(struct digest *digest)
{
	bool same = spare.context != NULL && spare.owner == digest->owner;

	digest->context = spare.context != NULL ? spare.context : new_digest();
	spare.context = NULL;
	must(EVP_MAC_init(digest->context, same ? NULL : digest->key,
		 same ? 0 : digest->length, NULL) == 1);
}

static void
give_back(struct digest *digest)
{
	EVP_MAC_CTX_free(spare.context);
	spare.context = digest->context;
	spare.owner = digest->owner;
	digest->context = NULL;
}

void
digest_add(struct digest *digest, const void *data, size_t length)
{
	if (digest->context == NULL)
		borrow(digest);
	must(EVP_MAC_update(digest->context, data, length) == 1);
}

void
digest_take(struct digest *digest, uint8_t out[static CIPHER_DIGEST])
{
	uint8_t whole[SHA1_SIZE];
	size_t length = 0;

	if (digest->context == NULL)
		borrow(digest);
	must(EVP_MAC_final(digest->context, whole, &length, sizeof(whole)) ==
		 1 &&
	     length == sizeof(whole));
	give_back(digest);
	memcpy(out, whole, CIPHER_DIGEST);
}

bool
digest_matches(struct digest *digest, const uint8_t other[static CIPHER_DIGEST])
{
	uint8_t ours[CIPHER_DIGEST];

	digest_take(digest, ours);
	return (CRYPTO_memcmp(ours, other, sizeof(ours)) == 0);
}
