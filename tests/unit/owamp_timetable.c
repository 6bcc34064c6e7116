/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owamp/timetable.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "probes/owamp/deviates.h"
#include "probes/owamp/ntp.h"

#define PACKETS 20000
#define START UINT64_C(0xeeac941d4c3bd599)

static const uint8_t sid[KEYS_SID] = {0x28, 0x72, 0x97, 0x93, 0x03, 0xab, 0x47,
    0xee, 0xac, 0x02, 0x8d, 0xab, 0x38, 0x29, 0xda, 0xb2};
static const struct slot mixed[] = {
    {SLOT_EXPONENTIAL, NTP_S / 2},
    {SLOT_FIXED, NTP_S / 100},
    {SLOT_EXPONENTIAL, NTP_S / 1000},
    {SLOT_FIXED, 1},
    {SLOT_FIXED, 0},
};
static const struct slot fixed[] = {
    {SLOT_FIXED, NTP_S / 3}, {SLOT_FIXED, NTP_S / 7}, {SLOT_FIXED, 11}};

static struct timetable *
make_mixed(void)
{
	return (timetable_new(sid, START, mixed, 5));
}

/* The delay of packet i lies before it; fixed ones use no random numbers. */
static void
packets_are_due_at_the_running_sum(void **state)
{
	struct timetable *t = make_mixed();
	struct deviates *d = deviates_new(sid);
	uint64_t due = START;

	for (uint32_t i = 0; i < PACKETS; i++) {
		const struct slot *slot = &mixed[i % 5];

		due += slot->kind == SLOT_FIXED
			   ? slot->length
			   : deviates_times(deviates_next(d), slot->length);
		assert_true(timetable_next(t) == due);
	}
	deviates_free(d);
	timetable_free(t);
}

static void
both_ends_agree_wherever_they_begin(void **state)
{
	struct timetable *sender = make_mixed(), *receiver = make_mixed();

	for (uint32_t i = 0; i < PACKETS; i++) {
		uint64_t due = timetable_next(sender);

		if (i % 997 == 0) /* back, and forward again */
			timetable_seek(receiver, i / 2);
		if (timetable_tell(receiver).packet != i)
			timetable_seek(receiver, i);
		assert_true(timetable_next(receiver) == due);
	}
	timetable_free(sender);
	timetable_free(receiver);
}

static void
a_mark_leads_back_at_once(void **state)
{
	struct timetable *t = make_mixed();
	struct timetable_mark mark;
	uint64_t due[20];

	timetable_seek(t, 12343);
	mark = timetable_tell(t);
	assert_int_equal(mark.packet, 12343);
	for (int i = 0; i < 20; i++)
		due[i] = timetable_next(t);
	timetable_return(t, &mark);
	for (int i = 0; i < 20; i++)
		assert_true(timetable_next(t) == due[i]);
	timetable_free(t);
}

static void
fixed_slots_are_reached_at_once(void **state)
{
	struct timetable *t = timetable_new(sid, START, fixed, 3);
	uint64_t round = NTP_S / 3 + NTP_S / 7 + 11;

	timetable_seek(t, UINT32_MAX - 1);
	assert_true(timetable_next(t) == START + (UINT32_MAX / 3) * round);
	timetable_seek(t, 1);
	assert_true(timetable_next(t) == START + NTP_S / 3 + NTP_S / 7);
	timetable_free(t);
}

static void
fixed_times_go_on_in_another_one(void **state)
{
	const struct slot ages = {SLOT_FIXED, UINT64_MAX / 4};
	struct timetable *t = timetable_new(sid, START, fixed, 3), *next;
	uint64_t due[5], start;

	for (int i = 0; i < 5; i++)
		due[i] = timetable_next(t);
	assert_true(timetable_follow(t, START - 7, &start) && start == START);
	for (int i = 0; i < 8; i++) {
		/* on time, and a moment behind the one before */
		uint64_t border = i % 2 == 0 ? due[i / 2] : due[i / 2] + 1;

		assert_true(timetable_follow(t, border, &start));
		next = timetable_new(sid, start, fixed, 3);
		assert_true(timetable_next(next) == due[(i + 1) / 2]);
		timetable_free(next);
	}
	assert_int_equal(timetable_tell(t).packet, 5);
	timetable_free(t);
	t = timetable_new(sid, START, &ages, 1);
	assert_true(timetable_follow(t, START + UINT64_MAX / 4, &start));
	assert_true(start == START);
	assert_false(timetable_follow(t, START + UINT64_MAX / 2, &start));
	timetable_free(t);
	t = make_mixed();
	assert_false(timetable_follow(t, START, &start));
	timetable_free(t);
}

static void
gaps_have_their_mean_and_variance(void **state)
{
	const struct slot slot = {SLOT_EXPONENTIAL, NTP_S / 2};
	struct timetable *t = timetable_new(sid, START, &slot, 1);
	double sum = 0, squares = 0;
	uint64_t before = START;

	for (int i = 0; i < PACKETS; i++) {
		uint64_t due = timetable_next(t);
		double gap = ldexp((double)(due - before), -32);

		before = due;
		sum += gap;
		squares += gap * gap;
	}
	assert_float_equal(sum / PACKETS, 0.5, 4 * 0.5 / sqrt(PACKETS));
	assert_float_equal(squares / PACKETS - pow(sum / PACKETS, 2), 0.25,
	    4 * 0.25 * sqrt(8.0 / PACKETS));
	assert_true(timetable_mean(t) == NTP_S / 2);
	timetable_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(packets_are_due_at_the_running_sum),
	    cmocka_unit_test(both_ends_agree_wherever_they_begin),
	    cmocka_unit_test(a_mark_leads_back_at_once),
	    cmocka_unit_test(fixed_slots_are_reached_at_once),
	    cmocka_unit_test(fixed_times_go_on_in_another_one),
	    cmocka_unit_test(gaps_have_their_mean_and_variance),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
