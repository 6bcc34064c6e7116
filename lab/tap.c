/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/error.h"

#define DEVICE "/dev/net/tun"
#define FRAME_MOST 65536

static int
make(int fd, const char *name, struct error *err)
{
	struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};

	strncpy(request.ifr_name, name, IFNAMSIZ - 1);
	if (ioctl(fd, TUNSETIFF, &request) == -1)
		return (error_set(err, "interface %s: %m", name));
	return (0);
}

/* In a user namespace the queue may only be set by netlink: so it is by who gives
 * the interface its addresses. */
static int
set_queue(int fd, struct ifreq *request)
{
	request->ifr_qlen = TAP_QUEUE;
	return (
	    ioctl(fd, SIOCSIFTXQLEN, request) == -1 && errno != EPERM ? -1 : 0);
}

static int
shape(const char *name, const uint8_t address[static 6], struct tap *tap,
    struct error *err)
{
	struct ifreq request = {.ifr_flags = 0};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), status;

	strncpy(request.ifr_name, name, IFNAMSIZ - 1);
	status = fd == -1 ? -1 : set_queue(fd, &request);
	request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
	memcpy(request.ifr_hwaddr.sa_data, address, 6);
	if (status == 0)
		status = ioctl(fd, SIOCSIFHWADDR, &request);
	if (status == 0)
		status = ioctl(fd, SIOCGIFINDEX, &request);
	if (status == -1)
		error_set(err, "interface %s: %m", name);
	tap->index = request.ifr_ifindex;
	if (fd != -1)
		close(fd);
	return (status);
}

static int
refused(struct error *err)
{
	if (errno == ENOENT || errno == ENODEV)
		return (
		    error_set(err, DEVICE ": %m; links need it: modprobe tun"));
	return (error_set(err,
	    DEVICE ": %m; links need it: run as root, or let others open it: "
		   "chmod 666 " DEVICE));
}

int
tap_open(struct tap *tap, const char *name, const uint8_t address[static 6],
    struct error *err)
{
	tap->fd = open(DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (tap->fd == -1)
		return (refused(err));
	if (make(tap->fd, name, err) == 0 &&
	    shape(name, address, tap, err) == 0)
		return (0);
	close(tap->fd);
	tap->fd = -1;
	return (-1);
}

void
tap_drain(const struct tap *tap)
{
	char frame[FRAME_MOST];

	while (read(tap->fd, frame, sizeof(frame)) > 0)
		;
}
