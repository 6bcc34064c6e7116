/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/capture.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/error.h"
#include "common/memory.h"
#include "lab/netns.h"

#define BLOCK (1 << 20)
#define BLOCKS 32 /* 32 MB: a second and more of 20,000 full frames/s */

struct capture {
	int fd;
	uint8_t *ring;
	unsigned next; /* block */
	uint64_t drops;
	const char *interface; /* while it is opened */
};

static int
set(int fd, int option, const void *value, socklen_t size)
{
	return (setsockopt(fd, SOL_PACKET, option, value, size));
}

static int
make_ring(struct capture *capture)
{
	struct tpacket_req3 ring = {.tp_block_size = BLOCK,
	    .tp_block_nr = BLOCKS,
	    .tp_frame_size = 1 << 14,
	    .tp_frame_nr = BLOCKS * (BLOCK >> 14),
	    .tp_retire_blk_tov = (unsigned)(CAPTURE_DELAY / NS_PER_MS)};
	int version = TPACKET_V3, yes = 1;

	if (set(capture->fd, PACKET_VERSION, &version, sizeof(version)) == -1 ||
	    set(capture->fd, PACKET_RX_RING, &ring, sizeof(ring)) == -1 ||
	    /* the stamp of when it passed, not of when it was copied */
	    setsockopt(capture->fd, SOL_SOCKET, SO_TIMESTAMPNS, &yes,
		sizeof(yes)) == -1)
		return (-1);
	capture->ring = mmap(NULL, (size_t)BLOCK * BLOCKS,
	    PROT_READ | PROT_WRITE, MAP_SHARED, capture->fd, 0);
	if (capture->ring == MAP_FAILED)
		capture->ring = NULL;
	return (capture->ring != NULL ? 0 : -1);
}

static int
open_inside(void *arg, struct error *err)
{
	struct capture *capture = arg;
	struct sockaddr_ll address = {
	    .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};

	if (capture->interface != NULL &&
	    (address.sll_ifindex = (int)if_nametoindex(capture->interface)) ==
		0)
		return (error_set(err, "%s: %m", capture->interface));
	/* no protocol: nothing arrives before it is bound */
	capture->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (capture->fd == -1 || make_ring(capture) == -1 ||
	    bind(capture->fd, (struct sockaddr *)&address, sizeof(address)) ==
		-1)
		return (error_set(err, "watching packets: %m"));
	return (0);
}

struct capture *
capture_new(int netns, const char *interface, struct error *err)
{
	struct capture *capture = memory_new(1, sizeof(*capture));

	*capture = (struct capture){.fd = -1, .interface = interface};
	if (netns_call(netns, open_inside, capture, err) == -1) {
		capture_free(capture);
		return (NULL);
	}
	return (capture);
}

void
capture_free(struct capture *capture)
{
	if (capture == NULL)
		return;
	if (capture->ring != NULL)
		munmap(capture->ring, (size_t)BLOCK * BLOCKS);
	if (capture->fd != -1)
		close(capture->fd);
	free(capture);
}

int
capture_fd(const struct capture *capture)
{
	return (capture->fd);
}

static void
hand_over(const struct tpacket3_hdr *head, capture_call call, void *arg)
{
	const uint8_t *at = (const uint8_t *)head;
	const struct sockaddr_ll *from =
	    (const void *)(at + TPACKET_ALIGN(sizeof(*head)));

	call(&(struct capture_frame){.stamp = head->tp_sec * NS_PER_S +
					      head->tp_nsec,
		 .outgoing = from->sll_pkttype == PACKET_OUTGOING,
		 .data = at + head->tp_mac,
		 .length = head->tp_snaplen},
	    arg);
}

static void
read_block(const struct tpacket_block_desc *block, capture_call call, void *arg)
{
	const uint8_t *at =
	    (const uint8_t *)block + block->hdr.bh1.offset_to_first_pkt;

	for (uint32_t i = 0; i < block->hdr.bh1.num_pkts; i++) {
		const struct tpacket3_hdr *head = (const void *)at;

		hand_over(head, call, arg);
		at += head->tp_next_offset;
	}
}

/* That the interface is down is an error until it is read. */
static void
clear_error(int fd)
{
	int trouble;
	socklen_t size = sizeof(trouble);

	(void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &trouble, &size);
}

void
capture_read(struct capture *capture, capture_call call, void *arg)
{
	clear_error(capture->fd);
	for (;;) {
		struct tpacket_block_desc *block =
		    (void *)(capture->ring + (size_t)capture->next * BLOCK);
		uint32_t *status = &block->hdr.bh1.block_status;

		if ((__atomic_load_n(status, __ATOMIC_ACQUIRE) &
			TP_STATUS_USER) == 0)
			return;
		read_block(block, call, arg);
		__atomic_store_n(status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
		capture->next = (capture->next + 1) % BLOCKS;
	}
}

uint64_t
capture_drops(struct capture *capture)
{
	struct tpacket_stats_v3 stats = {0}; /* since the last time */
	socklen_t size = sizeof(stats);

	if (getsockopt(
		capture->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0)
		capture->drops += stats.tp_drops;
	return (capture->drops);
}
