/* SPDX-License-Identifier: BSD-2-Clause */
/* What a leg asks of the far end. */
#include <math.h>
#include <string.h>

#include "common/hash.h"
#include "probes/owamp/ntp.h"
#include "probes/owd/leg_parts.h"

/* Before the first packet, and round trips. perfSONAR's far end begins a process
 * for each session; what comes meanwhile is stamped when that reads it, and what was
 * due is sent too late. Its own owping waits as long. */
#define HASTE (200 * NS_PER_MS)
#define HASTE_WITH_STRANGERS NS_PER_S
#define PAST (300 * NS_PER_S) /* a far end takes a start so long ago */
#define MOST_PACKETS (UINT32_C(1) << 31)
#define SPARE (20 * NS_PER_S) /* of packets, where a leg is stopped */

static nanoseconds
end_of_interval(const struct leg_course *course, nanoseconds when)
{
	return (when - when % course->interval + course->interval);
}

/* The next leg begins when a report ends: sessions that are stated may last long,
 * others a single interval. */
static nanoseconds
choose_until(const struct leg *leg)
{
	const struct leg_course *course = leg->course;

	if (course->interval == 0)
		return (INT64_MAX);
	if (course->sends || !client_states(leg->client))
		return (end_of_interval(course, leg->from));
	return (end_of_interval(course, leg->from + course->longest));
}

/* More than there will be, where it is stopped before. */
static uint32_t
choose_packets(const struct leg *leg)
{
	const struct leg_course *course = leg->course;
	double packets;

	if (course->interval == 0)
		return ((uint32_t)course->settings->count);
	if (!course->sends && client_states(leg->client))
		return (MESSAGE_NEXT_UNKNOWN);
	packets = clock_seconds(leg->until - leg->from + SPARE) / course->mean;
	packets += 8 * sqrt(packets) + 20;
	return (packets < MOST_PACKETS ? (uint32_t)packets : MOST_PACKETS);
}

static void
choose_start(struct leg *leg)
{
	nanoseconds trip =
	    (leg->host->monotonic() - leg->began) / 2; /* at most */
	nanoseconds soon =
	    leg->host->wall() + 3 * trip +
	    (client_states(leg->client) ? HASTE : HASTE_WITH_STRANGERS);

	/* Nothing is due before `from`; but a stranger may not see that. */
	if (leg->from >= soon &&
	    (leg->start >= soon ||
		(leg->start >= soon - PAST && client_states(leg->client))))
		return;
	if (leg->from < soon)
		leg->from = soon;
	leg->start = leg->from;
}

static void
put_address(const union address *address, uint8_t bytes[16])
{
	if (address->sa.sa_family == AF_INET6)
		memcpy(bytes, &address->in6.sin6_addr, 16);
	else
		memcpy(bytes, &address->in.sin_addr, 4);
}

/* RFC 4656 section 3.5: low bytes of the address, the time, chance. */
static void
make_sid(struct leg *leg, const union address *local)
{
	uint64_t now = ntp_of_wall(leg->host->wall());
	uint8_t bytes[16] = {0};

	put_address(local, bytes);
	memcpy(
	    leg->sid, local->sa.sa_family == AF_INET6 ? bytes + 12 : bytes, 4);
	for (int i = 0; i < 8; i++)
		leg->sid[4 + i] = (uint8_t)(now >> (56 - 8 * i));
	hash_random(leg->sid + 12, 4);
}

static int
local_address(struct leg *leg, union address *local, struct error *err)
{
	socklen_t length = sizeof(*local);

	*local = (union address){0};
	if (getsockname(
		bufferevent_getfd(leg->connection), &local->sa, &length) == -1)
		return (error_set(err, "getsockname: %m"));
	return (0);
}

void
leg_set_calls(struct leg *leg)
{
	bool sends = leg->course->sends;

	leg->calls = (struct udp_calls){
	    .arrived = sends ? NULL : leg_arrived,
	    .left = sends ? leg_left : NULL,
	    .owns = leg_owns,
	    .arg = leg,
	};
}

/* Receiving, the room is for what comes; sending, for stamps. */
int
leg_open_socket(struct leg *leg, uint16_t port, const union address *peer,
    struct error *err)
{
	const struct leg_course *course = leg->course;
	union address local;
	struct udp_about about = {
	    .host = leg->host,
	    .base = course->run->worker->base,
	    .local = &local,
	    .port = port,
	    .least = course->least,
	    .most = course->most,
	    .flow = course->run->flow,
	    .dscp = (int)course->settings->dscp,
	    .rate = (unsigned)(1 / course->mean) + 1,
	    .peer = peer,
	    .calls = &leg->calls,
	};

	if (local_address(leg, &local, err) == -1)
		return (-1);
	leg_set_calls(leg);
	leg->udp = udp_new(&about, err);
	return (leg->udp != NULL ? 0 : -1);
}

static void
fill_request(struct leg *leg, const union address *local,
    struct message_request *request)
{
	const struct leg_course *course = leg->course;
	const struct owd_settings *s = course->settings;

	*request = (struct message_request){
	    .family = (uint8_t)address_family(local),
	    .sends = !course->sends,
	    .receives = course->sends,
	    .packets = leg->packets,
	    .padding = (uint32_t)s->padding,
	    .start = ntp_of_wall(leg->start),
	    .timeout = ntp_of_duration(s->timeout),
	    .type_p = (uint32_t)s->dscp << 24,
	    .slot_count = course->slot_count,
	    .slots = course->slots,
	};
	if (course->sends)
		request->sender_port = udp_port(leg->udp);
	else
		request->receiver_port = udp_port(leg->udp);
	put_address(course->sends ? local : &course->peer, request->sender);
	put_address(course->sends ? &course->peer : local, request->receiver);
	memcpy(request->sid, leg->sid, sizeof(request->sid));
}

int
leg_open_session(
    struct leg *leg, struct message_request *request, struct error *err)
{
	union address local, peer = leg->course->peer;

	if (peer.sa.sa_family == AF_INET6)
		peer.in6.sin6_port = 0; /* of the other end's choice */
	else
		peer.in.sin_port = 0;
	choose_start(leg);
	leg->until = choose_until(leg);
	leg->packets = choose_packets(leg);
	if (local_address(leg, &local, err) == -1)
		return (-1);
	if (leg->udp != NULL && !udp_is_at(leg->udp, &local)) {
		udp_quit(leg->udp, &leg->calls); /* this host has moved */
		leg->udp = NULL;
	}
	if (leg->udp == NULL && leg_open_socket(leg, 0, &peer, err) == -1)
		return (-1);
	if (!leg->course->sends)
		make_sid(leg, &local);
	fill_request(leg, &local, request);
	return (0);
}
