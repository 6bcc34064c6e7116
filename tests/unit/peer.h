/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * peer.h - a worker in a process of its own, spoken to over a socketpair.
 */
#ifndef PHAROS_TESTS_UNIT_PEER_H
#define PHAROS_TESTS_UNIT_PEER_H

#include <json-c/json.h>
#include <stdio.h>
#include <sys/types.h>

struct peer {
	pid_t pid;
	FILE *in, *out;
};

/* Setup and teardown; the teardown fails when the worker did. */
int peer_make(void **state);
int peer_unmake(void **state);
/* From now on plug-ins are the test's own. */
void peer_use_test_probes(void);

void peer_hang_up(struct peer *peer);
int peer_exit_status(struct peer *peer);
/* The next finding; NULL at the end of file. */
json_object *peer_hear(struct peer *peer);
void peer_open(struct peer *peer, const char *probe);

#endif
