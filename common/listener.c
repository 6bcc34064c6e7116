/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/error.h"

#define BACKLOG SOMAXCONN
#define FIRST_INHERITED 3 /* SD_LISTEN_FDS_START */

static int
parse_port(const char *text, in_port_t *port)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	/* 0 lets the system choose */
	if (*text < '0' || *text > '9' || *end != '\0' || value > 65535)
		return (-1);
	*port = htons((in_port_t)value);
	return (0);
}

static int
parse_v6(const char *host, size_t length, struct sockaddr_in6 *in6)
{
	char bare[INET6_ADDRSTRLEN];

	if (length < 2 || host[length - 1] != ']' || length - 2 >= sizeof(bare))
		return (-1);
	memcpy(bare, host + 1, length - 2);
	bare[length - 2] = '\0';
	in6->sin6_family = AF_INET6;
	return (inet_pton(AF_INET6, bare, &in6->sin6_addr) == 1 ? 0 : -1);
}

static int
parse_v4(const char *host, size_t length, struct sockaddr_in *in)
{
	char bare[INET_ADDRSTRLEN];

	if (length >= sizeof(bare))
		return (-1);
	memcpy(bare, host, length);
	bare[length] = '\0';
	in->sin_family = AF_INET;
	return (inet_pton(AF_INET, bare, &in->sin_addr) == 1 ? 0 : -1);
}

static int
parse(const char *text, struct sockaddr_storage *address)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)address;
	struct sockaddr_in *in = (struct sockaddr_in *)address;
	const char *colon = strrchr(text, ':');

	memset(address, 0, sizeof(*address));
	if (colon == NULL) {
		in6->sin6_family = AF_INET6; /* the any address is zero */
		return (parse_port(text, &in6->sin6_port));
	}
	if (text[0] == '[')
		return (parse_v6(text, (size_t)(colon - text), in6) == 0
			    ? parse_port(colon + 1, &in6->sin6_port)
			    : -1);
	return (parse_v4(text, (size_t)(colon - text), in) == 0
		    ? parse_port(colon + 1, &in->sin_port)
		    : -1);
}

int
listener_parse(
    const char *text, struct sockaddr_storage *address, struct error *err)
{
	if (parse(text, address) != 0)
		return (error_set(err,
		    "\"%.80s\": expected an address with a port such as "
		    "127.0.0.1:8640 or [::1]:8640, or a port alone",
		    text));
	return (0);
}

bool
listener_is_loopback(const struct sockaddr_storage *address)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
	const struct sockaddr_in *in = (const struct sockaddr_in *)address;

	if (address->ss_family == AF_INET)
		return (ntohl(in->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET);
	return (address->ss_family == AF_INET6 &&
		IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr));
}

/* What systemd, or someone in its manner, has opened for us by this name. */
static int
find_inherited(const char *name)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	const char *names = getenv("LISTEN_FDNAMES");
	size_t length = strlen(name);

	if (pid == NULL || count == NULL || names == NULL ||
	    strtol(pid, NULL, 10) != getpid())
		return (-1);
	for (int i = 0; i < atoi(count); i++) {
		size_t this = strcspn(names, ":");

		if (this == length && strncmp(names, name, length) == 0)
			return (FIRST_INHERITED + i);
		names += this + (names[this] == ':');
	}
	return (-1);
}

static int
adopt(int fd, const char *name, struct error *err)
{
	int listening = 0, flags = fcntl(fd, F_GETFL);
	socklen_t length = sizeof(listening);

	if (flags < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) !=
		0 ||
	    !listening)
		return (error_set(err,
		    "inherited descriptor %d (%s): not a listening socket", fd,
		    name));
	fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	return (fd);
}

static int
open_address(const struct sockaddr_storage *address)
{
	bool v6 = address->ss_family == AF_INET6;
	const int on = 1, off = 0;
	int saved, fd = socket(address->ss_family,
		       SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return (-1);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (v6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(fd, (const struct sockaddr *)address,
		v6 ? sizeof(struct sockaddr_in6)
		   : sizeof(struct sockaddr_in)) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return (fd);
	saved = errno;
	close(fd);
	errno = saved;
	return (-1);
}

/* A port alone, on a host without IPv6. */
static int
open_any_v4(const struct sockaddr_storage *address)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
	struct sockaddr_storage any = {.ss_family = AF_INET};

	((struct sockaddr_in *)&any)->sin_port = in6->sin6_port;
	return (open_address(&any));
}

int
listener_open(const char *name, const char *text, struct error *err)
{
	struct sockaddr_storage address;
	const int on = 1;
	int fd = find_inherited(name);

	if (fd >= 0) {
		fd = adopt(fd, name, err);
	} else {
		if (listener_parse(text, &address, err) != 0)
			return (-1);
		fd = open_address(&address);
		if (fd < 0 && strchr(text, ':') == NULL &&
		    (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL))
			fd = open_any_v4(&address);
		if (fd < 0)
			error_set(err, "cannot listen on %s: %m", text);
	}
	/* answers would wait 40 ms for the other end's delayed acknowledgment */
	if (fd >= 0)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return (fd);
}

static int
bind_private(int fd, const struct sockaddr_un *address)
{
	mode_t before = umask(0117);
	int result =
	    bind(fd, (const struct sockaddr *)address, sizeof(*address));

	umask(before);
	return (result);
}

static bool
somebody_listens(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int result =
	    connect(fd, (const struct sockaddr *)address, sizeof(*address));
	bool stale = result != 0 && errno == ECONNREFUSED;

	close(fd);
	return (!stale);
}

int
listener_open_unix(const char *path, struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd, result;

	if (strlen(path) >= sizeof(address.sun_path))
		return (error_set(err,
		    "%s: too long for a socket, at most %zu bytes", path,
		    sizeof(address.sun_path) - 1));
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return (error_set(err, "%s: %m", path));
	result = bind_private(fd, &address);
	if (result != 0 && errno == EADDRINUSE) {
		if (somebody_listens(&address)) {
			close(fd);
			return (error_set(
			    err, "%s: another process listens there", path));
		}
		unlink(path);
		result = bind_private(fd, &address);
	}
	if (result == 0 && listen(fd, BACKLOG) == 0)
		return (fd);
	error_set(err, "%s: %m", path);
	close(fd);
	return (-1);
}
