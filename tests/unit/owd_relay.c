/* SPDX-License-Identifier: BSD-2-Clause */
/* One session of a stream follows another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/loop.h"
#include "tests/unit/owd_stage.h"

#define RATE 100

/* A second in which nothing was amiss. */
static void
check_interval(const struct stage_record *r)
{
	if (r->outcome != PROBE_MEASURED || stage_text(r, "error")[0] != '\0')
		fail_msg("outcome %d: %s%s", r->outcome, r->why,
		    stage_text(r, "error"));
	/* a busy machine skips some */
	assert_int_equal(
	    stage_count(r, "sent") + stage_count(r, "skipped"), RATE);
	assert_int_equal(stage_count(r, "received"), stage_count(r, "sent"));
	assert_int_equal(stage_count(r, "duplicates"), 0);
	assert_int_equal(stage_count(r, "stray"), 0);
	assert_int_equal(stage_count(r, "malformed"), 0);
	assert_int_equal(stage_count(r, "forged"), 0);
	assert_int_equal(stage_count(r, "unstamped"), 0);
}

/* Nothing is missed, nothing doubled where one session follows another: what is
 * sent in an interval is what is due in it; not even the packet that is due at the
 * border. */
static void
one_that_we_send_follows_another(void **state)
{
	stage.is_fleet = true;
	stage.settings.rate = RATE;
	stage_far();
	stage_start(RUNS_AT_SRC, NS_PER_S);
	for (int i = 1; i <= 9; i++)
		loop_count(stage.base, &stage.count, i);
	for (int i = 2; i < 9; i++)
		check_interval(&stage.records[i]);
}

/* A session is over when half of its numbers are, however fast it is: at 50,000/s
 * all of them last a day. The wire's lengths are not exact for the fastest. */
static void
numbers_do_not_run_out(void **state)
{
	stage_far();
	for (double rate = 0.001; rate <= 1e6; rate *= 10) {
		stage.settings.rate = rate;
		stage_start(RUNS_AT_DST, NS_PER_S);
		assert_true(clock_seconds(stage.run.course.longest) * rate <=
			    1.001 * INT32_MAX);
		assert_true(clock_seconds(stage.run.course.longest) <= 86400);
		stage_again();
	}
}

#define TEST(test) \
	cmocka_unit_test_setup_teardown(test, stage_make, stage_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(one_that_we_send_follows_another),
	    TEST(numbers_do_not_run_out),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
