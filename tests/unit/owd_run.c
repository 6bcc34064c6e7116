/* SPDX-License-Identifier: BSD-2-Clause */
/* Both halves of one-way delay, in the same loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/hash.h"
#include "tests/unit/loop.h"
#include "tests/unit/owd_stage.h"

/* All of the run's packets left and arrived. */
static void
check_whole(const struct stage_record *r, int64_t packets)
{
	if (r->outcome != PROBE_MEASURED || stage_text(r, "error")[0] != '\0')
		fail_msg("outcome %d: %s%s", r->outcome, r->why,
		    stage_text(r, "error"));
	assert_int_equal(
	    stage_count(r, "sent") + stage_count(r, "skipped"), packets);
	assert_int_equal(stage_count(r, "lost"), 0);
	assert_int_equal(stage_count(r, "lost_locally"), 0);
	assert_int_equal(stage_count(r, "received"), stage_count(r, "sent"));
	assert_int_equal(stage_count(r, "duplicates"), 0);
	assert_int_equal(stage_count(r, "stray"), 0);
	assert_int_equal(stage_count(r, "malformed"), 0);
	assert_int_equal(stage_count(r, "forged"), 0);
	assert_int_equal(
	    stage_metric(r, "delay")->samples, stage_count(r, "received"));
	assert_in_range(stage_metric(r, "delay")->least, 0, NS_PER_S);
	assert_true(r->has_stamps && r->has_far_clock);
	assert_int_equal(r->sent_by, STAMP_KERNEL);
	assert_int_equal(r->received_by, STAMP_KERNEL);
	assert_int_equal(stage_count(r, "unstamped"), 0);
	assert_true(r->bounded);
	/* as its estimate can say it */
	assert_in_range(r->error, 1000, 1010);
}

static void
run_in_mode(const char *mode, enum manifest_end end, bool fleet)
{
	strcpy(stage.settings.modes, mode);
	strcpy(stage.far_settings.allow, "127.0.0.0/8");
	stage.is_fleet = fleet;
	stage_far();
	stage_run(end);
	check_whole(stage_last(), 40);
	assert_int_equal(stage.count, 1);
}

static void
open_inbound(void **state)
{
	run_in_mode("open", RUNS_AT_DST, false);
	assert_int_equal(stage.lives, stage_count(stage_last(), "received"));
	assert_non_null(strstr(stage.live, ": delay "));
}

static void
open_outbound(void **state)
{
	run_in_mode("open", RUNS_AT_SRC, false);
}

static void
authenticated_inbound(void **state)
{
	run_in_mode("authenticated", RUNS_AT_DST, true);
}

static void
authenticated_outbound(void **state)
{
	run_in_mode("authenticated", RUNS_AT_SRC, true);
}

static void
encrypted_inbound(void **state)
{
	run_in_mode("", RUNS_AT_DST, true);
}

static void
encrypted_outbound(void **state)
{
	run_in_mode("", RUNS_AT_SRC, true);
}

/* All packets, in the order of their arrival; and each as owping has it. */
static void
check_samples(enum manifest_end end)
{
	int packets = 0;

	strcpy(stage.far_settings.allow, "127.0.0.0/8");
	stage.settings.samples = stage.settings.raw = true;
	stage_far();
	stage_run(end);
	check_whole(stage_last(), 40);
	for (const char *p = stage.samples; (p = strstr(p, "[")) != NULL; p++)
		packets++;
	assert_int_equal(packets, stage_count(stage_last(), "sent") + 1);
	assert_null(strstr(stage.samples, "cut"));
	/* the last packet: eight members by spaces */
	packets = 0;
	for (const char *p = stage.live; (p = strchr(p, ' ')) != NULL; p++)
		packets++;
	assert_int_equal(packets, 7);
}

static void
samples_inbound(void **state)
{
	check_samples(RUNS_AT_DST);
}

static void
samples_outbound(void **state)
{
	check_samples(RUNS_AT_SRC);
}

static void
over_ipv6(void **state)
{
	strcpy(stage.far_settings.allow, "::1/128");
	strcpy(stage.settings.source, "::1");
	stage.settings.dscp = 10;
	stage.settings.padding = 100;
	stage_far();
	stage_run(RUNS_AT_DST);
	check_whole(stage_last(), 40);
	stage_again();
	stage_run(RUNS_AT_SRC);
	check_whole(stage_last(), 40);
}

/* What we sent and measured can be had again, by whoever knows its name. */
static void
fetched_again(void **state)
{
	strcpy(stage.far_settings.allow, "127.0.0.0/8");
	stage.settings.distribution = OWD_POISSON;
	stage_far();
	stage_run(RUNS_AT_SRC);
	check_whole(stage_last(), 40);
	assert_int_equal(
	    strlen(stage_text(stage_last(), "session")), 2 * KEYS_SID);
	strcpy(stage.settings.fetch, stage_text(stage_last(), "session"));
	stage_again();
	stage_run(RUNS_AT_DST);
	assert_int_equal(stage_last()->outcome, PROBE_MEASURED);
	assert_int_equal(stage_count(stage_last(), "sent") +
			     stage_count(stage_last(), "skipped"),
	    40);
	assert_int_equal(stage_count(stage_last(), "lost"), 0);
	stage.settings.fetch[5] ^= 1;
	stage_again();
	stage_run(RUNS_AT_DST);
	assert_int_equal(stage_last()->outcome, PROBE_NO_ANSWER);
	assert_non_null(
	    strstr(stage_text(stage_last(), "error"), "no results"));
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
	do {
		event_base_loop(stage.base, EVLOOP_ONCE);
		leg = TAILQ_EMPTY(&stage.run.legs)
			  ? NULL
			  : TAILQ_FIRST(&stage.run.legs)->leg;
	} while (leg == NULL || leg_state(leg) != LEG_RUNNING ||
		 clock_wall() < leg_from(leg) + 200 * NS_PER_MS);
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

/* As a box of the fleet would, but with a file. */
static void
a_key_of_a_file(void **state)
{
	static const char path[] = "owd_run.keys";
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fprintf(file, "# for tests\nanna a long secret\n");
	fclose(file);
	assert_int_equal(chmod(path, 0600), 0);
	strcpy(stage.settings.keys, path);
	strcpy(stage.settings.key_id, "anna");
	strcpy(stage.far_settings.keys, path);
	stage_far();
	stage_run(RUNS_AT_DST);
	check_whole(stage_last(), 40);
	strcpy(stage.settings.key_id, "berta");
	stage_again();
	stage_run(RUNS_AT_DST);
	assert_int_equal(stage_last()->outcome, PROBE_FAILED);
	assert_non_null(strstr(stage_last()->why, "berta"));
	unlink(path);
}

static void
nobody_answers(void **state)
{
	stage_far();
	stage_far_off();
	stage_run(RUNS_AT_DST);
	assert_int_equal(stage_last()->outcome, PROBE_NO_ANSWER);
	assert_non_null(
	    strstr(stage_text(stage_last(), "error"), "Connection refused"));
	assert_null(stage_metric(stage_last(), "sent"));
	assert_null(stage_metric(stage_last(), "lost"));
	assert_null(stage_metric(stage_last(), "received"));
}

/* Of one that is not of this host, and never was. */
static void
a_source_of_another_host_is_named(void **state)
{
	strcpy(stage.settings.source, "192.0.2.1");
	stage_far();
	stage_run(RUNS_AT_DST);
	assert_int_equal(stage_last()->outcome, PROBE_FAILED);
	assert_non_null(strstr(stage_last()->why, "source 192.0.2.1"));
	stage_again();
	stage_run(RUNS_AT_SRC);
	assert_int_equal(stage_last()->outcome, PROBE_FAILED);
	assert_non_null(strstr(stage_last()->why, "source 192.0.2.1"));
}

/* A box that is not let in knows why it was not. */
static void
a_wrong_secret_is_an_answer(void **state)
{
	stage.is_fleet = true;
	stage.near_peer.secret[3] ^= 1;
	stage_far();
	stage_run(RUNS_AT_DST);
	assert_int_equal(stage_last()->outcome, PROBE_NO_ANSWER);
	assert_non_null(strstr(stage_text(stage_last(), "error"), "127.0.0.1"));
}

/* Poisson, too, and what is due in each is in it. */
static void
check_stream(enum manifest_end end, enum owd_distribution distribution)
{
	int64_t all = 0, skipped = 0;

	strcpy(stage.far_settings.allow, "127.0.0.0/8");
	stage.settings.distribution = distribution;
	stage.settings.rate = 100;
	stage_far();
	stage_start(end, NS_PER_S);
	loop_count(stage.base, &stage.count, 4);
	stage_finish();
	loop_until(stage.base, &stage.done);
	for (int i = 0; i < stage.count; i++) {
		const struct stage_record *r = &stage.records[i];
		int64_t sent = stage_count(r, "sent");

		/* the first may end before anything was due */
		if ((i < 2 || i == stage.count - 1) && sent <= 0) {
			assert_int_equal(r->outcome,
			    sent == 0 ? PROBE_MEASURED : PROBE_FAILED);
			continue;
		}
		check_whole(r, sent + stage_count(r, "skipped"));
		if (i > 1 && i < 4 && distribution == OWD_FIXED)
			assert_int_equal(sent + stage_count(r, "skipped"), 100);
		all += sent;
		skipped += stage_count(r, "skipped");
	}
	/* a busy machine skips some */
	assert_true(all + skipped > 250 && all > skipped);
}

static void
stream_inbound(void **state)
{
	check_stream(RUNS_AT_DST, OWD_FIXED);
}

/* Each of an interval's packets is in its record. */
static void
stream_with_samples(void **state)
{
	const struct stage_record *r;
	int64_t packets = 0;

	strcpy(stage.far_settings.allow, "127.0.0.0/8");
	stage.settings.rate = 50;
	stage.settings.samples = true;
	stage_far();
	stage_start(RUNS_AT_DST, NS_PER_S);
	loop_count(stage.base, &stage.count, 3);
	r = &stage.records[stage.count - 1];
	assert_non_null(stage.samples);
	for (const char *p = stage.samples; (p = strstr(p, "[")) != NULL; p++)
		packets++;
	assert_int_equal(packets, stage_count(r, "sent") + 1);
	assert_true(packets > 10);
	assert_null(strstr(stage.samples, "cut"));
}

static void
stream_inbound_poisson(void **state)
{
	check_stream(RUNS_AT_DST, OWD_POISSON);
}

static void
stream_outbound(void **state)
{
	check_stream(RUNS_AT_SRC, OWD_FIXED);
}

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
	check_whole(stage_last(), stage_count(stage_last(), "sent") +
				      stage_count(stage_last(), "skipped"));
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
	check_whole(stage_last(), stage_count(stage_last(), "sent") +
				      stage_count(stage_last(), "skipped"));
}

static void
finished_before_anything_was_due(void **state)
{
	stage_far();
	stage_start(RUNS_AT_DST, 0);
	stage_finish();
	loop_until(stage.base, &stage.done);
	assert_int_equal(stage_last()->outcome, PROBE_FAILED);
	assert_true(stage_last()->why[0] != '\0');
}

/* What there is so far. */
static void
finished_on_the_way(void **state)
{
	int64_t sent;

	strcpy(stage.far_settings.allow, "127.0.0.0/8");
	stage.settings.count = 4000;
	stage_far();
	stage_start(RUNS_AT_DST, 0);
	loop_count(stage.base, &stage.lives, 30);
	stage_finish();
	loop_until(stage.base, &stage.done);
	sent = stage_count(stage_last(), "sent");
	assert_in_range(sent, 30, 3999);
	check_whole(stage_last(), sent + stage_count(stage_last(), "skipped"));
}

#define TEST(test) \
	cmocka_unit_test_setup_teardown(test, stage_make, stage_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(open_inbound),
	    TEST(open_outbound),
	    TEST(authenticated_inbound),
	    TEST(authenticated_outbound),
	    TEST(encrypted_inbound),
	    TEST(encrypted_outbound),
	    TEST(samples_inbound),
	    TEST(samples_outbound),
	    TEST(over_ipv6),
	    TEST(fetched_again),
	    TEST(what_is_fetched_of_a_broken_session_claims_no_loss),
	    TEST(a_key_of_a_file),
	    TEST(nobody_answers),
	    TEST(a_source_of_another_host_is_named),
	    TEST(a_wrong_secret_is_an_answer),
	    TEST(stream_inbound),
	    TEST(stream_with_samples),
	    TEST(stream_inbound_poisson),
	    TEST(stream_outbound),
	    TEST(a_report_waits_for_no_more_than_the_statement),
	    TEST(a_report_waits_for_the_timeout),
	    TEST(a_far_end_may_die_and_come_back),
	    TEST(finished_before_anything_was_due),
	    TEST(finished_on_the_way),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
