/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/echo.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/sock_diag.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "probes/echo_filter.h"
#include "probes/pages.h"
#include "probes/probe.h"
#include "probes/sender.h"

#define BUFFER (16 * 1024 * 1024) /* bytes: some 20,000 small packets */

/* May this program get a capability from its file? Not where new privileges
 * are ruled out for the process, or set aside with the mount. */
static bool
may_gain(const char *path)
{
	struct statvfs mount;

	return (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0 &&
		prctl(PR_CAPBSET_READ, CAP_NET_RAW, 0, 0, 0) == 1 &&
		statvfs(path, &mount) == 0 && (mount.f_flag & ST_NOSUID) == 0);
}

/* The one command that helps. */
static int
refuse(const struct probe_host *host, struct error *err)
{
	char path[256];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

	path[length > 0 ? length : 0] = '\0';
	if (length > 0 && may_gain(path))
		return (host->error_set(err,
		    "no permission for ICMP sockets; run as root: setcap "
		    "cap_net_raw=p %s",
		    path));
	return (host->error_set(err,
	    "no permission for ICMP sockets; run as root: sysctl -w "
	    "net.ipv4.ping_group_range='0 2147483647'"));
}

static int
new_socket(int family, int type)
{
	type |= SOCK_CLOEXEC | SOCK_NONBLOCK;
	return (family == 6 ? socket(AF_INET6, type, IPPROTO_ICMPV6)
			    : socket(AF_INET, type, IPPROTO_ICMP));
}

/* A raw socket, else a datagram socket. */
static int
open_socket(struct echo *echo, struct error *err)
{
	const struct probe_host *host = echo->host;

	echo->raw = true;
	echo->fd = new_socket(echo->family, SOCK_RAW);
	if (echo->fd == -1 && (errno == EPERM || errno == EACCES)) {
		echo->raw = false;
		echo->fd = new_socket(echo->family, SOCK_DGRAM);
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
enlarge(int fd)
{
	const int bytes = BUFFER;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) ==
	    -1)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
}

/* A second one to send from. Without it things take longer, that is all. */
static void
open_spare(struct echo *echo)
{
	echo->spare = echo->raw ? new_socket(echo->family, SOCK_RAW) : -1;
	if (echo->spare == -1)
		return;
	enlarge(echo->spare);
	if (echo_filter_all(echo->spare, echo->family) == 0)
		return;
	close(echo->spare);
	echo->spare = -1;
}

/* How many hops were left of an answer; a raw IPv4 socket shows the header. */
static int
ask_for_ttl(struct echo *echo)
{
	if (echo->family == 6)
		return (set_flag(echo, IPPROTO_IPV6, IPV6_RECVHOPLIMIT));
	return (echo->raw ? 0 : set_flag(echo, IPPROTO_IP, IP_RECVTTL));
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
    const struct echo_calls *calls, struct echo_buffer *buffer,
    struct error *err)
{
	int result;

	echo->host = host;
	echo->calls = calls;
	echo->buffer = buffer;
	echo->fd = echo->spare = -1;
	echo->family = family;
	echo->queue = &echo->own;
	if (open_socket(echo, err) == -1)
		return (-1);
	enlarge(echo->fd);
	open_spare(echo);
	result = echo->raw ? prepare_raw(echo) : prepare_datagram(echo);
	if (result == -1 || ask_for_ttl(echo) == -1) {
		host->error_set(err, "ICMP socket for IPv%d: %m", family);
		echo_close(echo);
		return (-1);
	}
	set_flag(echo, SOL_SOCKET, SO_RXQ_OVFL);
	echo->stamps = stamp_enable(echo->fd) == 0;
	stamp_look(&echo->clock, host);
	return (0);
}

void
echo_close(struct echo *echo)
{
	sender_free(echo->sender);
	echo->sender = NULL;
	if (echo->spare != -1)
		close(echo->spare);
	if (echo->fd != -1)
		close(echo->fd);
	echo->fd = echo->spare = -1;
}

uint32_t
echo_look(struct echo *echo)
{
	uint32_t info[SK_MEMINFO_VARS] = {0};
	socklen_t length = sizeof(info);

	/* SO_RXQ_OVFL tells with the next packet only, if one comes */
	if (getsockopt(echo->fd, SOL_SOCKET, SO_MEMINFO, info, &length) == 0) {
		echo_settle(echo);
		echo->drops = info[SK_MEMINFO_DROPS];
	}
	return (echo->drops);
}

void
echo_forget(struct echo *echo, uint32_t id, const void *owner)
{
	struct echo_owner *slot = &echo->ring[id % ECHO_RING];

	if (slot->owner == owner)
		slot->owner = NULL;
}

void
echo_rest(struct echo *echo)
{
	if (echo->next_id - echo->rested < ECHO_REST)
		return;
	pages_clear(echo->ring, sizeof(echo->ring));
	echo->rested = echo->next_id;
}
