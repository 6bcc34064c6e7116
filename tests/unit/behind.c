/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "collector/behind.h"
#include "common/error.h"

#define HOUR (3600 * NS_PER_S)
#define DAY (24 * HOUR)
#define TODAY (INT64_C(1795300000) * NS_PER_S)

static struct behind *behind;
static bool kernel; /* says synchronised */
static nanoseconds monotonic;
static struct error why;

static int
make(void **state)
{
	behind = behind_new();
	kernel = false;
	monotonic = 7 * HOUR;
	return (0);
}

static int
drop(void **state)
{
	behind_free(behind);
	return (0);
}

static void
told(const char *box, nanoseconds theirs)
{
	behind_told(behind, box, theirs, true, monotonic);
}

static bool
judged(nanoseconds wall)
{
	why.text[0] = '\0';
	return (behind_judge(behind, wall, monotonic, kernel, &why));
}

static void
without_a_word_a_clock_is_believed(void **state)
{
	assert_false(judged(TODAY));
	assert_false(judged(0));
	assert_string_equal(why.text, "");
	assert_false(behind_undoubted(behind));
}

static void
what_was_seen_before_speaks_against_it(void **state)
{
	behind_seen(behind, TODAY);
	assert_false(judged(TODAY - HOUR));
	assert_true(judged(TODAY - DAY));
	assert_string_equal(why.text,
	    "the collector's clock (2026-11-20T22:26:40Z) is 1 d behind what "
	    "it has said before; set it right");
	assert_false(judged(TODAY + 3650 * DAY));
}

static void
more_than_half_of_the_boxes_speak_against_it(void **state)
{
	told("ams", TODAY);
	told("lon", TODAY - DAY);
	assert_false(judged(TODAY - DAY));
	told("osl", TODAY);
	assert_true(judged(TODAY - DAY));
	assert_non_null(strstr(why.text, "1 d behind, say 2 of 3 boxes;"));
	told("osl", TODAY - DAY); /* the same again, with another word */
	assert_false(judged(TODAY - DAY));
}

static void
the_kernels_word_ends_it(void **state)
{
	behind_seen(behind, TODAY);
	told("ams", TODAY);
	kernel = true;
	assert_false(judged(TODAY - DAY));
	assert_string_equal(why.text, "");
	kernel = false;
	assert_true(judged(TODAY - DAY));
}

static void
it_is_over_when_the_clock_is_set(void **state)
{
	behind_seen(behind, TODAY);
	told("ams", TODAY);
	assert_true(judged(TODAY - DAY));
	monotonic += 60 * NS_PER_S;
	assert_false(judged(TODAY + 60 * NS_PER_S));
	assert_true(behind_undoubted(behind));
}

static void
a_box_that_is_silent_has_no_voice(void **state)
{
	told("ams", TODAY);
	monotonic += BEHIND_HEARD;
	assert_true(judged(TODAY - DAY));
	monotonic++;
	assert_false(judged(TODAY - DAY));
}

static void
a_box_that_knows_no_better_speaks_for_the_clock_only(void **state)
{
	behind_told(behind, "lab", TODAY + DAY, false, monotonic);
	assert_false(judged(TODAY));
	behind_told(behind, "lab", TODAY, false, monotonic);
	told("ams", TODAY + DAY);
	assert_false(judged(TODAY)); /* one against one */
	assert_true(judged(TODAY - DAY));
	assert_non_null(strstr(why.text, "2 d behind, say 1 of 1 boxes;"));
}

static void
a_box_is_known_by_its_hello_and_may_have_no_voice(void **state)
{
	assert_false(behind_knows(behind, "ams"));
	behind_met(behind, "ams");
	assert_true(behind_knows(behind, "ams"));
	assert_false(behind_knows(behind, "am"));
	behind_seen(behind, TODAY);
	assert_true(judged(TODAY - DAY));
	assert_non_null(strstr(why.text, "what it has said before"));
	assert_false(judged(TODAY));
	assert_false(behind_undoubted(behind)); /* nobody has spoken */
}

/* As one whose certificate is of a time to come. */
static void
a_box_may_have_a_voice_before_its_hello(void **state)
{
	told("ams", TODAY);
	assert_false(behind_knows(behind, "ams"));
	assert_true(judged(TODAY - DAY));
	behind_met(behind, "ams");
	assert_true(behind_knows(behind, "ams"));
	assert_true(judged(TODAY - DAY));
}

static void
memory_decides_between_boxes(void **state)
{
	behind_seen(behind, TODAY);
	told("ams", TODAY - DAY); /* as dark as we were, at the same site */
	assert_true(judged(TODAY - DAY));
	told("lon", TODAY);
	told("osl", TODAY - DAY);
	assert_true(judged(TODAY - DAY));
	told("par", TODAY - DAY);
	assert_false(judged(TODAY - DAY));
}

/* As after a clock that was ahead for a while. */
static void
a_memory_that_nobody_shares_is_given_up(void **state)
{
	behind_seen(behind, TODAY + 3650 * DAY);
	assert_true(judged(TODAY));
	monotonic += BEHIND_PATIENCE - 1;
	assert_true(judged(TODAY + BEHIND_PATIENCE - 1));
	monotonic++;
	assert_false(judged(TODAY + BEHIND_PATIENCE));
	assert_false(judged(TODAY + BEHIND_PATIENCE));
}

static void
a_memory_that_boxes_share_is_not(void **state)
{
	behind_seen(behind, TODAY);
	for (int i = 0; i < 100; i++) {
		told("ams", TODAY + i * 60 * NS_PER_S);
		assert_true(judged(TODAY - DAY + i * 60 * NS_PER_S));
		monotonic += 60 * NS_PER_S;
	}
}

static void
a_clock_that_is_ahead_is_not_behind_but_doubted(void **state)
{
	told("ams", TODAY);
	told("lon", TODAY);
	assert_false(judged(TODAY + 3650 * DAY));
	assert_false(behind_undoubted(behind));
	assert_false(judged(TODAY));
	assert_true(behind_undoubted(behind));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(without_a_word_a_clock_is_believed),
	    TEST(what_was_seen_before_speaks_against_it),
	    TEST(more_than_half_of_the_boxes_speak_against_it),
	    TEST(the_kernels_word_ends_it),
	    TEST(it_is_over_when_the_clock_is_set),
	    TEST(a_box_that_is_silent_has_no_voice),
	    TEST(a_box_that_knows_no_better_speaks_for_the_clock_only),
	    TEST(a_box_is_known_by_its_hello_and_may_have_no_voice),
	    TEST(a_box_may_have_a_voice_before_its_hello),
	    TEST(memory_decides_between_boxes),
	    TEST(a_memory_that_nobody_shares_is_given_up),
	    TEST(a_memory_that_boxes_share_is_not),
	    TEST(a_clock_that_is_ahead_is_not_behind_but_doubted),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
