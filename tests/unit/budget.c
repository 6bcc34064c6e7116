/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/budget.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/harvest.h"
#include "common/draft.h"
#include "common/member.h"

static const struct metric table[] = {
    {.name = "delay",
	.kind = METRIC_DISTRIBUTION,
	.unit = UNIT_SECONDS,
	.bound = "off",
	.unbounded = "lost_in_time",
	.help = "x"},
    {.name = "ipdv",
	.kind = METRIC_DISTRIBUTION,
	.unit = UNIT_SECONDS,
	.help = "x"},
    {.name = "off",
	.kind = METRIC_VALUE,
	.unit = UNIT_SECONDS,
	.merge = MERGE_MAX,
	.help = "x"},
    {.name = "lost_in_time", .kind = METRIC_COUNT, .help = "x"},
    {NULL},
};

static void
all_bounds_are_added(void **state)
{
	struct budget budget = {true, true, 5000, 70000, {10, 200}};
	nanoseconds sum;

	assert_true(budget_sum(&budget, &sum));
	assert_int_equal(sum, 75210);
}

static void
one_clock_without_a_bound_leaves_none(void **state)
{
	/* what is beside it means nothing */
	struct budget budget = {true, false, 5000, INT64_MAX, {10, 200}};
	nanoseconds sum;

	assert_false(budget_sum(&budget, &sum));
	budget = (struct budget){false, true, INT64_MAX, 5000, {10, 200}};
	assert_false(budget_sum(&budget, &sum));
}

static void
a_programs_stamp_is_worth_less(void **state)
{
	assert_true(budget_stamp(STAMP_USER) > budget_stamp(STAMP_KERNEL));
}

/* What has been harvested, after a bound was set. */
static json_object *
harvest(int samples, double seconds)
{
	struct harvest *harvest = harvest_new(table);
	struct draft draft = {0};
	json_object *json;

	for (int i = 0; i < samples; i++) {
		harvest_sample(harvest, "delay", 1000 + i);
		harvest_sample(harvest, "ipdv", i);
	}
	harvest_bound(harvest, seconds);
	harvest_take(harvest, &draft);
	json = member_parse(draft.text, draft.length, NULL);
	assert_non_null(json);
	draft_clear(&draft);
	harvest_free(harvest);
	return (json);
}

static void
delays_say_how_far_they_may_be_off(void **state)
{
	json_object *json = harvest(3, 0.000075);

	assert_true(member_number_or(json, "off", -1) == 0.000075);
	assert_int_equal(member_whole_or(json, "lost_in_time", -1), 0);
	json_object_put(json);
}

static void
delays_that_nobody_bounds_are_counted(void **state)
{
	json_object *json = harvest(3, NAN);

	assert_null(member_get(json, "off"));
	assert_int_equal(member_whole_or(json, "lost_in_time", -1), 3);
	json_object_put(json);
}

static void
what_was_not_measured_has_no_bound(void **state)
{
	json_object *json = harvest(0, 0.000075);

	assert_int_equal(json_object_object_length(json), 0);
	json_object_put(json);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_bounds_are_added),
	    cmocka_unit_test(one_clock_without_a_bound_leaves_none),
	    cmocka_unit_test(a_programs_stamp_is_worth_less),
	    cmocka_unit_test(delays_say_how_far_they_may_be_off),
	    cmocka_unit_test(delays_that_nobody_bounds_are_counted),
	    cmocka_unit_test(what_was_not_measured_has_no_bound),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
