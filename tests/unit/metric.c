/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/metric.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct metric table[] = {
    {.name = "rtt",
	.better = BETTER_LESS,
	.graded = true,
	.edges = {1, 2, 3, 4, 5}},
    {.name = "speed",
	.better = BETTER_MORE,
	.graded = true,
	.edges = {1, 2, 3, 4, 5}},
    {.name = "hops"},
    {0},
};

static void
metric_on_an_edge_has_the_grade_above(void **state)
{
	assert_int_equal(metric_grade(&table[0], 0.99), 0);
	assert_int_equal(metric_grade(&table[0], 1), 1);
	assert_int_equal(metric_grade(&table[0], 4.5), 4);
	assert_int_equal(metric_grade(&table[0], 5), 5);
}

static void
metric_grades_from_the_better_end(void **state)
{
	assert_int_equal(metric_grade(&table[1], 0), 5);
	assert_int_equal(metric_grade(&table[1], 5), 0);
	assert_int_equal(metric_grade(&table[1], 2), 3);
}

static void
metric_without_edges_has_no_grade(void **state)
{
	assert_int_equal(metric_grade(&table[2], 3), -1);
}

static void
metric_is_found_by_name(void **state)
{
	assert_ptr_equal(metric_find(table, "hops"), &table[2]);
	assert_null(metric_find(table, "hop"));
}

static void
metric_names_fit_a_round_robin_file(void **state)
{
	assert_true(metric_name_valid("lost_locally"));
	assert_true(metric_name_valid("a234567890123"));
	assert_false(metric_name_valid("a2345678901234"));
	assert_false(metric_name_valid(""));
	assert_false(metric_name_valid("1st"));
	assert_false(metric_name_valid("_a"));
	assert_false(metric_name_valid("Loss"));
	assert_false(metric_name_valid("a-b"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(metric_on_an_edge_has_the_grade_above),
	    cmocka_unit_test(metric_grades_from_the_better_end),
	    cmocka_unit_test(metric_without_edges_has_no_grade),
	    cmocka_unit_test(metric_is_found_by_name),
	    cmocka_unit_test(metric_names_fit_a_round_robin_file),
	};

	return (cmocka_run_group_tests_name("metric", tests, NULL, NULL));
}
