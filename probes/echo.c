/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/echo.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probes/echo_filter.h"
#include "probes/probe.h"

#define BUFFER (8 * 1024 * 1024) /* bytes: some 10,000 small packets */

static int
refuse(const struct probe_host *host, struct error *err)
{
	char path[256];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

	path[length > 0 ? length : 0] = '\0';
	return (host->error_set(err,
	    "no permission for ICMP sockets; run as root: setcap "
	    "cap_net_raw=p %s",
	    length > 0 ? path : "pharos-probe"));
}

/* A raw socket, else a datagram socket. */
static int
open_socket(struct echo *echo, struct error *err)
{
	const struct probe_host *host = echo->host;
	int domain = echo->family == 6 ? AF_INET6 : AF_INET;
	int protocol = echo->family == 6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	int flags = SOCK_CLOEXEC | SOCK_NONBLOCK;

	echo->raw = true;
	echo->fd = socket(domain, SOCK_RAW | flags, protocol);
	if (echo->fd == -1 && (errno == EPERM || errno == EACCES)) {
		echo->raw = false;
		echo->fd = socket(domain, SOCK_DGRAM | flags, protocol);
	}
	if (echo->fd != -1)
		return (0);
	if (errno == EPERM || errno == EACCES)
		return (refuse(host, err));
	return (
	    host->error_set(err, "ICMP socket for IPv%d: %m", echo->family));
}

static int
set_flag(struct echo *echo, int level, int name)
{
	const int on = 1;

	return (setsockopt(echo->fd, level, name, &on, sizeof(on)));
}

/* As much room as we may have: what does not fit is lost by us. */
static void
enlarge(struct echo *echo)
{
	const int bytes = BUFFER;

	if (setsockopt(echo->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes,
		sizeof(bytes)) == -1)
		setsockopt(
		    echo->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	setsockopt(echo->fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
}

static int
prepare_raw(struct echo *echo)
{
	if (getrandom(&echo->identifier, sizeof(echo->identifier), 0) !=
	    sizeof(echo->identifier))
		return (-1);
	return (echo_filter(echo->fd, echo->family, echo->identifier));
}

/* The kernel chooses the identifier, filters by it, and hands errors out
 * through a queue of their own. */
static int
prepare_datagram(struct echo *echo)
{
	union address own = {0};
	socklen_t length = sizeof(own);

	own.sa.sa_family = echo->family == 6 ? AF_INET6 : AF_INET;
	if (bind(echo->fd, &own.sa,
		echo->family == 6 ? sizeof(own.in6) : sizeof(own.in)) == -1 ||
	    getsockname(echo->fd, &own.sa, &length) == -1)
		return (-1);
	echo->identifier =
	    ntohs(echo->family == 6 ? own.in6.sin6_port : own.in.sin_port);
	return (echo->family == 6 ? set_flag(echo, IPPROTO_IPV6, IPV6_RECVERR)
				  : set_flag(echo, IPPROTO_IP, IP_RECVERR));
}

int
echo_open(struct echo *echo, const struct probe_host *host, int family,
    struct error *err)
{
	int result;

	*echo = (struct echo){
	    .host = host, .fd = -1, .family = family, .stamped = true};
	if (open_socket(echo, err) == -1)
		return (-1);
	enlarge(echo);
	result = echo->raw ? prepare_raw(echo) : prepare_datagram(echo);
	if (result == -1 || set_flag(echo, SOL_SOCKET, SO_TIMESTAMPNS) == -1) {
		host->error_set(err, "ICMP socket for IPv%d: %m", family);
		echo_close(echo);
		return (-1);
	}
	return (0);
}

void
echo_close(struct echo *echo)
{
	if (echo->fd != -1)
		close(echo->fd);
	echo->fd = -1;
}

uint32_t
echo_drops(const struct echo *echo)
{
	uint32_t info[SK_MEMINFO_VARS] = {0};
	socklen_t length = sizeof(info);

	/* SO_RXQ_OVFL would tell with the next packet only, if one comes */
	getsockopt(echo->fd, SOL_SOCKET, SO_MEMINFO, info, &length);
	return (info[SK_MEMINFO_DROPS]);
}

/* Tells the kernel which of our addresses to send from. */
static void
add_source(struct msghdr *message, const union address *source)
{
	struct cmsghdr *control = CMSG_FIRSTHDR(message);
	struct in6_pktinfo info6 = {0};
	struct in_pktinfo info4 = {0};

	if (source->sa.sa_family == AF_INET6) {
		info6.ipi6_addr = source->in6.sin6_addr;
		control->cmsg_level = IPPROTO_IPV6;
		control->cmsg_type = IPV6_PKTINFO;
		control->cmsg_len = CMSG_LEN(sizeof(info6));
		memcpy(CMSG_DATA(control), &info6, sizeof(info6));
	} else {
		info4.ipi_spec_dst = source->in.sin_addr;
		control->cmsg_level = IPPROTO_IP;
		control->cmsg_type = IP_PKTINFO;
		control->cmsg_len = CMSG_LEN(sizeof(info4));
		memcpy(CMSG_DATA(control), &info4, sizeof(info4));
	}
	message->msg_controllen = CMSG_SPACE(control->cmsg_len - CMSG_LEN(0));
}

int
echo_send(struct echo *echo, const uint8_t *packet, size_t length,
    const union address *target, const union address *source)
{
	_Alignas(struct cmsghdr)
	    uint8_t control[CMSG_SPACE(sizeof(struct in6_pktinfo))] = {0};
	struct iovec iov = {(void *)packet, length};
	struct msghdr message = {
	    .msg_name = (void *)target,
	    .msg_namelen =
		echo->family == 6 ? sizeof(target->in6) : sizeof(target->in),
	    .msg_iov = &iov,
	    .msg_iovlen = 1,
	};

	if (source->sa.sa_family != AF_UNSPEC) {
		message.msg_control = control;
		message.msg_controllen = sizeof(control);
		add_source(&message, source);
	}
	if (sendmsg(echo->fd, &message, 0) != -1)
		return (0);
	/* on a datagram socket it may be about another target's packet */
	if (!echo->raw && sendmsg(echo->fd, &message, 0) != -1)
		return (0);
	return (errno);
}
