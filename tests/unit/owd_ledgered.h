/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * owd_ledgered.h - a session's ledger, told of arrivals and statements.
 *
 * Whatever fails fails the test.
 */
#ifndef PHAROS_TESTS_UNIT_OWD_LEDGERED_H
#define PHAROS_TESTS_UNIT_OWD_LEDGERED_H

#include "common/error.h"
#include "probes/owd/ledger.h"

#define START (INT64_C(1795300000) * NS_PER_S) /* a multiple of 10 s and 20 s */
#define TIMEOUT (2 * NS_PER_S)
#define INTERVAL (10 * NS_PER_S)
#define PATH (5 * NS_PER_MS)
#define LATE_BY 700 /* ns, of each packet's sending */

extern const uint8_t ledgered_sid[KEYS_SID];
/* Packet i is due (i + 1) * 100 ms behind START, and a bit: 99 of them in the first
 * interval. */
extern const struct slot ledgered_tenth;

/* Of ledgered_sid, from START on; interval 0: all is one. */
struct ledger *ledgered_new(
    const struct slot *slot, nanoseconds interval, uint32_t packets);
struct ledger *ledgered_tenths(void); /* in INTERVALs, without end */

/* Sent LATE_BY behind when it was due, as its own stamp has it. */
void ledgered_arrive(
    struct ledger *ledger, uint32_t sequence, nanoseconds delay);
/* first..next-1, PATH later. */
void ledgered_arrive_all(struct ledger *ledger, uint32_t first, uint32_t next);

/* That first..next-1 were sent; -1: it is refused. */
int ledgered_try_state(
    struct ledger *ledger, uint32_t first, uint32_t next, struct error *err);
void ledgered_state(struct ledger *ledger, uint32_t first, uint32_t next);

/* The oldest interval. */
struct findings ledgered_close(struct ledger *ledger);
/* The same, stated: its counts. */
void ledgered_check(struct ledger *ledger, uint32_t sent, uint32_t received,
    uint32_t late, uint32_t skipped);

#endif
