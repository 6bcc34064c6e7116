/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

#include <linux/errqueue.h> /* leans on time.h */

#include "probes/owd/udp_parts.h"

#define BATCH 64
#define CONTROL 256 /* bytes, of a packet or a notice */
#define TURNS 16    /* batches of one socket until others have their turn */

/* Room for what is read, shared by all sockets. */
struct room {
	int dirty; /* so many of the first have been written to, or all */
	struct mmsghdr messages[BATCH];
	struct iovec iov[BATCH];
	_Alignas(struct cmsghdr) uint8_t control[BATCH][CONTROL];
};
static struct room arrivals = {.dirty = BATCH}, notices = {.dirty = BATCH};
static uint8_t packets[BATCH][UDP_ROOM];

/* What control messages say; what they do not is left alone. */
struct control {
	nanoseconds when;
	int ttl;
	const struct sock_extended_err *error;
};

static void
read_control(const struct cmsghdr *part, struct control *control)
{
	int level = part->cmsg_level, type = part->cmsg_type;
	const void *data = CMSG_DATA(part);
	struct scm_timestamping stamps;

	if (level == SOL_SOCKET && type == SCM_TIMESTAMPING) {
		memcpy(&stamps, data, sizeof(stamps));
		control->when = clock_of_timespec(&stamps.ts[0]);
	} else if ((level == IPPROTO_IP && type == IP_TTL) ||
		   (level == IPPROTO_IPV6 && type == IPV6_HOPLIMIT)) {
		memcpy(&control->ttl, data, sizeof(control->ttl));
	} else if ((level == IPPROTO_IP && type == IP_RECVERR) ||
		   (level == IPPROTO_IPV6 && type == IPV6_RECVERR)) {
		control->error = data;
	}
}

static struct control
read_controls(struct msghdr *message)
{
	struct control control = {.ttl = UDP_TTL_UNKNOWN};
	struct cmsghdr *part = CMSG_FIRSTHDR(message);

	for (; part != NULL; part = CMSG_NXTHDR(message, part))
		read_control(part, &control);
	return (control);
}

/* What the kernel wrote the last time is what it may write now. */
static void
clean(struct room *room, uint8_t (*data)[UDP_ROOM])
{
	for (int i = 0; i < room->dirty; i++) {
		struct msghdr *message = &room->messages[i].msg_hdr;

		if (data != NULL) {
			room->iov[i] = (struct iovec){data[i], sizeof(data[i])};
			message->msg_iov = &room->iov[i];
			message->msg_iovlen = 1;
		}
		message->msg_control = room->control[i];
		message->msg_controllen = sizeof(room->control[i]);
	}
}

/* data NULL: the control messages are all that is wanted. -1: errno. */
static int
read_batch(const struct udp *udp, struct room *room, uint8_t (*data)[UDP_ROOM],
    int flags)
{
	int n;

	clean(room, data);
	n = recvmmsg(
	    udp->fd, room->messages, BATCH, flags | MSG_DONTWAIT, NULL);
	room->dirty = n > 0 ? n : 1;
	return (n);
}

/* The session that it is of. */
static struct udp_calls *
find_owner(const struct udp *udp, const struct udp_arrival *arrival)
{
	struct udp_calls *calls = udp->calls;

	while (calls->older != NULL && !calls->owns(calls->arg, arrival))
		calls = calls->older;
	return (calls);
}

static void
take_packet(struct udp *udp, int i, nanoseconds now)
{
	struct mmsghdr *got = &arrivals.messages[i];
	struct control control = read_controls(&got->msg_hdr);
	struct udp_arrival arrival = {
	    .data = packets[i],
	    .length = got->msg_len,
	    .when = control.when != 0 ? control.when : now,
	    .stamp = control.when != 0 ? STAMP_KERNEL : STAMP_USER,
	    .ttl = control.ttl,
	};

	struct udp_calls *owner = find_owner(udp, &arrival);

	owner->arrived(owner->arg, &arrival);
}

/* At most so many batches; how many packets that were. */
static unsigned
receive(struct udp *udp, unsigned turns)
{
	unsigned count = 0;
	int n = BATCH;

	while (n == BATCH && turns-- > 0) {
		n = read_batch(udp, &arrivals, packets, 0);
		nanoseconds now = udp->host->wall();

		if (n == -1 && errno != EAGAIN && errno != EINTR)
			udp->error = errno;
		for (int i = 0; i < n; i++)
			take_packet(udp, i, now);
		count += n > 0 ? (unsigned)n : 0;
	}
	return (count);
}

void
udp_receive(struct udp *udp)
{
	if (udp->gather != NULL)
		receive(udp, UINT32_MAX);
}

/* errno, as the next call would have it, is in the queue of notices as well. */
void
udp_ready(void *arg)
{
	struct udp *udp = arg;

	if (receive(udp, TURNS) == 0 || udp->stamps)
		udp_notices(udp);
}

/* "Port unreachable", by whom it was for. */
static bool
is_refusal(const struct udp *udp, const struct udp_fault *fault,
    const union address *who)
{
	return (
	    address_equal(who, &udp->peer) &&
	    (fault->family == 6 ? fault->type == ICMP6_DST_UNREACH &&
				      fault->code == ICMP6_DST_UNREACH_NOPORT
				: fault->type == ICMP_DEST_UNREACH &&
				      fault->code == ICMP_PORT_UNREACH));
}

static void
take_fault(struct udp *udp, const struct sock_extended_err *error)
{
	const union address *who =
	    (const union address *)(const void *)SO_EE_OFFENDER(error);
	struct udp_fault *fault = &udp->fault;

	if (who->sa.sa_family != AF_INET && who->sa.sa_family != AF_INET6)
		return;
	*fault = (struct udp_fault){
	    .family = who->sa.sa_family == AF_INET6 ? 6 : 4,
	    .type = error->ee_type,
	    .code = error->ee_code,
	    .mtu = error->ee_errno == EMSGSIZE ? error->ee_info : 0,
	};
	if (fault->family == 6)
		memcpy(fault->who, &who->in6.sin6_addr, 16);
	else
		memcpy(fault->who, &who->in.sin_addr, 4);
	udp->refusals += is_refusal(udp, fault, who);
}

uint64_t
udp_number(uint64_t base, uint64_t next, uint32_t told)
{
	uint64_t count = next - base;
	uint32_t back = (uint32_t)count - 1 - told;

	return (back < count ? next - 1 - back : UDP_NO_STAMP);
}

static void
take_notice(struct udp *udp, struct msghdr *message)
{
	struct control control = read_controls(message);
	const struct sock_extended_err *error = control.error;
	const struct udp_calls *calls;
	uint64_t number;

	if (error == NULL)
		return;
	if (error->ee_origin == SO_EE_ORIGIN_ICMP ||
	    error->ee_origin == SO_EE_ORIGIN_ICMP6)
		take_fault(udp, error);
	if (error->ee_origin != SO_EE_ORIGIN_TIMESTAMPING ||
	    udp->calls->left == NULL || control.when == 0)
		return;
	number = udp_number(udp->base, udp->next, error->ee_data);
	/* those whose packet it is not do not know its number */
	for (calls = udp->calls; calls != NULL && number != UDP_NO_STAMP;
	     calls = calls->older)
		calls->left(calls->arg, number, control.when);
}

/* All that was counted has left. */
static bool
is_empty(const struct udp *udp)
{
	int bytes;

	return (ioctl(udp->fd, SIOCOUTQ, &bytes) == 0 && bytes == 0);
}

/* The kernel begins at 0 when it is asked to count anew. */
static void
count_anew(struct udp *udp)
{
	int none = 0;

	setsockopt(udp->fd, SOL_SOCKET, SO_TIMESTAMPING, &none, sizeof(none));
	udp_stamp(udp, true);
	udp->base = udp->next;
	udp->blind = false;
}

void
udp_notices(struct udp *udp)
{
	bool empty = udp->blind && is_empty(udp);
	int n = BATCH;

	while (n == BATCH) {
		n = read_batch(udp, &notices, NULL, MSG_ERRQUEUE);
		for (int i = 0; i < n; i++)
			take_notice(udp, &notices.messages[i].msg_hdr);
	}
	if (empty)
		count_anew(udp);
}
