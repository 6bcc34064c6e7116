/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owamp/packet.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "probes/bytes.h"
#include "probes/owamp/ntp.h"

/* where the parts stand behind packets that are not open */
#define AT_TIME 16
#define AT_DIGEST 32

struct packet_codec {
	enum mode mode;
	struct cipher *cipher; /* NULL: open */
	struct digest *digest;
};

size_t
packet_size(enum mode mode)
{
	return (mode == MODE_OPEN ? PACKET_OPEN : PACKET_SECURE);
}

/* How much of the packet is encrypted and signed. */
static size_t
blocks_of(enum mode mode)
{
	return (mode == MODE_ENCRYPTED ? 2 : 1);
}

struct packet_codec *
packet_new(enum mode mode, enum cipher_way way, const struct keys *session)
{
	struct packet_codec *codec = memory_new(1, sizeof(*codec));

	codec->mode = mode;
	if (mode != MODE_OPEN) {
		codec->cipher = cipher_new(way, session->aes);
		codec->digest =
		    digest_new(session->hmac, sizeof(session->hmac));
	}
	return (codec);
}

void
packet_free(struct packet_codec *codec)
{
	if (codec == NULL)
		return;
	cipher_free(codec->cipher);
	digest_free(codec->digest);
	free(codec);
}

static void
put_time(uint8_t *p, const struct packet *packet)
{
	bytes_put64(p, packet->sent);
	bytes_put16(p + 8, packet->estimate);
}

void
packet_write(
    struct packet_codec *codec, const struct packet *packet, uint8_t *data)
{
	size_t blocks = blocks_of(codec->mode);
	uint8_t iv[CIPHER_BLOCK] = {0};

	if (codec->mode == MODE_OPEN) {
		bytes_put32(data, packet->sequence);
		put_time(data + 4, packet);
		return;
	}
	memset(data, 0, PACKET_SECURE);
	bytes_put32(data, packet->sequence);
	put_time(data + AT_TIME, packet);
	digest_add(codec->digest, data, blocks * CIPHER_BLOCK);
	digest_take(codec->digest, data + AT_DIGEST);
	cipher_chain(codec->cipher, iv, data, data, blocks);
}

/* The plain text of what is encrypted. False: it was not signed by the peer. */
static bool
unlock(struct packet_codec *codec, const uint8_t *data,
    uint8_t plain[static AT_DIGEST])
{
	size_t blocks = blocks_of(codec->mode);
	uint8_t iv[CIPHER_BLOCK] = {0};

	memcpy(plain, data, AT_DIGEST);
	cipher_chain(codec->cipher, iv, data, plain, blocks);
	digest_add(codec->digest, plain, blocks * CIPHER_BLOCK);
	return (digest_matches(codec->digest, data + AT_DIGEST));
}

enum packet_fault
packet_read(struct packet_codec *codec, const uint8_t *data, size_t length,
    struct packet *packet)
{
	uint8_t plain[AT_DIGEST];
	const uint8_t *time = data + 4;
	struct ntp_estimate estimate;

	if (length < packet_size(codec->mode))
		return (PACKET_SHORT);
	if (codec->mode != MODE_OPEN) {
		if (!unlock(codec, data, plain))
			return (PACKET_FORGED);
		data = plain;
		time = plain + AT_TIME;
	}
	if (ntp_read_estimate(bytes_get16(time + 8), &estimate) == -1)
		return (PACKET_ESTIMATE);
	packet->sequence = bytes_get32(data);
	packet->sent = bytes_get64(time);
	packet->estimate = bytes_get16(time + 8);
	return (PACKET_GOOD);
}
