/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hash.h - digests, random bytes and their texts (OpenSSL does the work).
 */
#ifndef PHAROS_COMMON_HASH_H
#define PHAROS_COMMON_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_SIZE 32 /* SHA-256 */

void hash_sha256(
    const void *data, size_t length, uint8_t digest[static HASH_SIZE]);
/* The same of several parts, one behind the other. */
struct hash;
struct hash *hash_new(void);
void hash_add(struct hash *hash, const void *data, size_t length);
void hash_end(struct hash *hash, uint8_t digest[static HASH_SIZE]); /* frees */
void hash_hmac(const void *key, size_t key_length, const void *data,
    size_t length, uint8_t digest[static HASH_SIZE]);
void hash_random(void *data, size_t length); /* cannot fail: ends the process */
/* text has room for 2 * length + 1. */
void hash_hex(const void *data, size_t length, char *text);
int hash_unhex(const char *text, void *data, size_t length); /* exact length */
/* base64url without padding; free() it */
char *hash_base64url(const void *data, size_t length);
/* The length, or -1 when it is no base64url or does not fit. */
int hash_unbase64url(const char *text, void *data, size_t room);

#endif
