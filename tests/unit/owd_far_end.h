/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * owd_far_end.h - a client's end of a session's packets, in a test of the far end.
 */
#ifndef PHAROS_TESTS_UNIT_OWD_FAR_END_H
#define PHAROS_TESTS_UNIT_OWD_FAR_END_H

#include "probes/owd/catch.h"
#include "probes/owd/outbound.h"
#include "tests/unit/owd_caller.h"

struct end {
	struct caller *caller;
	struct udp_calls calls;
	struct udp *udp;
	struct turns *turns;
	struct outbound *outbound;
	struct catch *catch;
	struct keys keys;
	bool over;
	int caught;
};

/* A socket on 127.0.0.1, before the session is asked for. */
void end_open(struct end *end, struct caller *caller, bool sends);
void end_free(struct end *end);
void end_connect(struct end *end, uint16_t port);
/* When it was accepted: connects, and takes in packets with numbers that rise by
 * one; or, connected and started, sends. */
void end_catch(struct end *end, const struct message_request *request);
void end_send(
    struct end *end, const struct message_request *request, bool states);

#endif
