/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/hellos.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/error.h"
#include "common/memory.h"
#include "lab/emulator/hello.h"
#include "lab/netns.h"

#define HEAD 128 /* bytes of a frame that say what it is */
#define OSPF 89

struct hellos {
	int fd;
	struct event *event;
	nanoseconds last;
	const char *interface; /* while it is opened */
};

/* Frames sent from here, IPv4 or IPv6 with OSPF in it: nobody is to be woken by
 * others. */
static struct sock_filter outgoing_ospf[] = {
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 0, 7),
    BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 2),
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ETH_HLEN + 9),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OSPF, 2, 3),
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ETH_HLEN + 6),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OSPF, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, HEAD),
    BPF_STMT(BPF_RET | BPF_K, 0),
};

static int
open_inside(void *arg, struct error *err)
{
	struct hellos *hellos = arg;
	const struct sock_fprog filter = {
	    sizeof(outgoing_ospf) / sizeof(*outgoing_ospf), outgoing_ospf};
	const struct sockaddr_ll address = {.sll_family = AF_PACKET,
	    .sll_protocol = htons(ETH_P_ALL),
	    .sll_ifindex = (int)if_nametoindex(hellos->interface)};

	/* no protocol: nothing arrives before it is bound */
	hellos->fd =
	    socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (hellos->fd == -1 ||
	    setsockopt(hellos->fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter,
		sizeof(filter)) == -1 ||
	    bind(hellos->fd, (const struct sockaddr *)&address,
		sizeof(address)) == -1)
		return (error_set(
		    err, "watching %s for hellos: %m", hellos->interface));
	return (0);
}

static void
on_frame(evutil_socket_t fd, short what, void *arg)
{
	struct hellos *hellos = arg;
	uint8_t frame[HEAD];
	ssize_t length = recv(fd, frame, sizeof(frame), 0);

	if (length > 0 && hello_is(frame, (size_t)length))
		hellos->last = clock_monotonic();
}

struct hellos *
hellos_new(
    struct event_base *base, int net, const char *interface, struct error *err)
{
	struct hellos *hellos = memory_new(1, sizeof(*hellos));

	*hellos = (struct hellos){.fd = -1, .interface = interface};
	if (netns_call(net, open_inside, hellos, err) == -1) {
		hellos_free(hellos);
		return (NULL);
	}
	hellos->interface = NULL;
	hellos->event =
	    event_new(base, hellos->fd, EV_READ | EV_PERSIST, on_frame, hellos);
	event_add(hellos->event, NULL);
	return (hellos);
}

void
hellos_free(struct hellos *hellos)
{
	if (hellos == NULL)
		return;
	if (hellos->event != NULL)
		event_free(hellos->event);
	if (hellos->fd != -1)
		close(hellos->fd);
	free(hellos);
}

nanoseconds
hellos_last(const struct hellos *hellos)
{
	return (hellos == NULL ? 0 : hellos->last);
}
