/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owamp/guard.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"

struct guard {
	struct cipher *cipher; /* NULL: open */
	struct digest *digest;
	uint8_t iv[CIPHER_BLOCK];
};

struct guard *
guard_new(enum cipher_way way, const struct keys *keys,
    const uint8_t iv[static CIPHER_BLOCK])
{
	struct guard *guard = memory_new(1, sizeof(*guard));

	memcpy(guard->iv, iv, sizeof(guard->iv));
	if (keys != NULL) {
		guard->cipher = cipher_new(way, keys->aes);
		guard->digest = digest_new(keys->hmac, sizeof(keys->hmac));
	}
	return (guard);
}

void
guard_free(struct guard *guard)
{
	if (guard == NULL)
		return;
	cipher_free(guard->cipher);
	digest_free(guard->digest);
	free(guard);
}

static void
chain(struct guard *guard, const uint8_t *in, uint8_t *out, size_t length)
{
	assert(length % CIPHER_BLOCK == 0);
	cipher_chain(guard->cipher, guard->iv, in, out, length / CIPHER_BLOCK);
}

void
guard_seal(struct guard *guard, uint8_t *data, size_t length)
{
	if (guard->cipher == NULL)
		return;
	digest_add(guard->digest, data, length);
	chain(guard, data, data, length);
}

void
guard_open(struct guard *guard, uint8_t *data, size_t length)
{
	if (guard->cipher == NULL)
		return;
	chain(guard, data, data, length);
	digest_add(guard->digest, data, length);
}

void
guard_sign(struct guard *guard, uint8_t digest[static CIPHER_DIGEST])
{
	memset(digest, 0, CIPHER_DIGEST);
	if (guard->cipher == NULL)
		return;
	digest_take(guard->digest, digest);
	chain(guard, digest, digest, CIPHER_DIGEST);
}

bool
guard_check(struct guard *guard, const uint8_t digest[static CIPHER_DIGEST])
{
	uint8_t plain[CIPHER_DIGEST];

	if (guard->cipher == NULL)
		return (true);
	chain(guard, digest, plain, CIPHER_DIGEST);
	return (digest_matches(guard->digest, plain));
}
