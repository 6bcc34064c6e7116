/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crowd.h - boxes without a pharosd: thousands of them in one process.
 *
 * What they find out they print as one JSON object a line.
 */
#ifndef PHAROS_BENCH_CROWD_H
#define PHAROS_BENCH_CROWD_H

#include <netinet/in.h>

#include "bench/identity.h"
#include "common/clock.h"

struct event_base;

struct crowd {
	const char *folder;    /* certificates, ca.pem, hello.json */
	struct sockaddr_in to; /* the collector */
	const char *test, *probe;
	size_t first, boxes; /* whose connections are ours */
	size_t mesh;         /* boxes of the test's mesh */
	size_t pairs;        /* that each measures; 0: all others */
	nanoseconds start;
	size_t minutes, batch, sequence;
	const char *epoch;
	double pause;  /* seconds between batches of one connection */
	size_t plans;  /* how many hold a request for their plan, too */
	double beat;   /* seconds between hellos */
	double second; /* of two: 0 or 1, spreads addresses of processes */

	struct event_base *base;
	struct identities identities;
};

/* The address that a box connects from, for one has too few ports. */
void crowd_address(
    const struct crowd *crowd, size_t box, struct sockaddr_in *from);
/* All batches of all boxes, each over one connection, the next when the last is
 * acknowledged. 0 when all were. */
int crowd_send(struct crowd *crowd);
/* Says hello and holds plans until it is killed; comes back as agents do. */
int crowd_hold(struct crowd *crowd);

#endif
