/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * owd_caller.h - a client of an OWAMP-Control server, over TCP, for tests.
 *
 * What the server says is copied as it comes; a test waits until it has said what
 * it waits for.
 */
#ifndef PHAROS_TESTS_UNIT_OWD_CALLER_H
#define PHAROS_TESTS_UNIT_OWD_CALLER_H

#include <event2/event.h>

#include "common/clock.h"
#include "common/error.h"
#include "probes/owamp/client.h"

struct caller {
	struct event_base *base;
	struct client *client;
	struct bufferevent *stream;
	bool gone; /* the connection is over; why is empty if the server's
	                     end of it closed */
	struct error why;
	int said[CLIENT_END + 1]; /* how often it said so */
	struct message_accepted accepted;
	uint8_t started;
	struct message_stop stop;
	struct message_stopped stopped; /* the first of its sessions */
	struct message_skip skips[10];  /* of that, or fetched */
	struct message_fetched fetched;
	struct message_request session; /* without slots */
	struct message_record *records;
	int record_count;
	uint32_t stated, stamps; /* packets that were spoken of, and so */
};

/* Calls 127.0.0.1, or ::1 where family is 6. */
void caller_open(struct caller *caller, struct event_base *base, int family,
    uint16_t port, const struct client_wish *wish);
void caller_close(struct caller *caller);
/* Sends what the client has written. */
void caller_flush(struct caller *caller);

/* Runs the loop until it has said so once more than before, or is gone. */
void caller_expect(struct caller *caller, enum client_event event);
void caller_expect_end(struct caller *caller);
/* What was asked for begins. */
void caller_start(struct caller *caller);
/* All that the server has of a session. */
void caller_fetch(struct caller *caller, const uint8_t sid[static KEYS_SID]);

#endif
