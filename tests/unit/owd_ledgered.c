/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/owd_ledgered.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "probes/owamp/ntp.h"

const uint8_t ledgered_sid[KEYS_SID] = {1, 2, 3};
const struct slot ledgered_tenth = {SLOT_FIXED, NTP_S / 10 + 1};

struct ledger *
ledgered_new(const struct slot *slot, nanoseconds interval, uint32_t packets)
{
	const struct ledger_about about = {
	    .sid = ledgered_sid,
	    .start = ntp_of_wall(START),
	    .slots = slot,
	    .slot_count = 1,
	    .packets = packets,
	    .timeout = TIMEOUT,
	    .interval = interval,
	};

	return (ledger_new(&about));
}

struct ledger *
ledgered_tenths(void)
{
	return (ledgered_new(&ledgered_tenth, INTERVAL, MESSAGE_NEXT_UNKNOWN));
}

void
ledgered_arrive(struct ledger *ledger, uint32_t sequence, nanoseconds delay)
{
	const nanoseconds sent = ledger_due(ledger, sequence) + LATE_BY;
	const struct ledger_arrival arrival = {
	    .sequence = sequence,
	    .sent = sent,
	    .received = sent + delay,
	    .ttl = 250,
	    .received_by = STAMP_KERNEL,
	    .synchronised = true,
	    .error = 1000,
	};

	ledger_arrived(ledger, &arrival);
}

void
ledgered_arrive_all(struct ledger *ledger, uint32_t first, uint32_t next)
{
	for (uint32_t i = first; i < next; i++)
		ledgered_arrive(ledger, i, PATH);
}

int
ledgered_try_state(
    struct ledger *ledger, uint32_t first, uint32_t next, struct error *err)
{
	struct message_statement s = {.first = first, .next = next};

	memcpy(s.sid, ledgered_sid, KEYS_SID);
	return (ledger_state(ledger, &s, err));
}

void
ledgered_state(struct ledger *ledger, uint32_t first, uint32_t next)
{
	struct error err;

	if (ledgered_try_state(ledger, first, next, &err) == -1)
		fail_msg("%s", err.text);
}

struct findings
ledgered_close(struct ledger *ledger)
{
	struct findings findings;

	findings_begin(&findings);
	while (!ledger_close(ledger, &findings))
		continue;
	return (findings);
}

void
ledgered_check(struct ledger *ledger, uint32_t sent, uint32_t received,
    uint32_t late, uint32_t skipped)
{
	struct findings f = ledgered_close(ledger);

	assert_true(f.stated);
	assert_int_equal(f.totals.sent, sent);
	assert_int_equal(f.totals.received, received);
	assert_int_equal(f.totals.lost, sent - received);
	assert_int_equal(f.totals.late, late);
	assert_int_equal(f.totals.skipped, skipped);
	findings_clear(&f);
}
