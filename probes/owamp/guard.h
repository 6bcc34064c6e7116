/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * guard.h - one direction of a control connection, encrypted and signed.
 *
 * RFC 4656 sections 3.2 and 6.10: from the first encrypted block to the end of
 * the connection it is one chain (CBC), over all messages. A digest is over the
 * plain text since the one before, and is encrypted itself. In open mode nothing
 * is encrypted, digests are zeros, and those of others are not looked at.
 * Lengths are multiples of CIPHER_BLOCK.
 */
#ifndef PHAROS_PROBES_OWAMP_GUARD_H
#define PHAROS_PROBES_OWAMP_GUARD_H

#include "probes/owamp/keys.h"

struct guard;
/* keys NULL: open mode. iv: as its sender chose it. */
struct guard *guard_new(enum cipher_way way, const struct keys *keys,
    const uint8_t iv[static CIPHER_BLOCK]);
void guard_free(struct guard *guard); /* NULL is fine */

/* In place: encrypts what is sent, or decrypts what came. */
void guard_seal(struct guard *guard, uint8_t *data, size_t length);
void guard_open(struct guard *guard, uint8_t *data, size_t length);
/* The digest over all that passed since the last one. */
void guard_sign(struct guard *guard, uint8_t digest[static CIPHER_DIGEST]);
bool guard_check(
    struct guard *guard, const uint8_t digest[static CIPHER_DIGEST]);

#endif
