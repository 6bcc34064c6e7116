/* SPDX-License-Identifier: BSD-2-Clause */
/* A control connection breaks, and the packets still flow. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/sides.h"
#include "probes/owd/far_parts.h"
#include "probes/owd/leg_parts.h"
#include "tests/unit/loop.h"
#include "tests/unit/owd_stage.h"

#define RATE 100
#define TOLD 64

/* What the far end says to its host. */
static char told[TOLD][400];
static int told_count;

static void
tell(struct probe_responder *responder, const struct probe_statement *statement)
{
	assert_ptr_equal(responder, &stage.responder);
	assert_in_range(told_count, 0, TOLD - 1);
	snprintf(told[told_count++], sizeof(told[0]), "%s", statement->json);
}

static long
number_behind(const char *json, const char *member)
{
	const char *at = strstr(json, member);

	assert_non_null(at);
	return (strtol(at + strlen(member), NULL, 10));
}

/* One key behind the other; false: that was the last. */
static bool
next_key(const char **at, char key[static SIDES_KEY])
{
	const char *end;

	if (**at != '"')
		return (false);
	end = strchr(*at + 1, '"');
	assert_true(end - *at < SIDES_KEY);
	snprintf(key, SIDES_KEY, "%.*s", (int)(end - *at - 1), *at + 1);
	*at = end[1] == ',' ? end + 2 : end + 1;
	return (true);
}

/* The sum of what was told of a record's keys, each of them once. */
static long
told_of(const char *open, const char *member)
{
	const char *at = strstr(open, "\"needs\":[") + strlen("\"needs\":[");
	char key[SIDES_KEY], is[SIDES_KEY + 8];
	long sum = 0;

	while (next_key(&at, key)) {
		int found = 0;

		snprintf(is, sizeof(is), "\"is\":\"%s\"", key);
		for (int i = 0; i < told_count; i++)
			if (strstr(told[i], is) != NULL) {
				sum += number_behind(told[i], member);
				found++;
			}
		assert_int_equal(found, 1);
	}
	return (sum);
}

/* Both sides of it together: nothing lost, and as much sent as was due, or one more
 * or less where one session takes over. */
static void
check_joined(const struct stage_record *record, long due, long slack)
{
	const char *open = stage_text(record, "open"), *add;
	long sent, skipped;

	assert_int_equal(record->outcome, PROBE_MEASURED);
	assert_true(open[0] != '\0');
	add = strstr(open, "\"add\":");
	sent = number_behind(add, "\"sent\":") + told_of(open, "\"sent\":");
	skipped =
	    number_behind(add, "\"skipped\":") + told_of(open, "\"skipped\":");
	assert_in_range(sent + skipped, due - slack, due + slack);
	assert_int_equal(stage_count(record, "received"), sent);
	assert_int_equal(stage_count(record, "duplicates"), 0);
	assert_int_equal(stage_count(record, "stray"), 0);
	assert_int_equal(stage_count(record, "forged"), 0);
}

/* In time: nobody waits for what will not be said. */
static bool
check_interval(const struct stage_record *record, long slack)
{
	assert_int_equal(record->outcome, PROBE_MEASURED);
	assert_true(record->at < record->to + 10 * NS_PER_S);
	if (stage_metric(record, "sent") == NULL) {
		check_joined(record, RATE, slack);
		return (false);
	}
	assert_int_equal(
	    stage_count(record, "sent") + stage_count(record, "skipped"), RATE);
	assert_int_equal(
	    stage_count(record, "received"), stage_count(record, "sent"));
	return (true);
}

static void
begin_at(enum manifest_end end, nanoseconds report)
{
	told_count = 0;
	stage.is_fleet = true;
	stage.host.state = tell;
	stage.settings.rate = RATE;
	stage_far();
	stage_start(end, report);
	stage.probe.test = "flow";
}

static void
begin(nanoseconds report)
{
	begin_at(RUNS_AT_DST, report);
}

/* The leg whose packets are due now; NULL: it does not run. */
static struct leg *
current(void)
{
	nanoseconds now = clock_wall();
	struct run_leg *it;

	TAILQ_FOREACH (it, &stage.run.legs, next)
		if (leg_state(it->leg) == LEG_RUNNING &&
		    leg_from(it->leg) <= now && now < leg_until(it->leg))
			return (it->leg);
	return (NULL);
}

static void
wait_for_leg(void)
{
	loop_while(stage.base, current() == NULL);
}

/* As a box on the way does that has forgotten the connection: a reset each way. */
static struct leg *
reset(void)
{
	const struct sockaddr nobody = {.sa_family = AF_UNSPEC};
	struct leg *leg;

	wait_for_leg();
	leg = current();
	assert_int_equal(connect(bufferevent_getfd(leg->connection), &nobody,
			     sizeof(nobody)),
	    0);
	loop_while(stage.base, leg_state(leg) == LEG_RUNNING);
	return (leg);
}

static void
sever(void)
{
	assert_true(leg_goes_on(reset()));
}

/* And it cannot be made again meanwhile. */
static void
wait_for_records(int count, bool filtered)
{
	nanoseconds deadline = clock_monotonic() + 60 * NS_PER_S;

	while (stage.count < count) {
		if (filtered)
			stage.run.retry = clock_monotonic() + NS_PER_S;
		assert_true(clock_monotonic() < deadline);
		event_base_loop(stage.base, EVLOOP_ONCE);
	}
}

static void
mend(void)
{
	stage.run.retry = 0;
	run_look_soon(&stage.run);
	wait_for_leg();
}

static void
a_stream_outlives_its_connection(void **state)
{
	int broke, mended;

	stage.far_settings.client_sessions = 1; /* the next takes its place */
	begin(NS_PER_S);
	wait_for_records(3, false);
	sever();
	broke = stage.count;
	wait_for_records(broke + 4, true);
	mended = stage.count;
	mend();
	wait_for_records(stage.count + 4, false);
	stage_far_off();
	for (int i = broke; i < mended;
	     i++) /* the first may have been stated */
		assert_true(
		    !check_interval(&stage.records[i], 0) || i < mended - 2);
	for (int i = mended; i < stage.count - 2; i++)
		check_interval(&stage.records[i], 1);
	for (int i = stage.count - 2; i < stage.count; i++) {
		assert_true(check_interval(&stage.records[i], 0));
		assert_string_equal(stage_text(&stage.records[i], "error"), "");
	}
}

/* It breaks again and again, also while nothing has been reported. */
static void
so_do_those_that_follow(void **state)
{
	int broke;

	begin(NS_PER_S);
	wait_for_records(3, false);
	broke = stage.count;
	for (int i = 0; i < 4; i++) {
		sever();
		mend();
	}
	wait_for_records(stage.count + 5, false);
	stage_far_off();
	for (int i = broke; i < stage.count - 1; i++)
		check_interval(&stage.records[i], 4);
	assert_true(check_interval(stage_last(), 0));
}

static void
a_run_is_heard_out(void **state)
{
	stage.settings.count = 2 * RATE;
	begin(0);
	sever();
	loop_until(stage.base, &stage.done);
	stage_far_off();
	check_joined(stage_last(), 2 * RATE, 0);
}

/* He who was not told to stop sends on, and counts it all. */
static void
a_stream_that_ends_meanwhile_claims_nothing(void **state)
{
	begin(3600 * NS_PER_S);
	sever();
	stage_finish();
	loop_until(stage.base, &stage.done);
	assert_null(stage_metric(stage_last(), "open"));
	assert_null(stage_metric(stage_last(), "sent"));
}

/* What arrived is at the far end, which nobody can ask: neither did nothing arrive,
 * nor did anything. */
static void
what_we_sent_and_cannot_fetch_is_not_known(void **state)
{
	bool broke = false;

	begin_at(RUNS_AT_SRC, NS_PER_S);
	wait_for_records(2, false);
	reset();
	wait_for_records(stage.count + 5, false);
	for (int i = 2; i < stage.count; i++) {
		const struct stage_record *r = &stage.records[i];

		assert_null(stage_metric(r, "open"));
		if (stage_metric(r, "sent") != NULL)
			continue;
		broke =
		    true; /* of what came with another session it is known */
		assert_true(stage_count(r, "received") != 0);
		assert_int_equal(r->outcome, stage_count(r, "received") > 0
						 ? PROBE_MEASURED
						 : PROBE_NO_ANSWER);
		assert_true(stage_text(r, "error")[0] != '\0');
	}
	assert_true(broke);
	assert_int_equal(stage_last()->outcome, PROBE_MEASURED);
}

static struct far_line *
orphan(void)
{
	struct far_line *line = stage.far->lines;

	while (line != NULL && line->orphaned == 0)
		line = line->behind;
	return (line);
}

/* Its packets come back, and it has been so for a while. */
static void
nobody_is_sent_to_for_ever(void **state)
{
	begin(NS_PER_S);
	wait_for_records(1, false);
	sever();
	loop_while(stage.base, orphan() == NULL);
	stage_again();
	event_del(stage.timer);
	orphan()->refused = FAR_REFUSED - 1;
	loop_while(stage.base, orphan() != NULL);
	assert_non_null(strstr(stage.note, "nobody is there any more"));
	assert_int_equal(stage.far->sessions, 0);
}

static void
nor_longer_than_is_wanted(void **state)
{
	stage.far_settings.keep_sending = NS_PER_S;
	begin(NS_PER_S);
	wait_for_records(1, false);
	sever();
	loop_while(stage.base, orphan() == NULL);
	for (int64_t end = loop_patience(); orphan() != NULL;) {
		stage.run.retry = clock_monotonic() + NS_PER_S;
		loop_turn(stage.base, end, __FILE__, __LINE__);
	}
	assert_non_null(strstr(stage.note, "has not come back"));
}

static void
who_hangs_up_has_left(void **state)
{
	begin(NS_PER_S);
	wait_for_records(1, false);
	stage_again();
	event_del(stage.timer);
	loop_while(stage.base, stage.far->lines != NULL);
	assert_int_equal(stage.far->sessions, 0);
	stage.count = 0;
	stage_start(RUNS_AT_DST, NS_PER_S);
	stage.probe.test = "flow";
	wait_for_records(1, false);
	stage_far_off();
	loop_while(stage.base, current() != NULL);
	assert_false(leg_goes_on(TAILQ_LAST(&stage.run.legs, run_legs)->leg));
}

#define TEST(test) \
	cmocka_unit_test_setup_teardown(test, stage_make, stage_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_stream_outlives_its_connection),
	    TEST(so_do_those_that_follow),
	    TEST(a_run_is_heard_out),
	    TEST(a_stream_that_ends_meanwhile_claims_nothing),
	    TEST(what_we_sent_and_cannot_fetch_is_not_known),
	    TEST(nobody_is_sent_to_for_ever),
	    TEST(nor_longer_than_is_wanted),
	    TEST(who_hangs_up_has_left),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
