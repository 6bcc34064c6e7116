/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/since.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define START (1795294800 * NS_PER_S)
#define MINUTE (60 * NS_PER_S)
#define ROWS 120

static const struct metric delay = {.name = "rtt",
    .kind = METRIC_DISTRIBUTION,
    .graded = true,
    .edges = {0.01, 0.05, 0.1, 0.2, 0.3}};
static const struct metric loss = {.name = "loss",
    .kind = METRIC_RATIO,
    .graded = true,
    .edges = {0.001, 0.01, 0.025, 0.05, 0.12}};

static const struct since_limit poor = {&delay, 3};
static const struct since_limit unanswered = {&loss, SINCE_UNANSWERED};

/* A letter a minute: f fine, b bad, l lost, a dot: unknown. */
static bool
look(const char *rows, const struct since_limit *limit, nanoseconds step,
    struct since *since)
{
	double values[ROWS];
	size_t count = strlen(rows);

	assert_true(count <= ROWS);
	for (size_t i = 0; i < count; i++)
		values[i] = rows[i] == 'f'   ? 0.005
			    : rows[i] == 'b' ? 0.1
			    : rows[i] == 'l' ? 1
					     : NAN;
	return (since_rows(values, count, START, step, limit, since));
}

static void
since_is_the_first_row_of_the_last_run(void **state)
{
	struct since since;

	assert_true(look("bbbffffffffffffbbbb", &poor, MINUTE, &since));
	assert_int_equal(since.from, START + 15 * MINUTE);
	assert_int_equal(since.bad, 4);
	assert_int_equal(since.known, 4);
	assert_false(since.open);
}

static void
since_goes_on_through_a_short_pause(void **state)
{
	struct since since;

	assert_true(look("ffffffffffbbffffffbb", &poor, MINUTE, &since));
	assert_int_equal(since.from, START + 10 * MINUTE);
	assert_int_equal(since.bad, 4);
	assert_int_equal(since.known, 10);
}

static void
since_takes_what_is_unknown_for_neither(void **state)
{
	struct since since;

	assert_true(
	    look("ffffffffffb....................b", &poor, MINUTE, &since));
	assert_int_equal(since.from, START + 10 * MINUTE);
	assert_int_equal(since.known, 2);
	assert_false(look("...bbb", &poor, MINUTE, &since));
	assert_int_equal(since.from, START + 3 * MINUTE);
	assert_true(since.open);
}

static void
since_is_nothing_when_it_is_fine(void **state)
{
	struct since since;

	assert_true(look("bbbbbffffffffff", &poor, MINUTE, &since));
	assert_int_equal(since.from, 0);
	assert_false(look("", &poor, MINUTE, &since));
	assert_int_equal(since.from, 0);
}

/* Of long rows three are a pause enough. */
static void
since_ends_with_three_long_rows(void **state)
{
	struct since since;

	assert_true(look("bfffbffb", &poor, 30 * MINUTE, &since));
	assert_int_equal(since.from, START + 4 * 30 * MINUTE);
	assert_int_equal(since.bad, 2);
	assert_int_equal(since.known, 4);
}

static void
since_unanswered_ends_with_the_first_answer(void **state)
{
	struct since since;

	assert_true(look("lllbl..l", &unanswered, MINUTE, &since));
	assert_int_equal(since.from, START + 4 * MINUTE);
	assert_int_equal(since.bad, 2);
	assert_true(look("llllb", &unanswered, MINUTE, &since));
	assert_int_equal(since.from, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(since_is_the_first_row_of_the_last_run),
	    cmocka_unit_test(since_goes_on_through_a_short_pause),
	    cmocka_unit_test(since_takes_what_is_unknown_for_neither),
	    cmocka_unit_test(since_is_nothing_when_it_is_fine),
	    cmocka_unit_test(since_ends_with_three_long_rows),
	    cmocka_unit_test(since_unanswered_ends_with_the_first_answer),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
