/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * packet.h - OWAMP-Test packets (RFC 4656 section 4.1.2).
 *
 *   open                       authenticated and encrypted
 *    0  sequence number         0  sequence number
 *    4  timestamp               4  must be zero (12 bytes)
 *   12  error estimate         16  timestamp
 *   14  padding                24  error estimate
 *                              26  must be zero (6 bytes)
 *                              32  HMAC
 *                              48  padding
 *
 * Authenticated: bytes 0 to 15 are encrypted and the HMAC is over them; nothing
 * protects the timestamp. Encrypted: bytes 0 to 31, chained from a zero vector
 * in each packet. The HMAC is over the plain text and is itself in clear.
 */
#ifndef PHAROS_PROBES_OWAMP_PACKET_H
#define PHAROS_PROBES_OWAMP_PACKET_H

#include <stddef.h>
#include <stdint.h>

#include "probes/owamp/keys.h"

#define PACKET_OPEN 14   /* bytes, without padding */
#define PACKET_SECURE 48 /* in the other two modes */

struct packet {
	uint32_t sequence;
	uint64_t sent;     /* NTP */
	uint16_t estimate; /* as on the wire: ntp.h reads it */
};

enum packet_fault {
	PACKET_GOOD,
	PACKET_SHORT,
	PACKET_FORGED,  /* or damaged: the HMAC is another */
	PACKET_ESTIMATE /* a multiplier of 0 */
};

size_t packet_size(enum mode mode); /* without padding */

/* The packets of one session, one way. Open ones need no keys. */
struct packet_codec;
struct packet_codec *packet_new(
    enum mode mode, enum cipher_way way, const struct keys *session);
void packet_free(struct packet_codec *codec); /* NULL is fine */

/* Writes packet_size bytes; the padding behind them is the caller's. */
void packet_write(
    struct packet_codec *codec, const struct packet *packet, uint8_t *data);
/* Anything longer than packet_size is padding. packet is only filled when all
 * is well with it. */
enum packet_fault packet_read(struct packet_codec *codec, const uint8_t *data,
    size_t length, struct packet *packet);

#endif
