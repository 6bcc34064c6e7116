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

#include "tests/unit/loop.h"
#include "tests/unit/owd_stage.h"

static void
run_in_mode(const char *mode, enum manifest_end end, bool fleet)
{
	strcpy(stage.settings.modes, mode);
	strcpy(stage.far_settings.allow, "127.0.0.0/8");
	stage.is_fleet = fleet;
	stage_far();
	stage_run(end);
	stage_check_whole(stage_last(), 40);
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
	stage_check_whole(stage_last(), 40);
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
	stage_check_whole(stage_last(), 40);
	stage_again();
	stage_run(RUNS_AT_SRC);
	stage_check_whole(stage_last(), 40);
}

/* What we sent and measured can be had again, by whoever knows its name. */
static void
fetched_again(void **state)
{
	strcpy(stage.far_settings.allow, "127.0.0.0/8");
	stage.settings.distribution = OWD_POISSON;
	stage_far();
	stage_run(RUNS_AT_SRC);
	stage_check_whole(stage_last(), 40);
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
	stage_check_whole(stage_last(), 40);
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
		stage_check_whole(r, sent + stage_count(r, "skipped"));
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
	stage_check_whole(
	    stage_last(), sent + stage_count(stage_last(), "skipped"));
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
	    TEST(a_key_of_a_file),
	    TEST(nobody_answers),
	    TEST(a_source_of_another_host_is_named),
	    TEST(a_wrong_secret_is_an_answer),
	    TEST(stream_inbound),
	    TEST(stream_with_samples),
	    TEST(stream_inbound_poisson),
	    TEST(stream_outbound),
	    TEST(finished_before_anything_was_due),
	    TEST(finished_on_the_way),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
