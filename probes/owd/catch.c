/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owd/catch.h"

#include <stdlib.h>

#include "common/memory.h"

#define EARLY NS_PER_MS /* a sender that is not exact may send so early */
#define STEPS 65536     /* of a timetable, for a packet */

struct catch
{
	struct catch_about about; /* void: keys */
	struct packet_codec *codec;
	struct timetable *timetable; /* NULL: nobody has asked */
	uint32_t reached;            /* packets before it have been due */
	uint64_t due;                /* of that one */
	struct catch_refused refused;
};

struct catch *
catch_new(const struct catch_about *about)
{
	struct catch *catch = memory_new(1, sizeof(*catch));

	catch->codec = packet_new(about->mode, CIPHER_DECRYPT, about->keys);
	catch->about = *about;
	return (catch);
}

void
catch_free(struct catch *catch)
{
	if (catch == NULL)
		return;
	packet_free(catch->codec);
	timetable_free(catch->timetable);
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
	else if (packet->sequence >= catch->about.packets)
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
	catch->about.caught(catch->about.arg, &caught);
}

/* Whoever sends the older session is far beyond the numbers that this one has come
 * to. So few steps are gone that a wrong time costs nothing. */
static bool
was_due(struct catch *catch, const struct packet *packet)
{
	const struct catch_about *about = &catch->about;
	uint64_t sent = packet->sent + ntp_of_duration(EARLY);

	if (catch->timetable == NULL) {
		catch->timetable = timetable_new(
		    about->sid, about->start, about->slots, about->slot_count);
		catch->due = timetable_next(catch->timetable);
	}
	for (int i = 0; i < STEPS && catch->reached <= packet->sequence &&
			ntp_between(catch->due, sent) >= 0;
	     i++) {
		catch->reached++;
		catch->due = timetable_next(catch->timetable);
	}
	return (packet->sequence < catch->reached &&
		ntp_between(about->start, sent) >= 0);
}

bool
catch_owns(void *arg, const struct udp_arrival *arrival)
{
	struct catch *catch = arg;
	struct packet packet;

	return (packet_read(catch->codec, arrival->data, arrival->length,
		    &packet) == PACKET_GOOD &&
		(catch->about.mode != MODE_OPEN || was_due(catch, &packet)));
}

const struct catch_refused *
catch_refused(const struct catch *catch)
{
	return (&catch->refused);
}
