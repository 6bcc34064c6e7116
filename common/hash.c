/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/hash.h"

#include <assert.h>
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "common/log.h"

void
hash_sha256(const void *data, size_t length, uint8_t digest[static HASH_SIZE])
{
	if (EVP_Digest(data, length, digest, NULL, EVP_sha256(), NULL) != 1)
		log_fatal("OpenSSL cannot do SHA-256");
}

struct hash *
hash_new(void)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	if (context == NULL ||
	    EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
		log_fatal("OpenSSL cannot do SHA-256");
	return ((struct hash *)context);
}

void
hash_add(struct hash *hash, const void *data, size_t length)
{
	if (EVP_DigestUpdate((EVP_MD_CTX *)hash, data, length) != 1)
		log_fatal("OpenSSL cannot do SHA-256");
}

void
hash_end(struct hash *hash, uint8_t digest[static HASH_SIZE])
{
	if (EVP_DigestFinal_ex((EVP_MD_CTX *)hash, digest, NULL) != 1)
		log_fatal("OpenSSL cannot do SHA-256");
	EVP_MD_CTX_free((EVP_MD_CTX *)hash);
}

void
hash_hmac(const void *key, size_t key_length, const void *data, size_t length,
    uint8_t digest[static HASH_SIZE])
{
	assert(key_length <= INT_MAX);
	if (HMAC(EVP_sha256(), key, (int)key_length, data, length, digest,
		NULL) == NULL)
		log_fatal("OpenSSL cannot do HMAC-SHA-256");
}

void
hash_random(void *data, size_t length)
{
	assert(length <= INT_MAX);
	if (RAND_bytes(data, (int)length) != 1)
		log_fatal("OpenSSL has no random bytes");
}
