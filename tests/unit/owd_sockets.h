/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * owd_sockets.h - UDP sockets of this host, and what one that sends and one that
 * receives are told.
 *
 * Addresses are text. Whatever fails fails the test.
 */
#ifndef PHAROS_TESTS_UNIT_OWD_SOCKETS_H
#define PHAROS_TESTS_UNIT_OWD_SOCKETS_H

#include "probes/owd/udp.h"

#define SIZE 100  /* bytes of a packet */
#define LOGGED 64 /* packets */
/* on which no other program has ports */
#define QUIET "127.44.1.7"

struct sockets {
	struct event_base *base;
	int arrived, left;
	struct udp_arrival last;  /* void: data */
	uint8_t data[SIZE];       /* of that */
	bool by_kernel;           /* one arrival's stamp was */
	nanoseconds when[LOGGED]; /* by number: it left */
};
extern struct sockets sockets;
/* Count there what arrives, what has left, or both. */
extern struct udp_calls sockets_receive, sockets_send, sockets_both;

/* cmocka's setup and teardown. */
int sockets_make(void **state);
#define IN_SOCKETS(test) \
	cmocka_unit_test_setup_teardown(test, sockets_make, loop_remove)

union address sockets_address(const char *text, uint16_t port);
/* Any port; local is borrowed. */
struct udp_about sockets_about(
    struct udp_calls *calls, const union address *local);
struct udp *sockets_open(struct udp_calls *calls, const char *text);
void sockets_connect(struct udp *udp, const char *text, uint16_t port);
/* At one address, connected with each other. */
void sockets_open_pair(const char *text, struct udp **from, struct udp **to);
/* SIZE bytes: 1, 2, 3 and zeros; the packet's number. */
uint64_t sockets_send_one(struct udp *udp);

#endif
