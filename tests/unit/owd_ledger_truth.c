/* SPDX-License-Identifier: BSD-2-Clause */
/* A path that loses, doubles, delays and reorders, and what a ledger makes of it. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/memory.h"
#include "probes/owamp/ntp.h"
#include "probes/owd/ledger.h"

#define START (INT64_C(1795300000) * NS_PER_S) /* a multiple of 10 s */
#define TIMEOUT (2 * NS_PER_S)
#define INTERVAL (10 * NS_PER_S)

static const uint8_t sid[KEYS_SID] = {1, 2, 3};

/* What is to come of each packet of a session, by interval. */
struct truth {
	uint32_t sent, received, late, lost, skipped, duplicates;
};

#define FATES 30000
#define SPANS 128

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
	struct truth truth[SPANS];
	struct delivery *deliveries;
	size_t count;
	uint8_t *unsent;
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

	w->end = due;
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
	struct message_skip unsent[FATES];
	struct message_statement s = {
	    .first = ledger_stated(w->ledger), .unsent = unsent};
	struct error err;

	memcpy(s.sid, sid, sizeof(sid));
	s.next = s.first;
	while (s.next < FATES && ledger_due(w->ledger, s.next) < now) {
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
	struct findings f;

	findings_begin(&f);
	while (!ledger_close(w->ledger, &f))
		continue;

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

static void
every_count_equals_the_truth(void **state_)
{
	const struct slot poisson = {SLOT_EXPONENTIAL, NTP_S / 50};
	const struct ledger_about about = {
	    .sid = sid,
	    .start = ntp_of_wall(START),
	    .slots = &poisson,
	    .slot_count = 1,
	    .packets = MESSAGE_NEXT_UNKNOWN,
	    .timeout = TIMEOUT,
	    .interval = INTERVAL,
	};

	for (uint64_t seed = 1; seed < 4; seed++) {
		struct world w = {.seed = seed};

		w.ledger = ledger_new(&about);
		w.deliveries = memory_new(2 * FATES, sizeof(*w.deliveries));
		w.unsent = memory_new(FATES, 1);
		for (uint32_t i = 0; i < FATES; i++)
			decide(&w, i);
		qsort(w.deliveries, w.count, sizeof(*w.deliveries), by_time);
		live_through(&w);
		ledger_free(w.ledger);
		free(w.deliveries);
		free(w.unsent);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_count_equals_the_truth),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
