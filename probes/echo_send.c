/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "probes/echo.h"
#include "probes/pages.h"
#include "probes/probe.h"
#include "probes/sender.h"

static void *
add_control(struct msghdr *message, int level, int type, size_t length)
{
	uint8_t *at = (uint8_t *)message->msg_control + message->msg_controllen;
	struct cmsghdr *control = (struct cmsghdr *)(void *)at;

	control->cmsg_level = level;
	control->cmsg_type = type;
	control->cmsg_len = CMSG_LEN(length);
	message->msg_controllen += CMSG_SPACE(length);
	return (CMSG_DATA(control));
}

/* Which of our addresses and interfaces to send from. */
static void
add_source(struct msghdr *message, int family, const struct echo_route *route)
{
	const union address *source = route->source;
	struct in6_pktinfo info6 = {.ipi6_ifindex = route->interface};
	struct in_pktinfo info4 = {.ipi_ifindex = (int)route->interface};

	if (source->sa.sa_family == AF_INET6)
		info6.ipi6_addr = source->in6.sin6_addr;
	else if (source->sa.sa_family == AF_INET)
		info4.ipi_spec_dst = source->in.sin_addr;
	else if (route->interface == 0)
		return;
	if (family == 6)
		memcpy(add_control(
			   message, IPPROTO_IPV6, IPV6_PKTINFO, sizeof(info6)),
		    &info6, sizeof(info6));
	else
		memcpy(
		    add_control(message, IPPROTO_IP, IP_PKTINFO, sizeof(info4)),
		    &info4, sizeof(info4));
}

static void
add_class(struct msghdr *message, int family, const struct echo_route *route)
{
	int class = route->dscp << 2; /* beside the two bits of ECN */

	if (route->dscp == 0)
		return;
	memcpy(
	    family == 6
		? add_control(message, IPPROTO_IPV6, IPV6_TCLASS, sizeof(class))
		: add_control(message, IPPROTO_IP, IP_TOS, sizeof(class)),
	    &class, sizeof(class));
}

/* Of what was numbered nothing is known any more. */
static void
number_anew(struct echo *echo)
{
	echo->next_id = echo->rested = 0;
	pages_clear(echo->ring, sizeof(echo->ring));
	echo->stamps = stamp_enable(echo->fd) == 0;
	echo->plain = false;
}

static void
refuse(struct echo *echo, const struct echo_owner *owner, int error)
{
	echo_notices(echo);
	number_anew(echo);
	echo->calls->refused(
	    owner->owner, owner->packet, echo->host->monotonic(), error);
}

static void
note_sent(struct echo *echo, const struct echo_owner *owner, nanoseconds when)
{
	uint32_t id = echo->next_id;

	if (!echo->plain) {
		echo->ring[id % ECHO_RING] = *owner;
		echo->next_id++;
	}
	echo->calls->sent(owner->owner, owner->packet, when, id);
}

/* How many from i on go together: one plain one, or those that are not. */
static unsigned
count_alike(const struct echo_queue *queue, unsigned i, unsigned count)
{
	unsigned n = 1;

	while (!queue->plain[i] && i + n < count && !queue->plain[i + n])
		n++;
	return (n);
}

/* How many of those from i on have gone; 0: the first one was refused. */
static unsigned
send_some(struct echo *echo, unsigned i, unsigned count)
{
	struct mmsghdr *messages = echo->queue->messages + i;
	unsigned alike = count_alike(echo->queue, i, count);
	int n = sendmmsg(echo->fd, messages, alike, 0);

	/* on a datagram socket it may be about another target's packet */
	if (n == -1 && !echo->raw)
		n = sendmmsg(echo->fd, messages, alike, 0);
	return (n > 0 ? (unsigned)n : 0);
}

static void
set_plain(struct echo *echo, bool plain)
{
	if (plain == echo->plain || !echo->stamps)
		return;
	stamp_sent(echo->fd, !plain);
	echo->plain = plain;
}

/* By the loop itself. */
static void
send_queue(struct echo *echo)
{
	struct echo_queue *queue = echo->queue;
	unsigned i = 0, count = queue->count, sent;
	nanoseconds now;

	echo_look(echo);
	queue->count = 0;
	queue->used = 0;
	while (i < count) {
		set_plain(echo, queue->plain[i]);
		now = echo->host->monotonic();
		sent = send_some(echo, i, count);
		if (sent == 0)
			refuse(echo, &queue->owners[i++], errno);
		for (; sent > 0; sent--)
			note_sent(echo, &queue->owners[i++], now);
	}
}

/* NULL: it cannot help. */
static struct sender *
get_sender(struct echo *echo)
{
	if (echo->sender == NULL && echo->spare != -1) {
		echo->sender = sender_new(echo->spare, echo->host);
		if (echo->sender == NULL) {
			close(echo->spare);
			echo->spare = -1;
		}
	}
	return (echo->sender);
}

/* Is it full, and of plain packets? */
static bool
is_shared(const struct echo_queue *queue)
{
	unsigned plain = 0;

	for (unsigned i = 0; i < queue->count; i++)
		plain += queue->plain[i];
	return (plain == ECHO_BATCH);
}

/* The sender has the queue, if it has time for it. */
static void
send_full(struct echo *echo)
{
	struct sender *sender =
	    is_shared(echo->queue) ? get_sender(echo) : NULL;
	struct echo_queue *empty = NULL;

	if (sender != NULL) {
		sender_tell(sender, echo->calls, false);
		empty = sender_take(sender, echo->queue);
	}
	if (empty != NULL)
		echo->queue = empty;
	else
		send_queue(echo);
}

uint8_t *
echo_room(struct echo *echo, size_t length)
{
	if (echo->queue->used + length > sizeof(echo->queue->room))
		send_queue(echo);
	return (echo->queue->room + echo->queue->used);
}

void
echo_push(struct echo *echo, size_t length, const struct echo_route *route,
    void *owner, uint32_t packet)
{
	struct echo_queue *queue = echo->queue;
	unsigned i = queue->count++;
	struct msghdr *message = &queue->messages[i].msg_hdr;

	queue->iov[i] = (struct iovec){queue->room + queue->used, length};
	queue->used += length;
	queue->owners[i] = (struct echo_owner){owner, packet};
	queue->plain[i] = route->plain;
	*message = (struct msghdr){
	    .msg_name = (void *)(uintptr_t)route->target,
	    .msg_namelen = echo->family == 6 ? sizeof(struct sockaddr_in6)
					     : sizeof(struct sockaddr_in),
	    .msg_iov = &queue->iov[i],
	    .msg_iovlen = 1,
	    .msg_control = queue->control[i],
	};
	add_source(message, echo->family, route);
	add_class(message, echo->family, route);
	if (queue->count == ECHO_BATCH)
		send_full(echo);
}

bool
echo_hand_over(struct echo *echo)
{
	if (echo->queue->count > 0)
		send_queue(echo);
	return (echo->sender == NULL ||
		sender_tell(echo->sender, echo->calls, false));
}

void
echo_flush(struct echo *echo)
{
	if (echo->queue->count > 0)
		send_queue(echo);
	if (echo->sender != NULL)
		sender_wait(echo->sender);
	echo_settle(echo);
}

void
echo_settle(struct echo *echo)
{
	if (echo->sender != NULL)
		sender_tell(echo->sender, echo->calls, true);
}
