/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owd/udp.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <linux/net_tstamp.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/error.h"
#include "common/memory.h"
#include "probes/icmp.h"
#include "probes/owd/udp_parts.h"

#define TTL 255
/* What a small packet takes of a buffer, at most, on common cards; there is room
 * for those of a second, within limits. The kernel doubles what is asked for. */
#define PACKET_COST (2304 / 2)
#define BUFFER_LEAST (256 * 1024)
#define BUFFER_MOST (64 * 1024 * 1024)
#define TRIES 4 /* of a packet, each told of an earlier one's trouble */
#define TROUBLE (ICMP_TEXT + 6 + INET6_ADDRSTRLEN)

static int
set(const struct udp *udp, int level, int name, int value)
{
	return (setsockopt(udp->fd, level, name, &value, sizeof(value)));
}

void
udp_stamp(const struct udp *udp, bool stamped)
{
	int flags = SOF_TIMESTAMPING_SOFTWARE;

	if (udp->calls->arrived != NULL)
		flags |= SOF_TIMESTAMPING_RX_SOFTWARE;
	if (udp->calls->left != NULL)
		flags |= SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY;
	if (stamped)
		flags |= SOF_TIMESTAMPING_TX_SOFTWARE;
	set(udp, SOL_SOCKET, SO_TIMESTAMPING, flags);
}

static void
enlarge(const struct udp *udp, unsigned rate)
{
	uint64_t wish = (uint64_t)rate * PACKET_COST;
	int bytes = wish < BUFFER_LEAST  ? BUFFER_LEAST
		    : wish > BUFFER_MOST ? BUFFER_MOST
					 : (int)wish;

	if (set(udp, SOL_SOCKET, SO_RCVBUFFORCE, bytes) == -1)
		set(udp, SOL_SOCKET, SO_RCVBUF, bytes);
}

/* Beside the two bits of ECN. */
static int
prepare(const struct udp *udp, int dscp)
{
	if (udp->family == 6)
		return (set(udp, IPPROTO_IPV6, IPV6_V6ONLY, 1) |
			set(udp, IPPROTO_IPV6, IPV6_UNICAST_HOPS, TTL) |
			set(udp, IPPROTO_IPV6, IPV6_TCLASS, dscp << 2) |
			set(udp, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1) |
			set(udp, IPPROTO_IPV6, IPV6_RECVERR, 1));
	return (set(udp, IPPROTO_IP, IP_TTL, TTL) |
		set(udp, IPPROTO_IP, IP_TOS, dscp << 2) |
		set(udp, IPPROTO_IP, IP_RECVTTL, 1) |
		set(udp, IPPROTO_IP, IP_RECVERR, 1));
}

static int
open_socket(struct udp *udp, const struct udp_about *about, struct error *err)
{
	udp->fd = socket(about->local->sa.sa_family,
	    SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (udp->fd == -1)
		return (error_set(err, "UDP socket: %m"));
	if (prepare(udp, about->dscp) != 0)
		return (error_set(err, "options of a UDP socket: %m"));
	enlarge(udp, about->rate);
	if (udp_bind(udp, about, err) == -1)
		return (-1);
	udp->stamps = about->calls->left != NULL;
	udp_stamp(udp, udp->stamps);
	return (0);
}

struct udp *
udp_new(const struct udp_about *about, struct error *err)
{
	struct udp *udp = memory_new(1, sizeof(*udp));

	udp->host = about->host;
	udp->calls = about->calls;
	udp->family = (uint8_t)address_family(about->local);
	udp->source = (struct gather_source){.ready = udp_ready, .arg = udp};
	udp->fd = -1;
	if (about->calls->arrived != NULL)
		udp->gather = gather_take(about->base, err);
	if ((about->calls->arrived == NULL || udp->gather != NULL) &&
	    open_socket(udp, about, err) == 0)
		return (udp);
	udp_free(udp);
	return (NULL);
}

void
udp_free(struct udp *udp)
{
	if (udp == NULL)
		return;
	udp_unbind(udp);
	if (udp->fd != -1)
		close(udp->fd);
	gather_give(udp->gather);
	free(udp);
}

void
udp_share(struct udp *udp, struct udp_calls *calls)
{
	assert((calls->arrived == NULL) == (udp->calls->arrived == NULL) &&
	       (calls->left == NULL) == (udp->calls->left == NULL));
	calls->older = udp->calls;
	udp->calls = calls;
}

void
udp_quit(struct udp *udp, struct udp_calls *calls)
{
	struct udp_calls **at;

	if (udp == NULL)
		return;
	for (at = &udp->calls; *at != calls; at = &(*at)->older)
		;
	*at = calls->older;
	calls->older = NULL;
	if (udp->calls == NULL)
		udp_free(udp);
}

uint16_t
udp_port(const struct udp *udp)
{
	return (ntohs(udp_port_of(&udp->local)));
}

bool
udp_is_at(const struct udp *udp, const union address *local)
{
	return (address_equal(&udp->local, local));
}

bool
udp_is_to(const struct udp *udp, const union address *peer)
{
	return (udp->connected && address_equal(&udp->peer, peer) &&
		udp_port_of(&udp->peer) == udp_port_of(peer));
}

bool
udp_may_connect(const struct udp *udp, const union address *peer)
{
	return (!udp->connected || udp_is_to(udp, peer));
}

bool
udp_is_shared(const struct udp *udp)
{
	return (udp->calls->older != NULL);
}

static uint32_t
count_drops(const struct udp *udp)
{
	uint32_t info[SK_MEMINFO_VARS] = {0};
	socklen_t length = sizeof(info);

	getsockopt(udp->fd, SOL_SOCKET, SO_MEMINFO, info, &length);
	return (info[SK_MEMINFO_DROPS]);
}

uint32_t
udp_drops(struct udp *udp)
{
	return (count_drops(udp) - udp->drops);
}

int
udp_connect(struct udp *udp, const union address *peer, struct error *err)
{
	char text[ADDRESS_TEXT];

	if (udp_is_to(udp, peer))
		return (0);
	if (connect(udp->fd, &peer->sa, address_length(peer)) == -1)
		return (error_set(err, "UDP port %u to %s: %m", udp_port(udp),
		    address_format(peer, text)));
	while (recv(udp->fd, NULL, 0, MSG_DONTWAIT) != -1)
		; /* a stranger's */
	udp->peer = *peer;
	udp->connected = true;
	udp->drops = count_drops(udp);
	return (udp->gather != NULL
		    ? gather_add(udp->gather, udp->fd, &udp->source, err)
		    : 0);
}

/* Was it counted, or not? What is sent from here on is not. */
static void
lose_count(struct udp *udp)
{
	if (!udp->stamps || udp->blind)
		return;
	udp->blind = true;
	udp_stamp(udp, false);
}

static bool
is_full(int error)
{
	return (error == ENOBUFS || error == EAGAIN);
}

int
udp_send(struct udp *udp, const void *data, size_t length, uint64_t *number)
{
	int trouble = 0;

	for (int i = 0; i < TRIES; i++) {
		if (send(udp->fd, data, length, MSG_DONTWAIT) != -1) {
			*number = udp->stamps && !udp->blind ? udp->next++
							     : UDP_NO_STAMP;
			if (trouble != 0)
				udp->error = trouble;
			return (0);
		}
		trouble = errno;
		lose_count(udp);
		if (is_full(trouble))
			break;
	}
	return (trouble);
}

uint32_t
udp_refusals(const struct udp *udp)
{
	return (udp->refusals);
}

const char *
udp_trouble(const struct udp *udp)
{
	static char text[TROUBLE];
	char why[ICMP_TEXT], who[INET6_ADDRSTRLEN];
	const struct udp_fault *fault = &udp->fault;
	const struct icmp_message message = {
	    .type = fault->type, .code = fault->code, .mtu = fault->mtu};

	if (fault->family == 0)
		return (udp->error != 0 ? strerror(udp->error) : NULL);
	snprintf(text, sizeof(text), "%s from %s",
	    icmp_describe(fault->family, &message, why),
	    inet_ntop(fault->family == 6 ? AF_INET6 : AF_INET, fault->who, who,
		sizeof(who)));
	return (text);
}
