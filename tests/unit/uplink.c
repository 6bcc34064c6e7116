/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/uplink.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/member.h"
#include "tests/unit/loop.h"
#include "tests/unit/uplinked.h"

static void
records_arrive_in_order_and_leave_the_spool(void **state)
{
	struct world *world = *state;
	struct spool_depth depth;

	uplinked_fill(world, 1500);
	uplinked_start(world);
	loop_count(world->base, &world->delivered, 2);
	uplinked_expect(world, 1500);
	assert_int_equal(world->collector.sizes[0], 1000);
	assert_int_equal(spool_commit(world->spool, clock_wall(), NULL), 0);
	spool_depth(world->spool, &depth);
	assert_int_equal(depth.records, 0);
}

static void
records_that_come_later_are_sent_when_said(void **state)
{
	struct world *world = *state;

	uplinked_start(world);
	loop_count(world->base, &world->collector.hellos, 1);
	uplinked_fill(world, 3);
	uplink_records(world->uplink);
	loop_count(world->base, &world->delivered, 1);
	uplinked_expect(world, 3);
}

static void
a_refused_batch_is_sent_again(void **state)
{
	struct world *world = *state;
	nanoseconds begin = clock_monotonic();

	world->collector.refusals[0] = 503; /* Retry-After: 1 */
	uplinked_fill(world, 10);
	uplinked_start(world);
	loop_count(world->base, &world->delivered, 1);
	assert_true(clock_monotonic() - begin >= NS_PER_S);
	assert_int_equal(world->collector.batches, 2);
	uplinked_expect(world, 10);
}

static void
a_batch_that_is_too_large_is_halved(void **state)
{
	struct world *world = *state;

	world->collector.refusals[0] = 413;
	uplinked_fill(world, 1000);
	uplinked_start(world);
	loop_count(world->base, &world->delivered, 2);
	assert_int_equal(world->collector.sizes[0], 1000);
	assert_int_equal(world->collector.sizes[1], 500);
	uplinked_expect(world, 1000);
}

static void
a_plan_is_taken_once_and_then_waited_for(void **state)
{
	struct world *world = *state;

	uplinked_start(world);
	loop_count(world->base, &world->collector.plans, 2);
	assert_int_equal(world->plans_taken, 1);
	assert_non_null(world->collector.held);
	assert_string_equal(world->collector.if_none_match, "\"41\"");
}

static void
manifests_are_sent_once(void **state)
{
	struct world *world = *state;

	uplinked_start(world);
	loop_count(world->base, &world->collector.hellos, 1);
	uplink_hello(world->uplink);
	loop_count(world->base, &world->collector.hellos, 2);
	assert_int_equal(world->collector.introductions, 1);
}

static void
status_says_what_is_wrong(void **state)
{
	struct world *world = *state;
	json_object *status;

	world->collector.refusals[0] = 503;
	uplinked_fill(world, 1);
	uplinked_start(world);
	loop_count(world->base, &world->collector.batches, 1);
	do {
		event_base_loop(world->base, EVLOOP_ONCE);
		status = uplink_status(world->uplink);
		if (member_get(status, "error") != NULL)
			break;
		json_object_put(status);
	} while (world->delivered == 0);
	assert_int_equal(world->delivered, 0);
	assert_non_null(
	    strstr(member_text_or(status, "error", ""), "503: not now"));
	json_object_put(status);
}

static void
records_that_the_collector_has_of_another_are_kept(void **state)
{
	struct world *world = *state;

	world->collector.accepted = 900;
	uplinked_fill(world, 2);
	uplinked_start(world);
	loop_while(world->base, world->since == 0);
	assert_true(world->since == INT64_C(1795300000) * NS_PER_S);
	assert_int_equal(world->delivered, 0);
}

/* The answer was lost, and they are sent again. */
static void
records_that_it_has_of_us_are_delivered(void **state)
{
	struct world *world = *state;

	world->collector.refusals[0] = 503;
	world->collector.accepted = 2;
	uplinked_fill(world, 2);
	uplinked_start(world);
	loop_count(world->base, &world->delivered, 1);
	assert_true(world->since == 0);
}

static bool
is_second(struct world *world)
{
	json_object *status = uplink_status(world->uplink);
	bool second = json_object_get_boolean(member_get(status, "second"));

	json_object_put(status);
	return (second);
}

static void
a_second_agent_knows_it_until_it_is_heard(void **state)
{
	struct world *world = *state;

	world->collector.refusals[0] = 409;
	uplinked_fill(world, 1);
	uplinked_start(world);
	assert_false(is_second(world));
	loop_while(world->base, !is_second(world));
	assert_int_equal(world->delivered, 0);
	loop_count(world->base, &world->delivered, 1);
	assert_false(is_second(world));
	assert_int_equal(json_object_array_length(world->collector.arrived), 1);
}

#define IN_WORLD(test) \
	cmocka_unit_test_setup_teardown(test, uplinked_make, uplinked_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_WORLD(records_arrive_in_order_and_leave_the_spool),
	    IN_WORLD(records_that_come_later_are_sent_when_said),
	    IN_WORLD(a_refused_batch_is_sent_again),
	    IN_WORLD(a_batch_that_is_too_large_is_halved),
	    IN_WORLD(a_plan_is_taken_once_and_then_waited_for),
	    IN_WORLD(manifests_are_sent_once),
	    IN_WORLD(status_says_what_is_wrong),
	    IN_WORLD(a_second_agent_knows_it_until_it_is_heard),
	    IN_WORLD(records_that_the_collector_has_of_another_are_kept),
	    IN_WORLD(records_that_it_has_of_us_are_delivered),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
