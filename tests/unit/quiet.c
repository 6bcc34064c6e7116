/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/quiet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"

/* Wall-clock time of a text, UTC. */
static nanoseconds
at(const char *text)
{
	nanoseconds wall;
	struct error err;

	if (clock_parse(text, 0, &wall, &err) == -1)
		fail_msg("%s", err.text);
	return (wall);
}

static void
assert_quiet(const struct quiet *quiet, const char *time, bool expected,
    const char *change)
{
	nanoseconds next;
	char text[40];

	if (quiet_at(quiet, at(time), &next) != expected)
		fail_msg("at %s it is %squiet", time, expected ? "not " : "");
	if (next != at(change))
		fail_msg("at %s: changes at %s, expected %s", time,
		    clock_format(next, 0, text), change);
}

static const struct quiet night = {true, 22 * 60, 6 * 60, "UTC"};
static const struct quiet office = {true, 9 * 60, 17 * 60 + 30, "UTC"};

static void
hours_may_go_over_midnight(void **state)
{
	assert_quiet(
	    &night, "2026-11-21T21:59:59Z", false, "2026-11-21T22:00:00Z");
	assert_quiet(
	    &night, "2026-11-21T22:00:00Z", true, "2026-11-22T06:00:00Z");
	assert_quiet(
	    &night, "2026-11-22T05:59:59Z", true, "2026-11-22T06:00:00Z");
	assert_quiet(
	    &night, "2026-11-22T06:00:00Z", false, "2026-11-22T22:00:00Z");
}

static void
hours_may_be_within_a_day(void **state)
{
	assert_quiet(
	    &office, "2026-11-21T08:00:00Z", false, "2026-11-21T09:00:00Z");
	assert_quiet(
	    &office, "2026-11-21T17:29:00Z", true, "2026-11-21T17:30:00Z");
	assert_quiet(
	    &office, "2026-11-30T20:00:00Z", false, "2026-12-01T09:00:00Z");
}

/* Berlin is one hour ahead in winter and two in summer. */
static void
hours_are_those_of_the_zone_all_year(void **state)
{
	struct quiet berlin = {true, 22 * 60, 6 * 60, "Europe/Berlin"};
	struct error err;

	if (quiet_zone(berlin.zone, &err) == -1)
		skip(); /* no tzdata here */
	assert_quiet(
	    &berlin, "2026-01-10T20:30:00Z", false, "2026-01-10T21:00:00Z");
	assert_quiet(
	    &berlin, "2026-07-10T20:30:00Z", true, "2026-07-11T04:00:00Z");
	/* the night in which the clock is set forward */
	assert_quiet(
	    &berlin, "2026-03-28T22:00:00Z", true, "2026-03-29T04:00:00Z");
	/* and after another zone was asked about */
	assert_quiet(
	    &night, "2026-07-10T20:30:00Z", false, "2026-07-10T22:00:00Z");
	assert_quiet(
	    &berlin, "2026-07-10T20:30:00Z", true, "2026-07-11T04:00:00Z");
}

/* An edge in the hour that is left out, or comes twice: from the first time that
 * the clock shows the one to the last that it shows the other. */
static void
clock_that_is_set_at_an_edge_leaves_no_hole(void **state)
{
	struct quiet early = {true, 2 * 60 + 30, 6 * 60, "Europe/Berlin"};
	struct quiet late = {true, 22 * 60, 2 * 60 + 30, "Europe/Berlin"};
	struct quiet most = {true, 2 * 60 + 30, 2 * 60 + 29, "Europe/Berlin"};
	struct error err;

	if (quiet_zone(early.zone, &err) == -1)
		skip(); /* no tzdata here */
	/* at 01:00 UTC from 02:00 to 03:00 */
	assert_quiet(
	    &early, "2026-03-29T00:59:59Z", false, "2026-03-29T01:00:00Z");
	assert_quiet(
	    &early, "2026-03-29T01:00:00Z", true, "2026-03-29T04:00:00Z");
	assert_quiet(
	    &late, "2026-03-29T00:59:59Z", true, "2026-03-29T01:00:00Z");
	assert_quiet(
	    &late, "2026-03-29T01:00:00Z", false, "2026-03-29T20:00:00Z");
	/* at 01:00 UTC from 03:00 to 02:00 */
	assert_quiet(
	    &early, "2026-10-25T00:30:00Z", true, "2026-10-25T05:00:00Z");
	assert_quiet(
	    &early, "2026-10-25T01:15:00Z", true, "2026-10-25T05:00:00Z");
	assert_quiet(
	    &late, "2026-10-25T00:45:00Z", true, "2026-10-25T01:30:00Z");
	assert_quiet(
	    &late, "2026-10-25T01:30:00Z", false, "2026-10-25T21:00:00Z");
	/* yesterday's end after today has begun */
	assert_quiet(
	    &most, "2026-10-24T12:00:00Z", true, "2026-10-26T01:29:00Z");
	assert_quiet(
	    &most, "2026-10-25T01:00:00Z", true, "2026-10-26T01:29:00Z");
}

static void
without_hours_it_is_never_quiet(void **state)
{
	const struct quiet none = {0};
	nanoseconds next;

	assert_false(quiet_at(&none, at("2026-11-21T23:00Z"), &next));
	assert_int_equal(next, INT64_MAX);
}

static void
times_of_day_are_read_strictly(void **state)
{
	static const char *const wrong[] = {"", "22", "22:0", "2:00", "24:00",
	    "22:60", "-1:00", "22:00h", "22.00", " 2:00", "+2:00"};
	int minutes;

	assert_int_equal(quiet_minutes("00:00", &minutes, NULL), 0);
	assert_int_equal(minutes, 0);
	assert_int_equal(quiet_minutes("23:59", &minutes, NULL), 0);
	assert_int_equal(minutes, QUIET_DAY - 1);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (quiet_minutes(wrong[i], &minutes, NULL) == 0)
			fail_msg("\"%s\" was taken", wrong[i]);
}

static void
hours_are_written_for_people(void **state)
{
	const struct quiet none = {0};
	char text[QUIET_TEXT];

	assert_string_equal(quiet_write(&night, text), "22:00 to 06:00 UTC");
	assert_string_equal(quiet_write(&none, text), "none");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hours_may_go_over_midnight),
	    cmocka_unit_test(hours_may_be_within_a_day),
	    cmocka_unit_test(hours_are_those_of_the_zone_all_year),
	    cmocka_unit_test(clock_that_is_set_at_an_edge_leaves_no_hole),
	    cmocka_unit_test(without_hours_it_is_never_quiet),
	    cmocka_unit_test(times_of_day_are_read_strictly),
	    cmocka_unit_test(hours_are_written_for_people),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
