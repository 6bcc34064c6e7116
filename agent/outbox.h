/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * outbox.h - records on their way to the collector, one batch at a time.
 *
 * A batch leaves the spool when it is acknowledged, and is asked for again until
 * then; one that the collector finds too large is halved. For uplink.c.
 */
#ifndef PHAROS_AGENT_OUTBOX_H
#define PHAROS_AGENT_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "common/clock.h"

struct error;
struct fetch_about;
struct fetch_reply;
struct json_object;
struct outbox;
struct spool;
struct uplink_calls;

/* All borrowed; collector is its URL. Of the calls it makes delivered and
 * set_back. */
struct outbox *outbox_new(struct spool *spool, const char *collector,
    const struct uplink_calls *calls, void *arg);
void outbox_free(struct outbox *outbox); /* NULL is fine */
/* The spool has committed something: there may be a batch. */
void outbox_look(struct outbox *outbox);
/* The request for the next batch; false: nothing waits. */
bool outbox_next(struct outbox *outbox, struct fetch_about *about);
/* Its answer, as lane_calls has it. */
int outbox_answer(
    struct outbox *outbox, const struct fetch_reply *reply, struct error *err);
/* Any other answer that says what the collector has of our epoch ("accepted",
 * "heard"): is it more than was ever sent? True after set_back was called. */
bool outbox_set_back(struct outbox *outbox, struct json_object *answer);

struct outbox_tally {
	uint64_t delivered, refused; /* records, since the start */
	nanoseconds last_ack;        /* wall-clock; 0: never */
};
const struct outbox_tally *outbox_tally(const struct outbox *outbox);

#endif
