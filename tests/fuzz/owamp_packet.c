/* SPDX-License-Identifier: BSD-2-Clause */
/* Test packets of strangers, in the mode that the first byte chooses: what is
 * read is written in the same way, and read again. */
#include "probes/owamp/packet.h"

#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/target.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct keys keys = {{1, 2, 3}, {4, 5, 6}};
	struct packet_codec *in, *out;
	uint8_t again[PACKET_SECURE];
	struct packet packet;
	enum mode mode;

	if (size < 1)
		return (0);
	mode = (enum mode)(1 << data[0] % 3);
	in = packet_new(mode, CIPHER_DECRYPT, &keys);
	out = packet_new(mode, CIPHER_ENCRYPT, &keys);
	if (packet_read(in, data + 1, size - 1, &packet) == PACKET_GOOD) {
		packet_write(out, &packet, again);
		if (mode == MODE_OPEN &&
		    memcmp(again, data + 1, PACKET_OPEN) != 0)
			abort();
		if (packet_read(in, again, packet_size(mode), &packet) !=
		    PACKET_GOOD)
			abort();
	}
	packet_free(in);
	packet_free(out);
	return (0);
}
