/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * catch.h - takes in the test packets of one session.
 *
 * What arrives on the socket is decoded and handed on; what is not a packet of
 * this session - too short, forged, damaged, with an estimate that means nothing
 * or a number that is too high - costs itself, is counted, and nothing else.
 */
#ifndef PHAROS_PROBES_OWD_CATCH_H
#define PHAROS_PROBES_OWD_CATCH_H

#include "probes/owamp/ntp.h"
#include "probes/owamp/packet.h"
#include "probes/owamp/timetable.h"
#include "probes/owd/udp.h"

struct catch_packet {
	struct packet packet;
	nanoseconds sent;     /* packet.sent as wall-clock */
	nanoseconds received; /* wall-clock of this host */
	enum probe_stamp stamp;
	int ttl; /* or UDP_TTL_UNKNOWN */
};

struct catch_refused {
	uint32_t malformed; /* short, or an estimate of 0 */
	uint32_t forged;    /* or damaged: the HMAC is another */
	uint32_t beyond;    /* the number is not of this session */
};

struct catch;
struct catch_about {
	enum mode mode;
	const struct keys *keys; /* the session's; NULL: open mode; copied */
	uint32_t packets;        /* MESSAGE_NEXT_UNKNOWN: any */
	/* For catch_owns; borrowed. */
	const uint8_t *sid;
	uint64_t start; /* NTP */
	const struct slot *slots;
	uint32_t slot_count;
	void (*caught)(void *arg, const struct catch_packet *packet);
	void *arg;
};

struct catch *catch_new(const struct catch_about *about);
void catch_free(struct catch *catch); /* NULL is fine */
/* For the socket's calls. */
void catch_arrived(void *catch, const struct udp_arrival *arrival);
/* For a socket that an older session is still on: is it one of this session? With
 * keys its HMAC says so; in open mode, when it says that it was sent: not before it
 * was due here. */
bool catch_owns(void *catch, const struct udp_arrival *arrival);
const struct catch_refused *catch_refused(const struct catch *catch);

#endif
