/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <linux/errqueue.h> /* leans on time.h */

#include "probes/echo.h"
#include "probes/probe.h"

/* One reading of both clocks, to move stamps of the kernel's wall clock to the
 * monotonic one: a step between sending and receiving changes no round trip. */
struct moment {
	nanoseconds wall, monotonic;
};

#define READINGS 3
#define UNDISTURBED NS_PER_US

static struct moment
read_clocks(const struct probe_host *host)
{
	struct moment now = {0};
	nanoseconds before, after;

	for (int i = 0; i < READINGS; i++) {
		before = host->monotonic();
		now.wall = host->wall();
		after = host->monotonic();
		now.monotonic = before + (after - before) / 2;
		if (after - before < UNDISTURBED)
			break;
	}
	return (now);
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

/* When the packet came; now, if the kernel did not say or its clock was set
 * since. */
static nanoseconds
stamp_of(struct echo *echo, struct msghdr *message, const struct moment *now)
{
	const struct cmsghdr *control =
	    find_control(message, SOL_SOCKET, SCM_TIMESTAMPNS);
	struct timespec stamp;
	nanoseconds age;

	if (control == NULL) {
		echo->stamped = false;
		return (now->monotonic);
	}
	memcpy(&stamp, CMSG_DATA(control), sizeof(stamp));
	age = now->wall - clock_of_timespec(&stamp);
	return (now->monotonic - (age > 0 ? age : 0));
}

#define CONTROL 256

struct batch {
	struct mmsghdr messages[ECHO_BATCH];
	struct iovec iov[ECHO_BATCH];
	union address from[ECHO_BATCH];
	_Alignas(struct cmsghdr) uint8_t control[ECHO_BATCH][CONTROL];
};

static void
prepare(struct batch *batch, struct echo_buffer *buffer)
{
	for (int i = 0; i < ECHO_BATCH; i++) {
		batch->iov[i] = (struct iovec){
		    buffer->packet[i], sizeof(buffer->packet[i])};
		batch->messages[i].msg_hdr = (struct msghdr){
		    .msg_name = &batch->from[i],
		    .msg_namelen = sizeof(batch->from[i]),
		    .msg_iov = &batch->iov[i],
		    .msg_iovlen = 1,
		    .msg_control = batch->control[i],
		    .msg_controllen = sizeof(batch->control[i]),
		};
	}
}

static int
receive_batch(struct echo *echo, struct echo_buffer *buffer,
    echo_arrived arrived, void *arg)
{
	struct batch batch;
	struct moment now;
	int n;

	prepare(&batch, buffer);
	n = recvmmsg(echo->fd, batch.messages, ECHO_BATCH, MSG_DONTWAIT, NULL);
	if (n > 0)
		now = read_clocks(echo->host);
	for (int i = 0; i < n; i++) {
		struct mmsghdr *message = &batch.messages[i];
		struct echo_arrival arrival = {.from = batch.from[i]};

		arrival.when = stamp_of(echo, &message->msg_hdr, &now);
		icmp_read(echo->family, echo->family == 4 && echo->raw,
		    buffer->packet[i], message->msg_len, &arrival.message);
		arrived(arg, &arrival);
	}
	return (n);
}

/* What an error queue says: who found fault, and with which request. */
static void
read_error(struct echo *echo, struct msghdr *message, size_t length,
    struct echo_arrival *arrival)
{
	bool v6 = echo->family == 6;
	const struct cmsghdr *control = find_control(message,
	    v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_RECVERR : IP_RECVERR);
	const union address *target = message->msg_name;
	struct sock_extended_err what;

	if (control == NULL)
		return;
	memcpy(&what, CMSG_DATA(control), sizeof(what));
	if (what.ee_origin != SO_EE_ORIGIN_ICMP &&
	    what.ee_origin != SO_EE_ORIGIN_ICMP6)
		return;
	memcpy(&arrival->from,
	    SO_EE_OFFENDER((struct sock_extended_err *)CMSG_DATA(control)),
	    v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
	icmp_read_quoted(echo->family, message->msg_iov->iov_base, length,
	    &arrival->message);
	arrival->message.type = what.ee_type;
	arrival->message.code = what.ee_code;
	arrival->message.destination =
	    v6 ? (const uint8_t *)&target->in6.sin6_addr
	       : (const uint8_t *)&target->in.sin_addr;
}

/* False when the queue is empty. */
static bool
receive_error(struct echo *echo, struct echo_buffer *buffer,
    echo_arrived arrived, void *arg)
{
	_Alignas(struct cmsghdr) uint8_t control[512];
	struct iovec iov = {buffer->packet[0], sizeof(buffer->packet[0])};
	struct echo_arrival arrival = {.message = {.kind = ICMP_OTHER}};
	union address target;
	struct msghdr message = {
	    .msg_name = &target,
	    .msg_namelen = sizeof(target),
	    .msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = control,
	    .msg_controllen = sizeof(control),
	};
	ssize_t length =
	    recvmsg(echo->fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT);

	if (length < 0)
		return (false);
	arrival.when = echo->host->monotonic();
	read_error(echo, &message, (size_t)length, &arrival);
	if (arrival.message.kind == ICMP_TROUBLE)
		arrived(arg, &arrival);
	return (true);
}

void
echo_receive(struct echo *echo, struct echo_buffer *buffer,
    echo_arrived arrived, void *arg)
{
	int n;

	do {
		if (!echo->raw)
			while (receive_error(echo, buffer, arrived, arg))
				;
		n = receive_batch(echo, buffer, arrived, arg);
	} while (
	    n == ECHO_BATCH || (n == -1 && errno != EAGAIN && errno != EBADF));
}
