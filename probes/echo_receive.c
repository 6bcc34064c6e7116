/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <linux/errqueue.h> /* leans on time.h */

#include "probes/echo.h"
#include "probes/probe.h"

static void
prepare(struct echo_buffer *buffer)
{
	if (buffer->iov[0].iov_len != 0)
		return;
	for (int i = 0; i < ECHO_BATCH; i++) {
		buffer->iov[i] = (struct iovec){
		    buffer->packet[i], sizeof(buffer->packet[i])};
		buffer->messages[i].msg_hdr = (struct msghdr){
		    .msg_name = &buffer->from[i],
		    .msg_iov = &buffer->iov[i],
		    .msg_iovlen = 1,
		    .msg_control = buffer->control[i],
		};
	}
}

/* What the kernel wrote the last time is what it may write now. */
static int
read_batch(struct echo *echo, int flags)
{
	struct echo_buffer *buffer = echo->buffer;

	for (int i = 0; i < ECHO_BATCH; i++) {
		struct msghdr *message = &buffer->messages[i].msg_hdr;

		message->msg_namelen = sizeof(buffer->from[i]);
		message->msg_controllen = sizeof(buffer->control[i]);
	}
	return (recvmmsg(echo->fd, buffer->messages, ECHO_BATCH,
	    flags | MSG_DONTWAIT, NULL));
}

static const struct cmsghdr *
find_control(struct msghdr *message, int level, int type)
{
	struct cmsghdr *control = CMSG_FIRSTHDR(message);

	while (control != NULL &&
	       (control->cmsg_level != level || control->cmsg_type != type))
		control = CMSG_NXTHDR(message, control);
	return (control);
}

static int
read_number(struct msghdr *message, int level, int type, int missing)
{
	const struct cmsghdr *control = find_control(message, level, type);
	int value = missing;

	if (control != NULL)
		memcpy(&value, CMSG_DATA(control), sizeof(value));
	return (value);
}

static int
ttl_of(const struct echo *echo, struct msghdr *message, size_t length)
{
	const uint8_t *packet = message->msg_iov->iov_base;

	if (echo->family == 6)
		return (read_number(message, IPPROTO_IPV6, IPV6_HOPLIMIT, 0));
	if (!echo->raw)
		return (read_number(message, IPPROTO_IP, IP_TTL, 0));
	return (length > 8 ? packet[8] : 0);
}

static void
take_packet(struct echo *echo, const struct mmsghdr *got, nanoseconds now)
{
	struct msghdr message = got->msg_hdr;
	struct echo_arrival arrival = {.read = now};

	memcpy(&arrival.from, message.msg_name, sizeof(arrival.from));
	arrival.came = stamp_of(&echo->clock, &message, now);
	arrival.when = arrival.came.kernel != 0 ? arrival.came.kernel : now;
	arrival.ttl = ttl_of(echo, &message, got->msg_len);
	echo->drops = (uint32_t)read_number(
	    &message, SOL_SOCKET, SO_RXQ_OVFL, (int)echo->drops);
	icmp_read(echo->family, echo->family == 4 && echo->raw,
	    message.msg_iov->iov_base, got->msg_len, &arrival.message);
	echo->calls->arrived(echo->calls->arg, &arrival);
}

/* An error that a datagram socket was told of: who found fault, and with
 * which request. */
static void
take_error(struct echo *echo, const struct mmsghdr *got,
    const struct sock_extended_err *what, nanoseconds now)
{
	struct echo_arrival arrival = {.when = now, .read = now};
	const union address *target = got->msg_hdr.msg_name;
	bool v6 = echo->family == 6;

	memcpy(&arrival.from, SO_EE_OFFENDER(what),
	    v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
	icmp_read_quoted(echo->family, got->msg_hdr.msg_iov->iov_base,
	    got->msg_len, &arrival.message);
	arrival.message.type = what->ee_type;
	arrival.message.code = what->ee_code;
	arrival.message.mtu = what->ee_errno == EMSGSIZE ? what->ee_info : 0;
	arrival.message.destination =
	    v6 ? (const uint8_t *)&target->in6.sin6_addr
	       : (const uint8_t *)&target->in.sin_addr;
	if (arrival.message.kind == ICMP_TROUBLE)
		echo->calls->arrived(echo->calls->arg, &arrival);
}

/* A packet has left; the kernel and the card may each tell. */
static void
take_stamp(
    struct echo *echo, struct msghdr *message, uint32_t id, nanoseconds now)
{
	const struct echo_owner *slot = &echo->ring[id % ECHO_RING];
	struct stamp stamp;

	/* unsigned: those before next_id, as far as the ring goes back */
	if (slot->owner == NULL || echo->next_id - 1 - id >= ECHO_RING)
		return;
	stamp = stamp_of(&echo->clock, message, now);
	echo->calls->left(slot->owner, slot->packet, &stamp);
}

static void
take_notice(struct echo *echo, const struct mmsghdr *got, nanoseconds now)
{
	bool v6 = echo->family == 6;
	struct msghdr message = got->msg_hdr;
	const struct cmsghdr *control = find_control(&message,
	    v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_RECVERR : IP_RECVERR);
	const struct sock_extended_err *what;

	if (control == NULL)
		return;
	what =
	    (const struct sock_extended_err *)(const void *)CMSG_DATA(control);
	if (what->ee_origin == SO_EE_ORIGIN_TIMESTAMPING)
		take_stamp(echo, &message, what->ee_data, now);
	else if (what->ee_origin == SO_EE_ORIGIN_ICMP ||
		 what->ee_origin == SO_EE_ORIGIN_ICMP6)
		take_error(echo, got, what, now);
}

void
echo_notices(struct echo *echo)
{
	int n;

	prepare(echo->buffer);
	do {
		n = read_batch(echo, MSG_ERRQUEUE);
		nanoseconds now = echo->host->monotonic();

		for (int i = 0; i < n; i++)
			take_notice(echo, &echo->buffer->messages[i], now);
	} while (n == ECHO_BATCH);
}

void
echo_receive(struct echo *echo)
{
	int n;

	stamp_settle(&echo->clock);
	do {
		nanoseconds now = stamp_look(&echo->clock, echo->host);

		echo_notices(echo);
		n = read_batch(echo, 0);
		if (n > 0) {
			now = echo->host->monotonic();
			echo_settle(echo);
		}
		for (int i = 0; i < n; i++)
			take_packet(echo, &echo->buffer->messages[i], now);
	} while (
	    n == ECHO_BATCH || (n == -1 && errno != EAGAIN && errno != EBADF));
}
