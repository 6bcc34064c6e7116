/* SPDX-License-Identifier: BSD-2-Clause */
/* A path that loses, doubles, delays and reorders, and what a ledger makes of it. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/memory.h"
#include "probes/owamp/ntp.h"
#include "tests/unit/owd_ledgered.h"

/* What is to come of each packet of a session, by interval. */
struct truth {
	uint32_t sent, received, late, lost, skipped, duplicates;
};

#define FATES 30000
#define DAY 86400 /* seconds; two packets in each */

struct delivery {
	nanoseconds when;
	uint32_t sequence;
	nanoseconds sent;
};

static int
by_time(const void *a, const void *b)
{
	const struct delivery *x = a, *y = b;

	return (x->when < y->when ? -1 : x->when > y->when);
}

static uint32_t
draw(uint64_t *seed, uint32_t below)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return ((uint32_t)(*seed >> 33) % below);
}

struct world {
	struct ledger *ledger;
	uint32_t fates;
	struct truth *truth;
	struct delivery *deliveries;
	size_t count;
	uint8_t *unsent;
	nanoseconds *due; /* of each packet */
	nanoseconds end;
	uint64_t seed;
};

static void
deliver(struct world *w, uint32_t sequence, nanoseconds sent, nanoseconds delay)
{
	w->deliveries[w->count++] =
	    (struct delivery){sent + delay, sequence, sent};
}

static void
decide(struct world *w, uint32_t sequence)
{
	nanoseconds due = ledger_due(w->ledger, sequence);
	struct truth *t = &w->truth[(due - START) / INTERVAL];
	uint32_t fate = draw(&w->seed, 100);
	nanoseconds delay = draw(&w->seed, 1500) * NS_PER_MS;

	w->end = w->due[sequence] = due;
	w->unsent[sequence] = fate < 5;
	if (fate < 5) {
		t->skipped++;
		return;
	}
	t->sent++;
	if (fate < 15) {
		t->lost++;
		return;
	}
	if (fate < 20) {
		t->lost++;
		t->late++;
		deliver(w, sequence, due, TIMEOUT + 1 + delay);
		return;
	}
	t->received++;
	deliver(w, sequence, due, delay);
	if (fate < 30) {
		t->duplicates++;
		deliver(w, sequence, due, delay + 1 + draw(&w->seed, 100));
	}
}

/* All that was decided before `now` and is not stated yet. */
static void
say(struct world *w, nanoseconds now)
{
	static struct message_skip unsent[FATES];
	struct message_statement s = {
	    .first = ledger_stated(w->ledger), .unsent = unsent};
	struct error err;

	memcpy(s.sid, ledgered_sid, KEYS_SID);
	s.next = s.first;
	while (s.next < w->fates && w->due[s.next] < now) {
		if (w->unsent[s.next])
			unsent[s.unsent_count++] =
			    (struct message_skip){s.next, s.next};
		s.next++;
	}
	if (ledger_state(w->ledger, &s, &err) == -1)
		fail_msg("%s", err.text);
}

static void
check_truth(struct world *w, const struct truth *t, unsigned i)
{
	struct findings f = ledgered_close(w->ledger);

	if (!f.stated || f.totals.sent != t->sent ||
	    f.totals.received != t->received || f.totals.late != t->late ||
	    f.totals.lost != t->lost || f.totals.skipped != t->skipped ||
	    f.totals.duplicates != t->duplicates)
		fail_msg("seed %" PRIu64 ", interval %u: sent %u received %u "
			 "late %u lost %u skipped %u duplicates %u, expected "
			 "%u %u %u %u %u %u",
		    w->seed, i, f.totals.sent, f.totals.received, f.totals.late,
		    f.totals.lost, f.totals.skipped, f.totals.duplicates,
		    t->sent, t->received, t->late, t->lost, t->skipped,
		    t->duplicates);
	findings_clear(&f);
}

/* Tick by tick: statements now and then, a close when its time has come. */
static void
live_through(struct world *w)
{
	unsigned closed = 0, cut = 0;
	size_t next = 0;

	for (nanoseconds now = START; now < w->end; now += 50 * NS_PER_MS) {
		for (; next < w->count && w->deliveries[next].when <= now;
		     next++) {
			const struct delivery *d = &w->deliveries[next];
			const struct ledger_arrival a = {
			    .sequence = d->sequence,
			    .sent = d->sent,
			    .received = d->when,
			    .ttl = ACCOUNT_NO_TTL};

			ledger_arrived(w->ledger, &a);
		}
		if (draw(&w->seed, 40) == 0)
			say(w, now);
		if (now >= START + (cut + 1) * INTERVAL)
			ledger_cut(w->ledger, START + ++cut * INTERVAL);
		if (now < START + (closed + 1) * INTERVAL + 2 * TIMEOUT)
			continue;
		say(w, now);
		assert_true(ledger_settled(w->ledger));
		check_truth(w, &w->truth[closed], closed);
		closed++;
	}
	assert_true(closed > 10);
}

/* An interval has as many packets as it is seconds long times the rate, and more. */
static void
live(uint64_t seed, uint32_t packets, uint32_t rate)
{
	const struct slot poisson = {SLOT_EXPONENTIAL, NTP_S / rate};
	struct world w = {.seed = seed, .fates = packets};

	w.truth = memory_new(2 * packets / rate, sizeof(*w.truth));
	w.ledger = ledgered_new(&poisson, INTERVAL, MESSAGE_NEXT_UNKNOWN);
	w.deliveries = memory_new(2 * packets, sizeof(*w.deliveries));
	w.unsent = memory_new(packets, 1);
	w.due = memory_new(packets, sizeof(*w.due));
	for (uint32_t i = 0; i < packets; i++)
		decide(&w, i);
	qsort(w.deliveries, w.count, sizeof(*w.deliveries), by_time);
	live_through(&w);
	assert_true(ledger_size(w.ledger) < 64 * 1024);
	ledger_free(w.ledger);
	free(w.deliveries);
	free(w.unsent);
	free(w.due);
	free(w.truth);
}

static void
every_count_equals_the_truth(void **state)
{
	for (uint64_t seed = 1; seed < 4; seed++)
		live(seed, FATES, 50);
}

/* As long as a session lasts: it takes no more room in the end than at first. */
static void
a_day_is_counted_as_a_minute_is(void **state)
{
	live(4, 2 * DAY, 2);
}

/* Each session takes over from the one before, day by day: a packet every 0.7 s
 * for ten years, within a nanosecond for each of them, and no session before it. */
static void
fixed_times_go_on_for_years(void **state)
{
	const struct slot slot = {
	    SLOT_FIXED, ntp_of_duration(7 * NS_PER_S / 10)};
	nanoseconds border = START, start = START, due = 0;
	int days = 3652;

	for (int day = 0; day < days; day++) {
		const struct ledger_about about = {.sid = ledgered_sid,
		    .start = ntp_of_wall(start),
		    .from = border,
		    .slots = &slot,
		    .slot_count = 1,
		    .packets = MESSAGE_NEXT_UNKNOWN,
		    .timeout = TIMEOUT,
		    .interval = INTERVAL};
		struct ledger *l = ledger_new(&about);

		due = ledger_due(l, 0);
		assert_true(border <= due && due <= border + 7 * NS_PER_S / 10);
		ledger_cut(l, border);
		assert_int_equal(ledger_cuts(l), 0);
		border += DAY * NS_PER_S;
		assert_true(ledger_follow(l, border, &start));
		ledger_free(l);
	}
	due -= START;
	due %= 7 * NS_PER_S / 10;
	if (due > NS_PER_S / 3)
		due -= 7 * NS_PER_S / 10;
	/* beside what the wire makes of a length: 0.1 ns a packet */
	assert_in_range(due + 100 * NS_PER_MS, 0, 200 * NS_PER_MS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_count_equals_the_truth),
	    cmocka_unit_test(a_day_is_counted_as_a_minute_is),
	    cmocka_unit_test(fixed_times_go_on_for_years),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
