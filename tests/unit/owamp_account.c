/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owamp/account.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"
#include "tests/unit/owamp_accounted.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* The delays in order, and what is made of them; LOST ones do not arrive. */
static void
check_variations(const nanoseconds *delays, uint32_t count,
    const nanoseconds *want, size_t want_count)
{
	struct reorder order = {0};
	struct account *a = account_new(0, count, TIMEOUT, &order);
	const struct account_statement all = {.next = count};
	struct accounted_samples got = {.count = 0};

	for (uint32_t i = 0; i < count; i++)
		if (delays[i] != LOST)
			accounted_arrive(a, i, delays[i]);
	account_variations(a, &all, accounted_keep, &got);
	assert_int_equal(got.count, want_count);
	for (size_t i = 0; i < want_count; i++)
		assert_int_equal(got.value[i], want[i]);
	account_free(a);
}

/* RFC 5481, sections 4 and 5 */
static void
variations_of_the_rfc(void **state)
{
	static const nanoseconds steady[] = {20, 10, 20, 25, 20};
	static const nanoseconds steady_ipdv[] = {-10, 10, 5, -5};
	static const nanoseconds gap[] = {
	    100, 110, 150, LOST, 120, 100, 110, 150, 130, 120, 100};
	static const nanoseconds gap_ipdv[] = {
	    10, 40, -20, 10, 40, -20, -10, -20};
	static const nanoseconds every_other[] = {
	    3, LOST, 5, LOST, 4, LOST, 3, LOST, 4, LOST};
	static const nanoseconds burst[] = {5, 90, 70, 50, 30, 10, 5};
	static const nanoseconds burst_ipdv[] = {85, -20, -20, -20, -20, -5};

	check_variations(steady, 5, steady_ipdv, 4);
	check_variations(gap, 11, gap_ipdv, 8);
	check_variations(every_other, 10, NULL, 0);
	check_variations(burst, 7, burst_ipdv, 6);
}

/* RFC 7680: L = 0 0 1 0 0, and RFC 7679: {100, 110, lost, 90, 500} */
static void
losses_need_a_statement(void **state)
{
	static const nanoseconds delays[] = {100, 110, LOST, 90, 500};
	struct reorder order = {0};
	struct account *a = account_new(100, 1000, TIMEOUT, &order);
	const struct account_statement said = {.first = 100, .next = 105};
	struct account_totals t;

	for (uint32_t i = 0; i < 5; i++)
		if (delays[i] != LOST)
			accounted_arrive(a, 100 + i, delays[i]);
	account_close(a, NULL, &t);
	assert_false(t.stated);
	assert_int_equal(t.received, 4);
	assert_int_equal(t.sent + t.lost + t.pattern.losses, 0);
	account_close(a, &said, &t);
	assert_true(t.stated);
	assert_int_equal(t.sent, 5);
	assert_int_equal(t.received, 4);
	assert_int_equal(t.lost, 1);
	assert_int_equal(t.pattern.periods, 1);
	assert_int_equal(t.pattern.longest_first, 102);
	assert_int_equal(t.hops_least, 5);
	assert_int_equal(t.hops_most, 5);
	account_free(a);
}

/* A dead sender, and a dead path. */
static void
nothing_sent_is_not_everything_lost(void **state)
{
	const struct account_statement none = {.first = 7, .next = 7};
	const struct account_statement ten = {.first = 7, .next = 17};
	struct reorder order = {0};
	struct account *a = account_new(7, 10, TIMEOUT, &order);
	struct account_totals t;

	account_close(a, &none, &t);
	assert_int_equal(t.sent + t.received + t.lost, 0);
	assert_int_equal(t.hops_last, -1);
	account_close(a, &ten, &t);
	assert_int_equal(t.sent, 10);
	assert_int_equal(t.lost, 10);
	assert_int_equal(t.pattern.longest, 10);
	account_free(a);
}

static void
late_ones_are_lost_and_copies_count_for_nothing(void **state)
{
	const struct account_statement said = {.next = 4};
	struct reorder order = {0};
	struct account *a = account_new(0, 4, TIMEOUT, &order);
	struct accounted_samples got = {.count = 0};
	struct account_totals t;

	accounted_arrive(
	    a, 0, -5 * NS_PER_MS); /* negative ones stay what they are */
	accounted_arrive(a, 1, TIMEOUT);
	accounted_arrive(a, 2, TIMEOUT + 1);
	accounted_arrive(a, 2, 50);
	accounted_arrive(a, 0, 3);
	accounted_arrive(a, 0, 4);
	accounted_arrive(a, 4, 4); /* of another interval */
	account_close(a, &said, &t);
	assert_int_equal(t.received, 2);
	assert_int_equal(t.late, 1);
	assert_int_equal(t.lost, 2);
	assert_int_equal(t.duplicates, 3);
	assert_int_equal(t.replicated, 1);
	assert_int_equal(t.outside, 1);
	account_delays(a, &said, accounted_keep, &got);
	assert_int_equal(got.count, 2);
	assert_int_equal(got.value[0], -5 * NS_PER_MS);
	account_free(a);
}

/* The peer's clock is 0.9 s and 5 s off, either way: what it does to 10 packets
 * that all came. */
static void
clocks_too_far_apart_can_be_told(void **state)
{
	static const struct {
		nanoseconds off;
		uint32_t received, early, late;
	} known[] = {
	    {9 * NS_PER_S / 10, 10, 0, 0},
	    {-9 * NS_PER_S / 10, 10, 0, 0},
	    {5 * NS_PER_S, 0, 0, 10},
	    {-5 * NS_PER_S, 10, 10, 0},
	};

	for (size_t i = 0; i < COUNT(known); i++) {
		struct reorder order = {0};
		struct account *a = account_new(0, 10, TIMEOUT, &order);
		struct account_totals t;

		for (uint32_t k = 0; k < 10; k++)
			accounted_arrive(a, k, known[i].off + 20 * NS_PER_MS);
		account_close(a, &(struct account_statement){.next = 10}, &t);
		assert_int_equal(t.received, known[i].received);
		assert_int_equal(t.early, known[i].early);
		assert_int_equal(t.late, known[i].late);
		assert_int_equal(t.sent, 10);
		assert_int_equal(t.lost, 10 - known[i].received);
		account_free(a);
	}
}

static void
true_sending_times_correct_the_delay(void **state)
{
	struct reorder order = {0};
	struct account *a = account_new(0, 4, TIMEOUT, &order);
	struct accounted_samples got = {.count = 0};
	struct account_totals t;

	accounted_arrive(a, 1, TIMEOUT + 10 * NS_PER_US);
	account_close(a, NULL, &t);
	assert_int_equal(t.late, 1);
	assert_true(account_correct(a, 1, 15 * NS_PER_US));
	assert_false(account_correct(a, 0, 15 * NS_PER_US));
	assert_false(account_correct(a, 5000, 15 * NS_PER_US));
	account_close(a, NULL, &t);
	assert_int_equal(t.received, 1);
	account_delays(a, NULL, accounted_keep, &got);
	assert_int_equal(got.value[0], TIMEOUT - 5 * NS_PER_US);
	account_free(a);
}

static void
a_packet_without_a_stamp_was_received(void **state)
{
	const struct account_arrival arrival = {
	    .sequence = 2, .received = SENT, .ttl = ACCOUNT_NO_TTL};
	struct reorder order = {0};
	struct account *a = account_new(0, 4, TIMEOUT, &order);
	struct accounted_samples got = {.count = 0};
	struct account_totals t;

	assert_int_equal(account_arrived(a, &arrival), ACCOUNT_FIRST);
	assert_int_equal(account_arrived(a, &arrival), ACCOUNT_COPY);
	account_close(a, NULL, &t);
	assert_int_equal(t.received, 1);
	assert_int_equal(t.hops_last, -1);
	account_delays(a, NULL, accounted_keep, &got);
	assert_int_equal(got.count, 0);
	account_free(a);
}

/* 20 packets: 3 skipped of which one came all the same, 2 stuck, 4 missing of
 * which our socket may have lost 3 and has certainly lost 1. */
static void
local_loss_is_not_the_path_s(void **state)
{
	static const struct message_skip unsent[] = {{3, 4}, {9, 9}};
	static const struct message_skip stuck[] = {{10, 11}};
	const struct account_statement said = {.next = 20,
	    .unsent = unsent,
	    .unsent_count = 2,
	    .stuck = stuck,
	    .stuck_count = 1};
	struct reorder order = {0};
	struct account *a = account_new(0, 20, TIMEOUT, &order);
	struct account_totals t;

	for (uint32_t i = 0; i < 20; i++)
		if (strchr("\3\4\12\13\15\16\21\22", (int)i) == NULL)
			if (i != 0)
				accounted_arrive(a, i, 100);
	accounted_arrive(a, 0, 100);
	account_dropped(a, &(struct tally_drops){1, 1});
	account_dropped(a, &(struct tally_drops){0, 2});
	assert_int_equal(account_check(a, &said, NULL), 0);
	account_close(a, &said, &t);
	assert_int_equal(t.skipped, 2);
	assert_int_equal(t.sent, 18);
	assert_int_equal(t.lost_locally, 2 + 3);
	assert_int_equal(t.unsure, 2);
	assert_int_equal(t.lost, 1);
	assert_int_equal(t.received, 12);
	assert_int_equal(t.reordered, 1);
	/* 13, 14 and 17, 18; what was stuck is in no period */
	assert_int_equal(t.pattern.periods, 2);
	account_free(a);
}

static void
what_cannot_be_is_not_stated(void **state)
{
	static const struct message_skip overlap[] = {{12, 14}, {14, 15}};
	static const struct message_skip beyond[] = {{12, 20}};
	static const struct message_skip turned[] = {{14, 12}};
	const struct account_statement bad[] = {
	    {.first = 9, .next = 20},
	    {.first = 10, .next = 31},
	    {.first = 15, .next = 14},
	    {.first = 10, .next = 20, .unsent = overlap, .unsent_count = 2},
	    {.first = 10, .next = 20, .stuck = beyond, .stuck_count = 1},
	    {.first = 10, .next = 20, .unsent = turned, .unsent_count = 1},
	    {.first = 13, .next = 20, .unsent = overlap, .unsent_count = 1},
	    {.first = 0, .next = UINT32_MAX},
	};
	struct reorder order = {0};
	struct account *a = account_new(10, 20, TIMEOUT, &order);
	struct error err;

	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(account_check(a, &bad[i], &err), -1);
	assert_string_equal(err.text,
	    "statement: packets 0 to before 4294967295, expected some of 10 to "
	    "before 30");
	account_free(a);
}

/* What the next interval's packets overtook. */
static void
order_goes_over_the_interval_s_end(void **state)
{
	struct reorder order = {0};
	struct account *a = account_new(0, 10, TIMEOUT, &order);
	struct account *b = account_new(10, 10, TIMEOUT, &order);
	struct account_totals t;

	accounted_arrive(a, 8, 100);
	accounted_arrive(b, 10, 100);
	accounted_arrive(b, 11, 100);
	accounted_arrive(a, 9, 100);
	account_close(a, NULL, &t);
	assert_int_equal(t.reordered, 1);
	assert_int_equal(t.reordered_by[2], 1);
	assert_int_equal(t.reordered_by[3], 0);
	account_close(b, NULL, &t);
	assert_int_equal(t.reordered, 0);
	account_free(a);
	account_free(b);
}

static void
a_stream_is_small(void **state)
{
	struct reorder order = {0};
	struct account *minute = account_new(0, 10000, TIMEOUT, &order);
	struct account *hour = account_new(0, 10000, TIMEOUT, &order);

	for (uint32_t i = 0; i < 120; i++)
		accounted_arrive(minute, i, 36 * NS_PER_MS + i);
	for (uint32_t i = 0; i < 7200; i++)
		accounted_arrive(hour, i, 36 * NS_PER_MS + i);
	assert_in_range(account_size(minute), 500, 1500);
	assert_in_range(account_size(hour), 31000, 50000);
	account_free(minute);
	account_free(hour);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(variations_of_the_rfc),
	    cmocka_unit_test(losses_need_a_statement),
	    cmocka_unit_test(nothing_sent_is_not_everything_lost),
	    cmocka_unit_test(late_ones_are_lost_and_copies_count_for_nothing),
	    cmocka_unit_test(clocks_too_far_apart_can_be_told),
	    cmocka_unit_test(true_sending_times_correct_the_delay),
	    cmocka_unit_test(a_packet_without_a_stamp_was_received),
	    cmocka_unit_test(local_loss_is_not_the_path_s),
	    cmocka_unit_test(what_cannot_be_is_not_stated),
	    cmocka_unit_test(order_goes_over_the_interval_s_end),
	    cmocka_unit_test(a_stream_is_small),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
