/* SPDX-License-Identifier: BSD-2-Clause */
/* One session of a stream follows another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "probes/owd/far_parts.h"
#include "probes/owd/leg_parts.h"
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

/* The ports of a leg's packets; 0: it has none yet. */
static uint16_t
near_port(const struct leg *leg)
{
	return (leg->udp != NULL ? udp_port(leg->udp) : 0);
}

/* Those of the far end's sessions, likewise. */
static uint16_t
away_port(void)
{
	uint16_t port = 0;

	for (const struct far_line *line = stage.far->lines; line != NULL;
	     line = line->behind)
		for (const struct far_session *s = line->sessions; s != NULL;
		     s = s->next) {
			assert_true(port == 0 || port == udp_port(s->udp));
			port = udp_port(s->udp);
		}
	return (port);
}

/* Ends with as many records. The most legs that there were at once. */
static int
check_ports(int records, uint16_t ports[2])
{
	nanoseconds deadline = clock_monotonic() + 60 * NS_PER_S;
	int most = 0;

	while (stage.count < records) {
		const struct run_leg *it;
		uint16_t away = away_port();
		int legs = 0;

		TAILQ_FOREACH (it, &stage.run.legs, next) {
			uint16_t port = near_port(it->leg);

			if (ports[0] == 0)
				ports[0] = port;
			assert_true(port == 0 || port == ports[0]);
			legs++;
		}
		if (ports[1] == 0)
			ports[1] = away;
		assert_true(away == 0 || away == ports[1]);
		most = legs > most ? legs : most;
		assert_true(clock_monotonic() < deadline);
		event_base_loop(stage.base, EVLOOP_ONCE);
	}
	return (most);
}

/* Nothing is missed, nothing doubled where one session follows another: what is
 * sent in an interval is what is due in it; not even the packet that is due at the
 * border. And all of them go from the same port to the same one. */
static void
check_relay(enum manifest_end end, const char *mode)
{
	/* of this process alone, if possible */
	int least = 20000 + getpid() % 500 * 20;
	uint16_t ports[2] = {0};

	snprintf(stage.settings.test_ports, sizeof(stage.settings.test_ports),
	    "%d-%d", least, least + 9);
	snprintf(stage.far_settings.test_ports,
	    sizeof(stage.far_settings.test_ports), "%d-%d", least + 10,
	    least + 19);
	stage.is_fleet = strcmp(mode, "open") != 0;
	strcpy(stage.settings.modes, mode);
	strcpy(stage.far_settings.allow, "127.0.0.0/8");
	stage.settings.rate = RATE;
	stage_far();
	stage_start(end, NS_PER_S);
	stage.run.course.longest = NS_PER_S;
	assert_true(check_ports(9, ports) > 1);
	for (int i = 2; i < 9; i++)
		check_interval(&stage.records[i]);
	/* the agent begins anew */
	stage_again();
	stage.count = 0;
	stage_start(end, NS_PER_S);
	check_ports(2, ports);
}

static void
a_session_follows_another(void **state)
{
	check_relay(RUNS_AT_DST, "");
}

static void
one_without_keys_does_too(void **state)
{
	check_relay(RUNS_AT_DST, "open");
}

static void
one_that_we_send_does_too(void **state)
{
	check_relay(RUNS_AT_SRC, "");
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
	    TEST(a_session_follows_another),
	    TEST(one_without_keys_does_too),
	    TEST(one_that_we_send_does_too),
	    TEST(numbers_do_not_run_out),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
