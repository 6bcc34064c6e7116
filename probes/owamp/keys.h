/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * keys.h - modes, and how a shared secret becomes keys (RFC 4656 section 3.1).
 *
 * The secret and the server's salt give the token's key (PBKDF2 with
 * HMAC-SHA1). The token carries the server's challenge and the keys of the
 * control connection, which the client chose, to the server; nothing but the
 * challenge in it says whether the secret is the right one. Each session's
 * packets have keys of their own, made from these and the session's name.
 */
#ifndef PHAROS_PROBES_OWAMP_KEYS_H
#define PHAROS_PROBES_OWAMP_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "probes/owamp/cipher.h"

struct error;

/* The bits of Modes. */
enum mode { MODE_OPEN = 1, MODE_AUTHENTICATED = 2, MODE_ENCRYPTED = 4 };
#define MODE_ALL (MODE_OPEN | MODE_AUTHENTICATED | MODE_ENCRYPTED)
#define MODE_STATEMENTS (UINT32_C(1) << 30) /* ours, no mode: message.h */

#define KEYS_SALT 16
#define KEYS_TOKEN 64
#define KEYS_SID 16
#define KEYS_HMAC 32

/* Rounds of PBKDF2 that are done for a server: the RFC's least, and what keeps
 * a stranger from holding us up. perfSONAR asks for 2048. */
#define KEYS_COUNT_LEAST 1024
#define KEYS_COUNT_MOST 65536

struct keys {
	uint8_t aes[CIPHER_BLOCK], hmac[KEYS_HMAC];
};

/* A power of two within the limits? -1, with what was offered in err. */
int keys_check_count(uint32_t count, struct error *err);
/* The token's key. count is one that keys_check_count lets pass. */
void keys_derive(const void *secret, size_t length,
    const uint8_t salt[static KEYS_SALT], uint32_t count,
    uint8_t key[static CIPHER_BLOCK]);
void keys_random(struct keys *keys);

void keys_wrap(const uint8_t key[static CIPHER_BLOCK],
    const uint8_t challenge[static CIPHER_BLOCK], const struct keys *keys,
    uint8_t token[static KEYS_TOKEN]);
/* -1: it was not made with this key for this challenge; keys is left alone. */
int keys_unwrap(const uint8_t key[static CIPHER_BLOCK],
    const uint8_t challenge[static CIPHER_BLOCK],
    const uint8_t token[static KEYS_TOKEN], struct keys *keys);

/* Of the test packets of one session. */
void keys_session(const struct keys *control,
    const uint8_t sid[static KEYS_SID], struct keys *session);

void keys_forget(void *secret, size_t length); /* overwrites it */

#endif
