/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ping_floor - what the machine itself takes for echo requests on loopback.
 *
 *   ping_floor COUNT
 *
 * One raw socket, batches of 64, the kernel's stamps both ways; no run, no
 * record, no timer, and nothing is looked at but how much came. Prints how many
 * answers and stamps that were.
 */
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/log.h"

#define BATCH 64
#define SIZE 64  /* bytes: as ping sends them */
#define ROOM 512 /* bytes, of what is read */

static uint8_t request[BATCH][SIZE], room[BATCH][ROOM], control[BATCH][ROOM];
static struct sockaddr_in targets[BATCH], from[BATCH];
static struct iovec out[BATCH], in[BATCH];
static struct mmsghdr sent[BATCH], received[BATCH];

static int
open_socket(void)
{
	int flags = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE |
		    SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_OPT_ID |
		    SOF_TIMESTAMPING_OPT_TSONLY;
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), bytes = 16 << 20;
	struct icmp_filter {
		uint32_t data;
	} filter = {~(UINT32_C(1) << ICMP_ECHOREPLY)};

	if (fd == -1)
		log_fatal("raw socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof(flags));
	setsockopt(fd, SOL_RAW, 1 /* ICMP_FILTER */, &filter, sizeof(filter));
	return (fd);
}

static void
fill(unsigned i, unsigned number)
{
	struct icmphdr *header = (struct icmphdr *)(void *)request[i];
	uint32_t sum = ICMP_ECHO << 8;

	header->type = ICMP_ECHO;
	header->un.echo.sequence = htons((uint16_t)number);
	sum += (uint16_t)number;
	sum = (sum & 0xffff) + (sum >> 16);
	header->checksum = htons((uint16_t)~sum);
	targets[i].sin_family = AF_INET;
	targets[i].sin_addr.s_addr = htonl(0x7f010001 + number);
	out[i] = (struct iovec){request[i], SIZE};
	sent[i].msg_hdr = (struct msghdr){.msg_name = &targets[i],
	    .msg_namelen = sizeof(targets[i]),
	    .msg_iov = &out[i],
	    .msg_iovlen = 1};
}

static unsigned
receive(int fd, int flags)
{
	int n;

	for (unsigned i = 0; i < BATCH; i++) {
		in[i] = (struct iovec){room[i], ROOM};
		received[i].msg_hdr = (struct msghdr){.msg_name = &from[i],
		    .msg_namelen = sizeof(from[i]),
		    .msg_iov = &in[i],
		    .msg_iovlen = 1,
		    .msg_control = control[i],
		    .msg_controllen = ROOM};
	}
	n = recvmmsg(fd, received, BATCH, flags | MSG_DONTWAIT, NULL);
	return (n > 0 ? (unsigned)n : 0);
}

int
main(int argc, char **argv)
{
	unsigned count, answers = 0, stamps = 0, number = 0, batch;
	int fd;

	log_open("ping_floor", false);
	if (argc != 2)
		log_fatal("usage: ping_floor COUNT");
	count = (unsigned)strtoul(argv[1], NULL, 10);
	fd = open_socket();
	while (number < count) {
		for (batch = 0; batch < BATCH && number < count; batch++)
			fill(batch, number++);
		if (sendmmsg(fd, sent, batch, 0) != (int)batch)
			log_fatal("sendmmsg");
		stamps += receive(fd, MSG_ERRQUEUE);
		answers += receive(fd, 0);
	}
	printf("%u %u\n", answers, stamps);
	return (0);
}
