/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * udp_parts.h - what the files of udp share.
 */
#ifndef PHAROS_PROBES_OWD_UDP_PARTS_H
#define PHAROS_PROBES_OWD_UDP_PARTS_H

#include <sys/queue.h>

#include "probes/owd/gather.h"
#include "probes/owd/udp.h"

struct udp_fault {
	uint8_t who[16];
	uint8_t family, type, code; /* family 0: nobody found fault */
	uint32_t mtu;
};

struct udp {
	const struct probe_host *host;
	struct udp_calls *calls; /* the newest */
	struct gather *gather;   /* NULL: nothing is to arrive */
	struct gather_source source;
	int fd;
	uint8_t family;
	bool connected;
	union address local, peer; /* peer: family 0, and port 0: unknown yet */
	LIST_ENTRY(udp) bound;     /* while local is known */
	/* what is sent is stamped, and counted by the kernel; blind: that was
	 * so, but its count is not known any more */
	bool stamps, blind;
	uint64_t next;  /* number of the next packet that is stamped */
	uint64_t base;  /* number of the one that the kernel counted as 0 */
	uint32_t drops; /* before it was connected */
	struct udp_fault fault;
	uint32_t refusals;
	int error; /* errno of what is not explained by a fault; 0: none */
};

in_port_t udp_port_of(const union address *address); /* network order */
/* udp_bind.c */
int udp_bind(struct udp *udp, const struct udp_about *about, struct error *err);
void udp_unbind(struct udp *udp);
/* There is something to read. */
void udp_ready(void *udp);
/* Is what is sent to be stamped from here on? It is counted on. */
void udp_stamp(const struct udp *udp, bool stamped);
/* Which of the packets from base to before next the kernel means, who has 32 bits
 * to count them; UDP_NO_STAMP: none of them. */
uint64_t udp_number(uint64_t base, uint64_t next, uint32_t told);

#endif
