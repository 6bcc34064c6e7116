/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/emulator/course.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lab/emulator/verdict.h"

struct stage {
	struct pool pool;
	struct course course;
};

static int
set_up(void **state)
{
	struct stage *stage = calloc(1, sizeof(*stage));

	if (stage == NULL || pool_open(&stage->pool, 1000) == -1)
		return (-1);
	course_start(&stage->course, 1);
	*state = stage;
	return (0);
}

static int
tear_down(void **state)
{
	struct stage *stage = *state;

	course_free(&stage->course, &stage->pool);
	pool_close(&stage->pool);
	free(stage);
	return (0);
}

/* Its verdict; one that is gone is given back. */
static uint8_t
enter(struct stage *stage, size_t length, nanoseconds now)
{
	struct packet *packet = pool_take(&stage->pool);
	uint8_t verdict;
	bool goes;

	assert_non_null(packet);
	packet->length = (uint16_t)length;
	goes = course_enter(&stage->course, &stage->pool, packet, now);
	verdict = packet->verdict;
	assert_true(goes == ((verdict & VERDICT_GONE) == 0));
	if (!goes)
		pool_give(&stage->pool, packet);
	return (verdict);
}

/* The number of the one that leaves by then; -1: none. */
static long
leave(struct stage *stage, nanoseconds by)
{
	struct packet *packet = course_leave(&stage->course, by);
	long number;

	if (packet == NULL)
		return (-1);
	number = (long)packet->number;
	pool_give(&stage->pool, packet);
	return (number);
}

static void
set(struct stage *stage, struct way way)
{
	assert_true(course_set(&stage->course, &way));
}

static void
a_packet_leaves_when_its_delay_is_over(void **state)
{
	struct stage *stage = *state;

	set(stage, (struct way){.delay = 10 * NS_PER_MS});
	assert_int_equal(course_next(&stage->course), DUE_NEVER);
	enter(stage, 100, NS_PER_S);
	assert_int_equal(course_next(&stage->course), 1010 * NS_PER_MS);
	assert_int_equal(leave(stage, 1010 * NS_PER_MS - 1), -1);
	assert_int_equal(leave(stage, 1010 * NS_PER_MS), 0);
	assert_int_equal(leave(stage, NS_PER_S * 9), -1);
}

/* Sends 500, a 100 us after the other; pairs that left in another order. */
static int
overtakings(struct stage *stage)
{
	long before = -1, number;
	int count = 0;

	for (int i = 0; i < 500; i++)
		enter(stage, 100, i * 100 * NS_PER_US);
	for (int i = 0; i < 500; i++) {
		number = leave(stage, NS_PER_S);
		assert_int_not_equal(number, -1);
		count += number < before;
		before = number;
	}
	return (count);
}

static void
jitter_alone_does_not_reorder(void **state)
{
	set(*state,
	    (struct way){.delay = 10 * NS_PER_MS, .jitter = 5 * NS_PER_MS});
	assert_int_equal(overtakings(*state), 0);
}

static void
jitter_reorders_when_asked_for(void **state)
{
	set(*state, (struct way){.delay = 10 * NS_PER_MS,
			.jitter = 5 * NS_PER_MS,
			.reorder = true});
	assert_true(overtakings(*state) > 100);
}

static void
none_overtakes_when_a_delay_becomes_shorter(void **state)
{
	struct stage *stage = *state;

	set(stage, (struct way){.delay = 10 * NS_PER_MS, .reorder = true});
	enter(stage, 100, 0);
	set(stage, (struct way){.delay = NS_PER_MS});
	enter(stage, 100, 0);
	assert_int_equal(course_next(&stage->course), 10 * NS_PER_MS);
	assert_int_equal(leave(stage, 10 * NS_PER_MS), 0);
	assert_int_equal(leave(stage, 10 * NS_PER_MS), 1);
}

static void
some_overtake_when_a_delay_becomes_shorter_and_they_may(void **state)
{
	struct stage *stage = *state;

	set(stage, (struct way){.delay = 10 * NS_PER_MS});
	enter(stage, 100, 0);
	set(stage, (struct way){.delay = NS_PER_MS, .reorder = true});
	enter(stage, 100, 0);
	assert_int_equal(leave(stage, NS_PER_MS), 1);
	assert_int_equal(leave(stage, 10 * NS_PER_MS), 0);
}

static void
the_delay_comes_after_the_rate(void **state)
{
	struct stage *stage = *state;

	set(stage,
	    (struct way){.delay = 5 * NS_PER_MS, .rate = 1e6, .queue = 2});
	assert_int_equal(enter(stage, 1000, 0), 0);
	assert_int_equal(enter(stage, 1000, 0), 0);
	assert_int_equal(enter(stage, 1000, 0), VERDICT_QUEUE);
	assert_int_equal(leave(stage, 13 * NS_PER_MS - 1), -1);
	assert_int_equal(leave(stage, 13 * NS_PER_MS), 0);
	assert_int_equal(leave(stage, 21 * NS_PER_MS), 1);
	assert_int_equal(stage->course.counts.queue, 1);
}

static void
a_duplicate_arrives_twice_and_is_told_of_once(void **state)
{
	struct stage *stage = *state;
	struct packet *packet;

	set(stage, (struct way){.duplicate = 1});
	assert_int_equal(enter(stage, 100, 0), VERDICT_DUPLICATED);
	for (int copy = 0; copy < 2; copy++) {
		packet = course_leave(&stage->course, 0);
		assert_non_null(packet);
		assert_int_equal(packet->copy, copy);
		assert_int_equal(packet->length, 100);
		pool_give(&stage->pool, packet);
	}
	assert_int_equal(leave(stage, 0), -1);
	assert_int_equal(stage->course.counts.duplicated, 1);
}

static void
a_copy_that_finds_the_queue_full_is_no_duplicate(void **state)
{
	struct stage *stage = *state;

	set(stage, (struct way){.duplicate = 1, .rate = 1e6, .queue = 1});
	assert_int_equal(enter(stage, 100, 0), 0);
	assert_int_equal(stage->course.counts.duplicated, 0);
	assert_int_equal(stage->course.counts.queue, 1);
}

static void
memory_that_runs_out_is_told_apart_from_loss(void **state)
{
	struct stage *stage = *state;

	set(stage, (struct way){.delay = NS_PER_S, .duplicate = 1});
	for (int i = 0; i < 500; i++)
		enter(stage, 100, 0);
	assert_null(pool_take(&stage->pool));
	assert_int_equal(leave(stage, NS_PER_S), 0);
	assert_int_equal(enter(stage, 100, 0), 0); /* no place for its copy */
	assert_int_equal(stage->course.counts.overflow, 1);
	assert_int_equal(stage->course.counts.lost, 0);
}

static void
every_packet_is_counted(void **state)
{
	struct stage *stage = *state;
	struct course_counts *counts = &stage->course.counts;
	uint64_t left = 0;

	set(stage, (struct way){.loss = 0.1,
		       .to_good = 1,
		       .duplicate = 0.1,
		       .corrupt = 0.1,
		       .rate = 1e9,
		       .queue = 3});
	for (int i = 0; i < 10000; i++) {
		enter(stage, 1000, i * 5 * NS_PER_US);
		while (leave(stage, i * 5 * NS_PER_US) != -1)
			left++;
	}
	while (leave(stage, NS_PER_S) != -1)
		left++;
	assert_int_equal(counts->in, 10000);
	assert_true(counts->lost > 900 && counts->lost < 1100);
	assert_true(counts->queue > 1000);
	/* copies that found it full are among those of the queue */
	assert_true(
	    left >= 10000 + counts->duplicated - counts->lost - counts->queue);
	assert_true(fabs((double)counts->corrupted - 900) < 100);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_packet_leaves_when_its_delay_is_over),
	    TEST(jitter_alone_does_not_reorder),
	    TEST(jitter_reorders_when_asked_for),
	    TEST(none_overtakes_when_a_delay_becomes_shorter),
	    TEST(some_overtake_when_a_delay_becomes_shorter_and_they_may),
	    TEST(the_delay_comes_after_the_rate),
	    TEST(a_duplicate_arrives_twice_and_is_told_of_once),
	    TEST(a_copy_that_finds_the_queue_full_is_no_duplicate),
	    TEST(memory_that_runs_out_is_told_apart_from_loss),
	    TEST(every_packet_is_counted),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
