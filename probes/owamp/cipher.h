/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cipher.h - AES-128 and HMAC-SHA1, as RFC 4656 section 6.10 uses them.
 *
 * OpenSSL does the work; where it has no memory left or does not offer these,
 * the process ends, as with memory_*. For one thread alone. A digest that nothing
 * was added to, and a cipher, take no more than their keys.
 */
#ifndef PHAROS_PROBES_OWAMP_CIPHER_H
#define PHAROS_PROBES_OWAMP_CIPHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CIPHER_BLOCK 16
#define CIPHER_DIGEST 16 /* HMAC-SHA1, of whose 20 bytes the first count */

enum cipher_way { CIPHER_ENCRYPT, CIPHER_DECRYPT };

/* AES with a key of 128 bits, one way. in and out may be the same. */
struct cipher;
struct cipher *cipher_new(
    enum cipher_way way, const uint8_t key[static CIPHER_BLOCK]);
void cipher_free(struct cipher *cipher); /* NULL is fine */
/* Each block alone (ECB). */
void cipher_blocks(
    struct cipher *cipher, const uint8_t *in, uint8_t *out, size_t blocks);
/* Chained (CBC): iv is the block before and becomes the last one. */
void cipher_chain(struct cipher *cipher, uint8_t iv[static CIPHER_BLOCK],
    const uint8_t *in, uint8_t *out, size_t blocks);

/* A digest over what was added since the last one was taken. */
struct digest;
struct digest *digest_new(
    const void *key, size_t length);     /* 64 bytes at most */
void digest_free(struct digest *digest); /* NULL is fine */
void digest_add(struct digest *digest, const void *data, size_t length);
void digest_take(struct digest *digest, uint8_t out[static CIPHER_DIGEST]);
/* Takes the digest and compares, in the same time whatever the difference. */
bool digest_matches(
    struct digest *digest, const uint8_t other[static CIPHER_DIGEST]);

#endif
