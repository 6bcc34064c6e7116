/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths that do everything, and the same counted in plain words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/owamp_accounted.h"

/* One trial of a path that does everything, and the same in plain words. */
#define PACKETS 60

struct trial {
	nanoseconds delay[PACKETS]; /* LOST: nothing came */
	int copies[PACKETS];
	bool skipped[PACKETS];
	uint32_t order[4 * PACKETS]; /* as they arrive */
	size_t arrivals;
};

static void
swap(uint32_t *a, uint32_t *b)
{
	uint32_t keep_a = *a;

	*a = *b;
	*b = keep_a;
}

static void
make_trial(struct trial *trial)
{
	*trial = (struct trial){.arrivals = 0};
	for (uint32_t i = 0; i < PACKETS; i++) {
		trial->skipped[i] = lrand48() % 10 == 0;
		trial->delay[i] = LOST;
		if (trial->skipped[i] || lrand48() % 5 == 0)
			continue;
		trial->delay[i] = lrand48() % (11 * NS_PER_S / 10) - 1000;
		trial->copies[i] = lrand48() % 8 == 0 ? 3 : 1;
		for (int k = 0; k < trial->copies[i]; k++)
			trial->order[trial->arrivals++] = i;
	}
	for (size_t i = 1; i < trial->arrivals; i++) /* somewhat shuffled */
		if (lrand48() % 3 == 0)
			swap(&trial->order[i],
			    &trial->order[i - 1 -
					  (size_t)lrand48() % i % 5 % i]);
}

static bool
is_received(const struct trial *trial, uint32_t i)
{
	return (trial->delay[i] != LOST && trial->delay[i] <= TIMEOUT);
}

/* RFC 4737, straight from the text: among first copies in time. */
static uint32_t
naive_reordered(const struct trial *trial)
{
	bool seen[PACKETS] = {false};
	uint32_t n = 0;

	for (size_t i = 0; i < trial->arrivals; i++) {
		uint32_t s = trial->order[i];
		bool overtaken = false;

		if (seen[s] || !is_received(trial, s))
			continue;
		seen[s] = true;
		for (uint32_t k = s + 1; k < PACKETS; k++)
			overtaken |= seen[k];
		n += overtaken;
	}
	return (n);
}

static uint32_t
naive_periods(const struct trial *trial)
{
	bool before = false;
	uint32_t n = 0;

	for (uint32_t i = 0; i < PACKETS; i++) {
		bool lost = !is_received(trial, i);

		if (trial->skipped[i])
			continue;
		n += lost && !before;
		before = lost;
	}
	return (n);
}

static size_t
naive_variations(const struct trial *trial, nanoseconds *values)
{
	size_t n = 0;

	for (uint32_t i = 1; i < PACKETS; i++)
		if (is_received(trial, i) && is_received(trial, i - 1))
			values[n++] = trial->delay[i] - trial->delay[i - 1];
	return (n);
}

static uint32_t
make_ranges(const struct trial *trial, struct message_skip *ranges)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < PACKETS; i++) {
		if (!trial->skipped[i])
			continue;
		if (n > 0 && ranges[n - 1].last + 1 == i)
			ranges[n - 1].last = i;
		else
			ranges[n++] = (struct message_skip){i, i};
	}
	return (n);
}

static void
check_counts(const struct trial *trial, const struct account_totals *t)
{
	uint32_t sent = 0, received = 0, late = 0, duplicates = 0;

	for (uint32_t i = 0; i < PACKETS; i++) {
		sent += !trial->skipped[i];
		received += is_received(trial, i);
		late += trial->delay[i] != LOST && !is_received(trial, i);
		if (trial->copies[i] > 1)
			duplicates += (uint32_t)trial->copies[i] - 1;
	}
	assert_int_equal(t->sent, sent);
	assert_int_equal(t->skipped, PACKETS - sent);
	assert_int_equal(t->received, received);
	assert_int_equal(t->late, late);
	assert_int_equal(t->lost, sent - received);
	assert_int_equal(t->duplicates, duplicates);
	assert_int_equal(t->lost_locally, 0);
	assert_int_equal(t->outside, 0);
}

static void
check_trial(const struct trial *trial)
{
	struct message_skip ranges[PACKETS];
	struct account_statement said = {.next = PACKETS, .unsent = ranges};
	struct reorder order = {0};
	struct account *a = account_new(0, PACKETS, TIMEOUT, &order);
	struct accounted_samples got = {.count = 0};
	nanoseconds want[PACKETS];
	struct account_totals t;

	said.unsent_count = make_ranges(trial, ranges);
	for (size_t i = 0; i < trial->arrivals; i++)
		accounted_arrive(
		    a, trial->order[i], trial->delay[trial->order[i]]);
	assert_int_equal(account_check(a, &said, NULL), 0);
	account_close(a, &said, &t);
	check_counts(trial, &t);
	assert_int_equal(t.reordered, naive_reordered(trial));
	assert_int_equal(t.reordered_by[0], t.reordered);
	assert_int_equal(t.pattern.periods, naive_periods(trial));
	assert_int_equal(t.pattern.losses, t.lost);
	account_variations(a, &said, accounted_keep, &got);
	assert_int_equal(got.count, naive_variations(trial, want));
	assert_memory_equal(got.value, want, got.count * sizeof(*want));
	account_free(a);
}

static void
any_path_is_accounted_for(void **state)
{
	struct trial trial;

	for (int seed = 0; seed < 2000; seed++) {
		srand48(seed);
		make_trial(&trial);
		printf("# seed %d\n", seed);
		check_trial(&trial);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(any_path_is_accounted_for),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
