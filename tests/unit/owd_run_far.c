/* SPDX-License-Identifier: BSD-2-Clause */
/* What a run or a stream has when the far end is late, stops, dies or breaks off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/hash.h"
#include "tests/unit/loop.h"
#include "tests/unit/owd_stage.h"

/* When all has been stated, and no sooner than it is known what was lost. */
static void
a_report_waits_for_no_more_than_the_statement(void **state)
{
	nanoseconds soonest = INT64_MAX;

	stage.is_fleet = true;
	stage.settings.rate = 100;
	stage_far();
	stage_start(RUNS_AT_DST, NS_PER_S);
	loop_count(stage.base, &stage.count, 4);
	loop_count(stage.base, &stage.count, 8);
	for (int i = 1; i < 8; i++) {
		const struct stage_record *r = &stage.records[i];
		nanoseconds behind = r->at - r->to;

		assert_true(behind >= stage.settings.timeout);
		assert_true(
		    behind <= stage.settings.timeout + RUN_PATIENCE + NS_PER_S);
		if (behind < soonest)
			soonest = behind;
	}
	/* of five in a row, one is stated in the second behind its end */
	assert_true(soonest < stage.settings.timeout + 2 * NS_PER_S);
}

/* What is late is not known sooner, whatever has been stated. */
static void
a_report_waits_for_the_timeout(void **state)
{
	stage.is_fleet = true;
	stage.settings.rate = 100;
	stage.settings.timeout = 3 * NS_PER_S;
	stage_far();
	stage_start(RUNS_AT_DST, NS_PER_S);
	loop_count(stage.base, &stage.count, 4);
	for (int i = 0; i < 4; i++)
		assert_true(stage.records[i].at - stage.records[i].to >=
			    stage.settings.timeout);
	stage_check_whole(
	    stage_last(), stage_count(stage_last(), "sent") +
			      stage_count(stage_last(), "skipped"));
}

/* It says what it has sent. */
static void
a_far_end_that_stops_in_order_leaves_nothing_unknown(void **state)
{
	stage.is_fleet = true;
	stage.settings.rate = 100;
	stage_far();
	stage_start(RUNS_AT_DST, 3600 * NS_PER_S);
	loop_count(stage.base, &stage.lives, 50);
	stage_far_off();
	loop_while(stage.base,
	    leg_state(TAILQ_FIRST(&stage.run.legs)->leg) == LEG_RUNNING);
	stage_finish();
	loop_until(stage.base, &stage.done);
	for (int i = 0; i < stage.count; i++) {
		const struct stage_record *r = &stage.records[i];
		int64_t sent = stage_count(r, "sent");

		assert_true(sent >= 0);
		assert_int_equal(stage_count(r, "lost"), 0);
		assert_int_equal(stage_count(r, "received"), sent);
		assert_string_equal(
		    stage_text(r, "error"), "the far end ended the session");
	}
	assert_in_range(stage_count(stage_last(), "received"), 1, 100);
}

/* No loss is claimed when it dies, and it is measured when it is back. */
static void
a_far_end_may_die_and_come_back(void **state)
{
	int died;

	strcpy(stage.far_settings.allow, "127.0.0.0/8");
	stage.settings.rate = 100;
	stage_far();
	stage_start(RUNS_AT_DST, NS_PER_S);
	loop_count(stage.base, &stage.count, 2);
	stage_far_off();
	died = stage.count;
	loop_count(stage.base, &stage.count, died + 3);
	assert_int_equal(stage_last()->outcome, PROBE_NO_ANSWER);
	assert_null(stage_metric(stage_last(), "lost"));
	assert_non_null(
	    strstr(stage_text(stage_last(), "error"), "Connection refused"));
	for (int i = 1; i < stage.count; i++)
		assert_in_range(
		    stage_count(&stage.records[i], "lost") + 1, 0, 1);
	stage_far();
	died = stage.count;
	while (stage_count(stage_last(), "sent") < 99) {
		loop_count(stage.base, &stage.count, stage.count + 1);
		assert_true(stage.count < died + 15);
	}
	stage_check_whole(
	    stage_last(), stage_count(stage_last(), "sent") +
			      stage_count(stage_last(), "skipped"));
}

/* The leg that has run for a while, or NULL. */
static const struct leg *
under_way(void)
{
	const struct leg *leg = TAILQ_EMPTY(&stage.run.legs)
				    ? NULL
				    : TAILQ_FIRST(&stage.run.legs)->leg;

	return (leg != NULL && leg_state(leg) == LEG_RUNNING &&
			clock_wall() >= leg_from(leg) + 200 * NS_PER_MS
		    ? leg
		    : NULL);
}

/* What the far end had when the connection broke. */
static void
what_is_fetched_of_a_broken_session_claims_no_loss(void **state)
{
	const struct leg *leg;

	strcpy(stage.far_settings.allow, "127.0.0.0/8");
	stage.settings.count = 4000;
	stage_far();
	stage_start(RUNS_AT_SRC, 0);
	loop_while(stage.base, (leg = under_way()) == NULL);
	hash_hex(leg_sid(leg), KEYS_SID, stage.settings.fetch);
	stage_again();
	stage_run(RUNS_AT_DST);
	assert_int_equal(stage_last()->outcome, PROBE_MEASURED);
	assert_in_range(stage_count(stage_last(), "received"), 1, 3999);
	assert_null(stage_metric(stage_last(), "sent"));
	assert_null(stage_metric(stage_last(), "lost"));
	assert_non_null(strstr(
	    stage_text(stage_last(), "error"), "does not have all that came"));
}

#define TEST(test) \
	cmocka_unit_test_setup_teardown(test, stage_make, stage_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_is_fetched_of_a_broken_session_claims_no_loss),
	    TEST(a_report_waits_for_no_more_than_the_statement),
	    TEST(a_report_waits_for_the_timeout),
	    TEST(a_far_end_that_stops_in_order_leaves_nothing_unknown),
	    TEST(a_far_end_may_die_and_come_back),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
