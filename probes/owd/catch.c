/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owd/catch.h"

#include <stdlib.h>

#include "common/memory.h"

struct catch
{
	struct packet_codec *codec;
	uint32_t packets;
	struct catch_refused refused;
	void (*caught)(void *arg, const struct catch_packet *packet);
	void *arg;
};

struct catch *
catch_new(const struct catch_about *about)
{
	struct catch *catch = memory_new(1, sizeof(*catch));

	catch->codec = packet_new(about->mode, CIPHER_DECRYPT, about->keys);
	catch->packets = about->packets;
	catch->caught = about->caught;
	catch->arg = about->arg;
	return (catch);
}

void
catch_free(struct catch *catch)
{
	if (catch == NULL)
		return;
	packet_free(catch->codec);
	free(catch);
}

/* Is it one of the session? Else it is counted. */
static bool
decode(struct catch *catch, const struct udp_arrival *arrival,
    struct packet *packet)
{
	enum packet_fault fault =
	    packet_read(catch->codec, arrival->data, arrival->length, packet);

	if (fault == PACKET_FORGED)
		catch->refused.forged++;
	else if (fault != PACKET_GOOD)
		catch->refused.malformed++;
	else if (packet->sequence >= catch->packets)
		catch->refused.beyond++;
	else
		return (true);
	return (false);
}

void
catch_arrived(void *arg, const struct udp_arrival *arrival)
{
	struct catch *catch = arg;
	struct catch_packet caught = {
	    .received = arrival->when,
	    .stamp = arrival->stamp,
	    .ttl = arrival->ttl,
	};

	if (!decode(catch, arrival, &caught.packet))
		return;
	caught.sent = ntp_wall(caught.packet.sent);
	catch->caught(catch->arg, &caught);
}

const struct catch_refused *
catch_refused(const struct catch *catch)
{
	return (&catch->refused);
}
