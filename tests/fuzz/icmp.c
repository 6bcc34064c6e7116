/* SPDX-License-Identifier: BSD-2-Clause */
/* Nothing outside the packet is read or pointed at, and what was asked for is
 * recognised only as it was asked for. The first byte chooses how the socket
 * hands packets out. */
#include "probes/icmp.h"

#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/target.h"

static void
check_inside(
    const uint8_t *at, size_t length, const uint8_t *packet, size_t size)
{
	if (at < packet || length > size ||
	    (size_t)(at - packet) > size - length)
		abort();
}

static void
check_match(int family, const struct icmp_message *reply)
{
	struct icmp_echo echo = {.family = family,
	    .sequence = reply->sequence,
	    .cookie = "cookies!",
	    .payload = 56};

	if (icmp_match(&echo, reply) == ICMP_SAME &&
	    (reply->length != 56 || memcmp(reply->payload, "cookies!", 8) != 0))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct icmp_message message;
	char text[ICMP_TEXT];
	int family;

	if (size < 1)
		return (0);
	family = (data[0] & 1) != 0 ? 6 : 4;
	icmp_read(family, (data[0] & 2) != 0, data + 1, size - 1, &message);
	if (message.kind == ICMP_OTHER)
		return (0);
	check_inside(message.payload, message.length, data + 1, size - 1);
	if (message.kind == ICMP_TROUBLE)
		check_inside(message.destination, family == 6 ? 16 : 4,
		    data + 1, size - 1);
	else
		check_match(family, &message);
	if (strlen(icmp_describe(family, &message, text)) == 0)
		abort();
	return (0);
}
