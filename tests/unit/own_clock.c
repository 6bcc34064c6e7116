/* SPDX-License-Identifier: BSD-2-Clause */
/* This host's clock as a stream, and what an interval of it comes to. */
#include "agent/own_clock.h"

#include <json-c/json.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/clock_metrics.h"
#include "agent/clock_tally.h"
#include "common/manifest.h"
#include "common/member.h"
#include "tests/unit/loop.h"

#define START (1000 * NS_PER_S)

static struct discipline
synchronised(double error)
{
	return ((struct discipline){
	    .source = "chrony",
	    .reference = "192.0.2.1",
	    .bounded = true,
	    .error = error,
	    .growth = 1e-6,
	    .at = START,
	    .parts = {.offset = -0.002},
	    .tuned = true,
	    .frequency = -12.5,
	    .skew = 0.25,
	    .clocksource = "tsc",
	    .steal = 0.5,
	});
}

static struct discipline
held(double error)
{
	struct discipline clock = synchronised(error);

	clock.held = true;
	return (clock);
}

static const struct discipline nobody = {.source = "none", .steal = -1};

static void
assert_number(json_object *metrics, const char *name, double expected)
{
	double found = member_number_or(metrics, name, NAN);

	if (!(fabs(found - expected) <= 1e-9 * fmax(1, fabs(expected))))
		fail_msg("%s is %.12g, expected %.12g", name, found, expected);
}

static const char *
state_in(json_object *metrics)
{
	return (member_text_or(metrics, "state", ""));
}

/*
 * An interval.
 */

static void
worst_bound_is_that_just_before_it_was_renewed(void **state)
{
	struct discipline clock = synchronised(0.004);
	struct clock_tally tally;
	json_object *metrics;

	clock.growth = 0.001; /* far more than any has */
	clock_tally_begin(&tally, &clock, START);
	clock = synchronised(0.001);
	clock.at = START + 16 * NS_PER_S;
	clock_tally_look(&tally, &clock, START + 16 * NS_PER_S);
	metrics = clock_tally_metrics(&tally, START + 32 * NS_PER_S);
	assert_number(metrics, "bound", 0.004 + 0.016);
	assert_number(metrics, "looks", 2);
	assert_number(metrics, "synced", 2);
	assert_number(metrics, "frequency", -12.5e-6);
	assert_number(metrics, "skew", 0.25e-6);
	assert_number(metrics, "offset", -0.002);
	assert_number(metrics, "steal", 0.5);
	assert_string_equal(state_in(metrics), "synchronised");
	assert_string_equal(member_text_or(metrics, "source", ""), "chrony");
	assert_string_equal(
	    member_text_or(metrics, "reference", ""), "192.0.2.1");
	assert_string_equal(member_text_or(metrics, "clocksource", ""), "tsc");
	json_object_put(metrics);
}

static void
bound_grows_until_the_end(void **state)
{
	struct discipline clock = synchronised(0.004);
	struct clock_tally tally;
	json_object *metrics;

	clock_tally_begin(&tally, &clock, START);
	metrics = clock_tally_metrics(&tally, START + 60 * NS_PER_S);
	assert_number(metrics, "bound", 0.004 + 60e-6);
	json_object_put(metrics);
}

static void
without_a_bound_there_is_no_number(void **state)
{
	struct discipline clock = synchronised(0.004);
	struct clock_tally tally;
	json_object *metrics;

	clock_tally_begin(&tally, &clock, START);
	clock_tally_look(&tally, &nobody, START + 16 * NS_PER_S);
	clock_tally_look(&tally, &clock, START + 32 * NS_PER_S);
	metrics = clock_tally_metrics(&tally, START + 60 * NS_PER_S);
	assert_null(member_get(metrics, "bound"));
	assert_number(metrics, "looks", 3);
	assert_number(metrics, "synced", 2);
	json_object_put(metrics);

	clock_tally_begin(&tally, &nobody, START);
	metrics = clock_tally_metrics(&tally, START + 60 * NS_PER_S);
	for (const char *const *name =
		 (const char *const[]){"bound", "frequency", "skew", "offset",
		     "steal", "reference", "clocksource", NULL};
	     *name != NULL; name++)
		assert_null(member_get(metrics, *name));
	assert_number(metrics, "synced", 0);
	assert_string_equal(state_in(metrics), "unsynchronised");
	assert_string_equal(member_text_or(metrics, "source", ""), "none");
	json_object_put(metrics);
}

static void
last_word_of_who_has_gone_is_a_bound_and_nothing_else(void **state)
{
	struct discipline clock = held(0.004);
	struct clock_tally tally;
	json_object *metrics;

	clock_tally_begin(&tally, &clock, START);
	metrics = clock_tally_metrics(&tally, START);
	assert_number(metrics, "bound", 0.004);
	assert_number(metrics, "synced", 0);
	assert_null(member_get(metrics, "frequency"));
	assert_null(member_get(metrics, "offset"));
	assert_string_equal(state_in(metrics), "held");
	json_object_put(metrics);
}

static void
a_word_of_the_operator_is_a_bound_and_no_offset(void **state)
{
	struct discipline clock = {.source = DISCIPLINE_OPERATOR,
	    .reference = "its hypervisor follows GPS",
	    .bounded = true,
	    .error = 0.004,
	    .at = START,
	    .steal = -1};
	struct clock_tally tally;
	json_object *metrics;

	clock_tally_begin(&tally, &clock, START);
	metrics = clock_tally_metrics(&tally, START);
	assert_number(metrics, "bound", 0.004);
	assert_number(metrics, "synced", 1);
	assert_null(member_get(metrics, "offset"));
	assert_string_equal(state_in(metrics), "vouched");
	json_object_put(metrics);
}

static void
each_step_is_told_once(void **state)
{
	struct discipline clock = synchronised(0.004);
	json_object *metrics = json_object_new_object(), *first;
	struct clock_steps steps = {0};

	clock.steps = (struct discipline_steps){1, -1.5, START};
	clock_steps_look(&steps, &clock);
	clock_steps_look(&steps, &clock);
	clock.steps = (struct discipline_steps){3, 0.5, 2 * START};
	clock_steps_look(&steps, &clock);
	clock_steps_take(&steps, metrics);
	assert_number(metrics, "steps", 3);
	assert_number(metrics, "step", 1.5);
	assert_int_equal(
	    json_object_array_length(member_get(metrics, "stepped")), 2);
	first = json_object_array_get_idx(member_get(metrics, "stepped"), 0);
	assert_number(first, "size", -1.5);
	assert_number(first, "when", 1000);
	json_object_put(metrics);

	metrics = json_object_new_object();
	clock_steps_take(&steps, metrics);
	assert_number(metrics, "steps", 0);
	assert_null(member_get(metrics, "step"));
	assert_null(member_get(metrics, "stepped"));
	json_object_put(metrics);
}

static void
more_steps_than_there_is_room_for_are_counted(void **state)
{
	json_object *metrics = json_object_new_object();
	struct discipline clock = nobody;
	struct clock_steps steps = {0};

	for (unsigned i = 0; i < 3 * CLOCK_STEPS; i++) {
		clock.steps.count++;
		clock.steps.size = 0.1;
		clock_steps_look(&steps, &clock);
	}
	clock_steps_take(&steps, metrics);
	assert_number(metrics, "steps", 3 * CLOCK_STEPS);
	assert_int_equal(
	    json_object_array_length(member_get(metrics, "stepped")),
	    CLOCK_STEPS);
	json_object_put(metrics);
}

/* Every number that is found has a row. */
static void
metrics_are_as_the_manifest_has_them(void **state)
{
	struct discipline clock = synchronised(0.004);
	struct clock_steps steps = {0};
	struct clock_tally tally;
	json_object *metrics;
	struct error err;

	assert_int_equal(manifest_check(&clock_manifest, &err), 0);
	clock.steps = (struct discipline_steps){1, -1.5, START};
	clock_steps_look(&steps, &clock);
	clock_tally_begin(&tally, &clock, START);
	metrics = clock_tally_metrics(&tally, START);
	clock_steps_take(&steps, metrics);
	json_object_object_foreach (metrics, name, value) {
		(void)value;
		if (metric_find(clock_manifest.metrics, name) == NULL)
			fail_msg("%s is not in the manifest", name);
	}
	json_object_put(metrics);
}

/*
 * The stream.
 */

#define MOST 8
#define SECOND NS_PER_S

static struct {
	struct own_clock *own;
	int count, last;
	json_object *record[MOST];
	uint64_t stop; /* when the first one comes */
} heard;

static void
on_record(void *arg, void *owner, json_object *record, bool last)
{
	assert_ptr_equal(owner, &heard);
	assert_true(heard.count < MOST);
	heard.record[heard.count++] = json_object_get(record);
	heard.last += last;
	if (heard.stop != 0)
		own_clock_stop(heard.own, heard.stop);
}

static int
make(void **state)
{
	struct discipline clock = synchronised(0.004);

	if (loop_make(state) != 0)
		return (-1);
	memset(&heard, 0, sizeof(heard));
	clock.at = clock_monotonic();
	heard.own = own_clock_new(*state, on_record, NULL);
	own_clock_look(heard.own, &clock);
	return (0);
}

static int
unmake(void **state)
{
	for (int i = 0; i < heard.count; i++)
		json_object_put(heard.record[i]);
	own_clock_free(heard.own);
	return (loop_remove(state));
}

static nanoseconds
start(uint64_t number, nanoseconds ahead)
{
	const struct crew_run order = {
	    .at = clock_wall() + ahead, .report = SECOND, .owner = &heard};

	own_clock_start(heard.own, number, &order);
	return (order.at);
}

static nanoseconds
time_of(int i, const char *name)
{
	return (clock_of_seconds(member_number_or(heard.record[i], name, NAN)));
}

static void
assert_time(int i, const char *name, nanoseconds expected)
{
	/* a double of seconds is good to a quarter of a microsecond */
	if (llabs(time_of(i, name) - expected) > NS_PER_US)
		fail_msg("%s of record %d is %lld, expected %lld", name, i,
		    (long long)time_of(i, name), (long long)expected);
}

static void
records_follow_one_another_to_the_end(void **state)
{
	nanoseconds at = start(7, 20 * NS_PER_MS);
	nanoseconds edge = at - at % SECOND + SECOND;

	loop_count(*state, &heard.count, 2);
	assert_time(0, "start", at);
	assert_time(0, "end", edge);
	assert_time(1, "start", edge);
	assert_time(1, "end", edge + SECOND);
	own_clock_finish(heard.own, 8); /* somebody else's */
	own_clock_finish(heard.own, 7);
	loop_count(*state, &heard.last, 1);
	for (int i = 0; i < heard.count; i++) {
		json_object *metrics = member_get(heard.record[i], "metrics");

		assert_string_equal(
		    member_text_or(heard.record[i], "outcome", ""), "measured");
		assert_null(member_get(heard.record[i], "why"));
		assert_true(member_number_or(metrics, "bound", 1) < 0.005);
		assert_true(member_number_or(metrics, "looks", 0) == 1);
		if (i > 0)
			assert_time(i, "start", time_of(i - 1, "end"));
	}
}

static void
one_that_is_ended_before_it_begins_has_found_nothing(void **state)
{
	start(7, 3600 * SECOND);
	own_clock_finish(heard.own, 7);
	loop_count(*state, &heard.last, 1);
	assert_int_equal(heard.count, 1);
	assert_string_equal(
	    member_text_or(heard.record[0], "outcome", ""), "skipped");
	assert_null(member_get(heard.record[0], "metrics"));
}

static void
who_takes_a_record_may_stop_it(void **state)
{
	start(7, 0);
	heard.stop = 7;
	loop_count(*state, &heard.count, 1);
	own_clock_stop(heard.own, 7); /* nothing is left of it */
	assert_int_equal(heard.last, 0);
}

/* One that was seen while no stream ran is in the next record. */
static void
no_step_is_lost(void **state)
{
	struct discipline clock = synchronised(0.004);
	json_object *metrics;

	clock.steps = (struct discipline_steps){1, 2.5, START};
	own_clock_look(heard.own, &clock);
	start(7, 0);
	loop_count(*state, &heard.count, 2);
	metrics = member_get(heard.record[0], "metrics");
	assert_number(metrics, "steps", 1);
	assert_number(metrics, "step", 2.5);
	assert_number(member_get(heard.record[1], "metrics"), "steps", 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(worst_bound_is_that_just_before_it_was_renewed),
	    cmocka_unit_test(bound_grows_until_the_end),
	    cmocka_unit_test(without_a_bound_there_is_no_number),
	    cmocka_unit_test(
		last_word_of_who_has_gone_is_a_bound_and_nothing_else),
	    cmocka_unit_test(a_word_of_the_operator_is_a_bound_and_no_offset),
	    cmocka_unit_test(each_step_is_told_once),
	    cmocka_unit_test(more_steps_than_there_is_room_for_are_counted),
	    cmocka_unit_test(metrics_are_as_the_manifest_has_them),
	    cmocka_unit_test_setup_teardown(
		records_follow_one_another_to_the_end, make, unmake),
	    cmocka_unit_test_setup_teardown(
		one_that_is_ended_before_it_begins_has_found_nothing, make,
		unmake),
	    cmocka_unit_test_setup_teardown(
		who_takes_a_record_may_stop_it, make, unmake),
	    cmocka_unit_test_setup_teardown(no_step_is_lost, make, unmake),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
