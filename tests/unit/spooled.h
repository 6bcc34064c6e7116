/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spooled.h - a spool of box "lon" in the test's folder, filled and looked into.
 *
 * Whatever fails fails the test. Records are told apart by their "mark".
 */
#ifndef PHAROS_TESTS_UNIT_SPOOLED_H
#define PHAROS_TESTS_UNIT_SPOOLED_H

#include "agent/spool.h"

/* When these tests take place, wall-clock, and more bytes than they need. */
#define SPOOLED_AT (INT64_C(1795300000) * NS_PER_S)
#define SPOOLED_ROOM (INT64_C(1) << 30)

extern const struct spool_limits spooled_limits; /* no test reaches them */

/* Runs may start a second later. */
struct spool *spooled_open(
    void **state, const struct spool_limits *limits, nanoseconds now);
void spooled_add(struct spool *spool, int64_t mark);
void spooled_commit(struct spool *spool, nanoseconds now);
/* Another process opens it at SPOOLED_AT, does this, and dies as by kill -9: what
 * was not committed is lost. */
void spooled_kill(void **state, void (*live)(struct spool *spool));

/* The records of one batch, as an array; *last may be NULL. New reference. */
struct json_object *spooled_batch(
    struct spool *spool, size_t records, size_t bytes, struct record_id *last);
/* Record i of them, borrowed, and its mark; -1: it has none. */
struct json_object *spooled_at(struct json_object *batch, size_t i);
int64_t spooled_mark(struct json_object *batch, size_t i);

#endif
