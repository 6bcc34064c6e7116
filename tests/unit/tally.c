/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define TIMEOUT (2 * NS_PER_S)
#define COUNT 10

static int
make(void **state)
{
	static struct tally tally;

	if (tally_init(&tally, 0, COUNT, TIMEOUT) == -1)
		return (-1);
	for (uint32_t i = 0; i < COUNT; i++)
		tally_sent(&tally, i, i * NS_PER_S, i);
	*state = &tally;
	return (0);
}

static int
unmake(void **state)
{
	tally_free(*state);
	return (0);
}

static bool
answer(struct tally *tally, uint32_t packet, nanoseconds after)
{
	struct stamp came = {packet * NS_PER_S + after, 0};
	nanoseconds rtt;

	return (tally_answer(tally, packet, came.kernel, &came, &rtt));
}

static struct tally_totals
total(struct tally *tally, uint32_t drops)
{
	const struct tally_drops of = {drops, drops};
	struct tally_totals t;

	tally_total(tally, &of, &t);
	assert_int_equal(t.sent, t.received + t.lost + t.lost_locally);
	assert_true(t.late + t.corrupted <= t.lost);
	return (t);
}

static void
answers_in_time_are_received(void **state)
{
	const struct stamp came = {3 * NS_PER_S + 5, 0};
	nanoseconds rtt;

	assert_true(tally_answer(*state, 3, came.kernel, &came, &rtt));
	assert_int_equal(rtt, 5);
	assert_int_equal(total(*state, 0).received, 1);
	assert_int_equal(total(*state, 0).lost, COUNT - 1);
}

static void
late_answers_are_part_of_the_lost(void **state)
{
	assert_true(answer(*state, 0, TIMEOUT));
	assert_false(answer(*state, 1, TIMEOUT + 1));
	assert_int_equal(total(*state, 0).late, 1);
	assert_int_equal(total(*state, 0).lost, COUNT - 1);
}

static void
further_copies_are_duplicates_of_none(void **state)
{
	answer(*state, 0, 1);
	assert_false(answer(*state, 0, 2));
	assert_false(answer(*state, 0, 3));
	answer(*state, 1, TIMEOUT + 1);
	assert_false(answer(*state, 1, TIMEOUT + 2));
	assert_int_equal(total(*state, 0).duplicates, 3);
	assert_int_equal(total(*state, 0).received, 1);
}

static void
reordering_is_that_of_rfc_4737(void **state)
{
	const uint32_t order[] = {0, 2, 1, 5, 3, 4, 6};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		answer(*state, order[i], 1);
	answer(*state, 1, 2); /* a copy is not reordered */
	assert_int_equal(total(*state, 0).reordered, 3);
}

static void
a_good_copy_outweighs_a_damaged_one(void **state)
{
	tally_damage(*state, 0);
	tally_damage(*state, 1);
	answer(*state, 1, 1);
	answer(*state, 2, 1);
	tally_damage(*state, 2);
	assert_int_equal(total(*state, 0).corrupted, 1);
	assert_int_equal(total(*state, 0).received, 2);
}

static void
own_drops_are_never_blamed_on_the_path(void **state)
{
	answer(*state, 0, 1);
	answer(*state, 1, TIMEOUT + 1);
	tally_trouble(*state, 2);
	assert_int_equal(total(*state, 3).lost_locally, 3);
	assert_int_equal(total(*state, 3).lost, COUNT - 1 - 3);
	/* those that are explained otherwise stay with the path */
	assert_int_equal(total(*state, 100).lost_locally, COUNT - 3);
	assert_int_equal(total(*state, 100).lost, 2);
}

static void
what_was_never_sent_is_ignored(void **state)
{
	const struct stamp came = {1, 0};
	struct tally tally;
	nanoseconds rtt;

	assert_int_equal(tally_init(&tally, 0, 2, TIMEOUT), 0);
	assert_false(tally_answer(&tally, 0, 1, &came, &rtt));
	assert_false(tally_answer(&tally, 70000, 1, &came, &rtt));
	tally_left(&tally, 1, &came);
	assert_false(tally_trouble(&tally, 1));
	tally_damage(&tally, 1);
	assert_int_equal(total(&tally, 5).sent, 0);
	tally_free(&tally);
}

static void
withdrawn_packets_were_not_sent(void **state)
{
	struct tally *tally = *state;

	answer(tally, 8, 1);
	/* 0 to 6 have had their time, 7 and 9 are under way */
	tally_withdraw(tally, 9 * NS_PER_S);
	assert_int_equal(total(tally, 0).sent, COUNT - 2);
	assert_int_equal(total(tally, 0).lost, 7);
}

static void
open_counts_those_that_were_not_heard_of(void **state)
{
	struct tally *tally = *state;

	assert_int_equal(tally->open, COUNT);
	answer(tally, 0, 1);
	answer(tally, 0, 1);
	tally_trouble(tally, 1);
	answer(tally, 1, 1);
	tally_damage(tally, 2);
	assert_int_equal(tally->open, COUNT - 3);
}

/* Whose answers the socket has dropped is not known: a range. */
static void
drops_that_may_be_others_make_a_range(void **state)
{
	const struct tally_drops drops = {.least = 2, .most = 5};
	struct tally *tally = *state;
	struct tally_totals t;

	answer(tally, 0, 1);
	tally_total(tally, &drops, &t);
	assert_int_equal(t.lost_locally, 5);
	assert_int_equal(t.unsure, 3);
	assert_int_equal(t.lost, COUNT - 1 - 5);
}

/* Where others have a stamp of their leaving, one without may not have left. */
static void
what_never_left_is_not_blamed_on_the_path(void **state)
{
	struct tally *tally = *state;
	struct stamp stamp;

	for (uint32_t i = 0; i < COUNT; i++) {
		stamp.kernel = i * NS_PER_S + 10;
		if (i != 3 && i != 4)
			tally_left(tally, i, &stamp);
	}
	answer(tally, 4, 20);
	assert_int_equal(total(tally, 0).lost_locally, 1);
	assert_int_equal(total(tally, 0).unsure, 1);
	assert_int_equal(total(tally, 0).lost, COUNT - 2);
	assert_int_equal(total(tally, 2).lost_locally, 3);
	assert_int_equal(total(tally, COUNT).lost_locally, COUNT - 1);
}

static void
without_any_stamp_nothing_follows_from_it(void **state)
{
	assert_int_equal(total(*state, 0).lost_locally, 0);
	assert_int_equal(total(*state, 0).lost, COUNT);
}

static void
round_trips_run_from_kernel_to_kernel(void **state)
{
	const struct stamp left = {3 * NS_PER_S + 1000, 0};
	struct tally *tally = *state;
	enum probe_stamp classes[2];
	nanoseconds rtt, when;

	assert_false(tally_round_trip(tally, 3, &rtt, classes));
	answer(tally, 3, 9000);
	assert_true(tally_round_trip(tally, 3, &rtt, classes));
	assert_int_equal(rtt, 9000);
	assert_int_equal(classes[0], STAMP_USER);
	/* a card may be slower to tell than the answer to come */
	tally_left(tally, 3, &left);
	assert_true(tally_round_trip(tally, 3, &rtt, classes));
	assert_int_equal(rtt, 8000);
	assert_int_equal(classes[0], STAMP_KERNEL);
	assert_true(tally_when(tally, 3, &when));
	assert_int_equal(when, left.kernel);
}

static void
the_first_ones_may_not_count(void **state)
{
	const struct stamp came = {NS_PER_MS, 0};
	struct tally_drops none = {0, 0};
	struct tally_totals t;
	struct tally tally;
	nanoseconds rtt;

	assert_int_equal(tally_init(&tally, 1, 2, TIMEOUT), 0);
	for (uint32_t i = 0; i < 3; i++)
		tally_sent(&tally, i, 0, i);
	tally_answer(&tally, 1, came.kernel, &came, &rtt);
	tally_answer(&tally, 0, came.kernel, &came, &rtt);
	tally_answer(&tally, 0, came.kernel, &came, &rtt);
	tally_total(&tally, &none, &t);
	assert_int_equal(t.sent, 2);
	assert_int_equal(t.received, 1);
	assert_int_equal(t.lost, 1);
	assert_int_equal(t.duplicates + t.reordered, 0);
	assert_int_equal(tally.received, 1);
	tally_free(&tally);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(answers_in_time_are_received),
	    TEST(late_answers_are_part_of_the_lost),
	    TEST(further_copies_are_duplicates_of_none),
	    TEST(reordering_is_that_of_rfc_4737),
	    TEST(a_good_copy_outweighs_a_damaged_one),
	    TEST(own_drops_are_never_blamed_on_the_path),
	    TEST(what_was_never_sent_is_ignored),
	    TEST(withdrawn_packets_were_not_sent),
	    TEST(open_counts_those_that_were_not_heard_of),
	    TEST(drops_that_may_be_others_make_a_range),
	    TEST(what_never_left_is_not_blamed_on_the_path),
	    TEST(without_any_stamp_nothing_follows_from_it),
	    TEST(round_trips_run_from_kernel_to_kernel),
	    TEST(the_first_ones_may_not_count),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
