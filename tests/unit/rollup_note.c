/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/rollup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/log.h"
#include "tests/unit/rolled.h"
#include "tests/unit/sample.h"

/* An hour of bins that lost nothing. */
static void
add_hour(struct binned *stage)
{
	for (int i = 0; i < 60; i++)
		binned_add(stage, MIDNIGHT + i * MINUTE, 10);
}

/* Bins on their way that say otherwise, so it shows what a row is made of. */
static void
note_worse(struct binned *stage, nanoseconds from, int first, int count)
{
	struct bundle *bundle =
	    sample_bundle(&sample_manifest, 10, 9, NS_PER_MS);

	for (int i = first; i < first + count; i++)
		rollup_note(stage->bins, stage->pair, &sample_manifest, from,
		    MIDNIGHT + i * MINUTE, bundle);
	bundle_free(bundle);
}

static struct rolled
roll_flushed(struct binned *stage, nanoseconds upto)
{
	struct error err;

	assert_int_equal(
	    bins_set_flushed(stage->bins, stage->pair, upto, &err), 0);
	rolled_upto(stage, upto);
	return (
	    rolled_rows(stage, ROLLUP_HOUR, MIDNIGHT, MIDNIGHT + ROLLUP_HOUR));
}

static void
hour_is_made_of_bins_on_their_way(void **state)
{
	struct rolled seen;

	add_hour(*state);
	note_worse(*state, 0, 0, 20);
	note_worse(
	    *state, MIDNIGHT + 10 * MINUTE, 10, 50); /* ten of them again */
	seen = roll_flushed(*state, MIDNIGHT + ROLLUP_HOUR);
	assert_true(seen.bins == 60 && seen.sent == 600 && seen.lost == 60);
}

static void
changed_bin_is_not_what_was_on_its_way(void **state)
{
	struct rolled seen;

	add_hour(*state);
	note_worse(*state, 0, 0, 60);
	binned_add(*state, MIDNIGHT + 59 * MINUTE, 8);
	seen = roll_flushed(*state, MIDNIGHT + ROLLUP_HOUR);
	assert_true(seen.bins == 60 && seen.sent == 610 && seen.lost == 2);
}

static void
part_of_an_hour_is_no_hour(void **state)
{
	struct rolled seen;

	add_hour(*state);
	note_worse(*state, MIDNIGHT + MINUTE, 1, 59);
	seen = roll_flushed(*state, MIDNIGHT + ROLLUP_HOUR);
	assert_true(seen.bins == 60 && seen.sent == 600 && seen.lost == 0);
}

static void
hour_with_a_hole_on_the_way_is_read(void **state)
{
	struct rolled seen;

	add_hour(*state);
	note_worse(*state, 0, 0, 20);
	note_worse(*state, MIDNIGHT + 30 * MINUTE, 30, 30);
	seen = roll_flushed(*state, MIDNIGHT + ROLLUP_HOUR);
	assert_true(seen.bins == 60 && seen.sent == 600 && seen.lost == 0);
}

static void
hour_with_bins_that_are_due_is_read(void **state)
{
	struct error err;
	struct rolled seen;
	struct binned *stage = *state;

	add_hour(stage);
	note_worse(stage, 0, 0, 30);
	assert_int_equal(bins_set_flushed(stage->bins, stage->pair,
			     MIDNIGHT + 30 * MINUTE, &err),
	    0);
	rolled_upto(stage, MIDNIGHT + ROLLUP_HOUR);
	seen = rolled_all(stage, ROLLUP_HOUR);
	assert_true(seen.bins == 60 && seen.sent == 600 && seen.lost == 0);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, binned_make, binned_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(hour_is_made_of_bins_on_their_way),
	    TEST(changed_bin_is_not_what_was_on_its_way),
	    TEST(part_of_an_hour_is_no_hour),
	    TEST(hour_with_a_hole_on_the_way_is_read),
	    TEST(hour_with_bins_that_are_due_is_read),
	};

	log_open("rollup_note", false);
	return (cmocka_run_group_tests_name("rollup_note", tests, NULL, NULL));
}
