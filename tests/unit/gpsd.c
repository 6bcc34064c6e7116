/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/gpsd.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/memory.h"
#include "tests/unit/loop.h"

#define AT (1000 * NS_PER_S)
#define FIX                                            \
	"{\"class\":\"TPV\",\"mode\":3,\"ept\":0.005," \
	"\"time\":\"2026-11-26T19:54:57.000Z\"}"
#define LOST "{\"class\":\"TPV\",\"mode\":1}"
#define TOFF                                                         \
	"{\"class\":\"TOFF\",\"real_sec\":1795722900,\"real_nsec\":" \
	"0,\"clock_sec\":1795722900,\"clock_nsec\":1000}"

static void
hear(struct gpsd_state *state, nanoseconds at, const char *line)
{
	struct error err;

	if (gpsd_hear(state, line, strlen(line), at, &err) == -1)
		fail_msg("%s: %s", line, err.text);
}

/* class: TOFF or PPS; offset: this clock less the receiver's. */
static void
mark(struct gpsd_state *state, nanoseconds at, const char *class,
    nanoseconds offset)
{
	nanoseconds clock = INT64_C(1795722900) * NS_PER_S + offset;
	char line[256];

	snprintf(line, sizeof(line),
	    "{\"class\":\"%s\",\"real_sec\":1795722900,\"real_nsec\":0,"
	    "\"clock_sec\":%lld,\"clock_nsec\":%lld,\"precision\":-10}",
	    class, (long long)(clock / NS_PER_S),
	    (long long)(clock % NS_PER_S));
	hear(state, at, line);
}

static struct discipline
judge(const struct gpsd_state *state, nanoseconds now)
{
	struct discipline clock = {.steal = -1};

	gpsd_judge(&clock, state, now);
	return (clock);
}

static void
text_is_good_for_a_second(void **state)
{
	struct gpsd_state gps = {0};
	struct discipline clock;

	hear(&gps, AT, FIX);
	hear(&gps, AT,
	    "{\"class\":\"SKY\",\"satellites\":[{\"used\":true},"
	    "{\"used\":false},{\"used\":true}]}");
	mark(&gps, AT, "TOFF", 120 * NS_PER_MS);
	clock = judge(&gps, AT + NS_PER_S);
	assert_string_equal(clock.source, "gps");
	assert_string_equal(clock.reference, "GPS");
	assert_int_equal(clock.fix, 3);
	assert_int_equal(clock.satellites, 2);
	assert_true(clock.bounded);
	/* it came 120 ms late: this clock is between 880 ms behind and 120 ms
	 * ahead */
	assert_float_equal(clock.parts.offset, -0.38, 1e-9);
	assert_float_equal(clock.error, 0.885, 1e-9);
	assert_string_equal(clock.trouble, "");
	assert_int_equal(clock.at, AT);
}

static void
a_pulse_is_good_for_its_precision(void **state)
{
	struct gpsd_state gps = {0};
	struct discipline clock;

	for (int i = 0; i <= 16; i++) {
		nanoseconds at = AT + i * NS_PER_S;

		hear(&gps, at, FIX);
		mark(&gps, at, "TOFF", 100 * NS_PER_MS);
		/* 10 ppm slow */
		mark(&gps, at, "PPS", 2 * NS_PER_MS - i * 10 * NS_PER_US);
		clock = judge(&gps, at);
		assert_string_equal(clock.reference, "PPS");
		assert_float_equal(
		    clock.error, 0.002 - i * 0.00001 + 1 / 1024., 1e-9);
		if (i == 0)
			assert_float_equal(clock.growth, 500e-6, 0);
	}
	assert_true(clock.tuned);
	assert_float_equal(clock.frequency, -10, 1e-6);
	assert_float_equal(clock.growth, 25e-6, 1e-9);
}

static void
a_lost_fix_is_no_bound(void **state)
{
	struct gpsd_state gps = {0};
	struct discipline clock = judge(&gps, AT);

	assert_false(clock.bounded);
	assert_non_null(strstr(clock.trouble, "no fix yet"));
	hear(&gps, AT, FIX);
	mark(&gps, AT, "PPS", 5);
	assert_true(judge(&gps, AT).bounded);
	hear(&gps, AT + NS_PER_S, LOST);
	clock = judge(&gps, AT + 30 * NS_PER_S);
	assert_false(clock.bounded);
	assert_int_equal(clock.fix, 0);
	assert_non_null(strstr(clock.trouble, "last fix 30 s ago"));
}

static void
what_is_old_or_of_another_clock_counts_for_nothing(void **state)
{
	struct gpsd_state gps = {0};

	hear(&gps, AT, FIX);
	assert_false(judge(&gps, AT).bounded); /* nothing was compared */
	mark(&gps, AT, "PPS", 5);
	assert_true(judge(&gps, AT + GPSD_FRESH).bounded);
	assert_false(judge(&gps, AT + GPSD_FRESH + 1).bounded);
	gpsd_forget(&gps); /* it was set */
	assert_false(judge(&gps, AT).bounded);
}

static void
a_wrong_second_is_noticed(void **state)
{
	struct gpsd_state gps = {0};
	struct discipline clock;

	hear(&gps, AT, FIX);
	mark(&gps, AT, "PPS", -NS_PER_S);
	clock = judge(&gps, AT);
	assert_true(clock.bounded);
	assert_float_equal(clock.parts.offset, -1, 1e-9);
	assert_non_null(strstr(clock.trouble, "or more behind GPS"));
	assert_non_null(strstr(clock.trouble, "leap seconds"));
	mark(&gps, AT, "PPS", 3600 * NS_PER_S);
	clock = judge(&gps, AT);
	assert_false(clock.bounded);
	assert_non_null(strstr(clock.trouble, "1 h or more ahead of GPS"));
}

static void
what_is_not_gpsds_is_refused(void **state)
{
	static const char *const wrong[] = {
	    "",
	    "hello",
	    "[]",
	    "{}",
	    "{\"class\":7}",
	    "{\"class\":\"TPV\",\"mode\":4}",
	    "{\"class\":\"TPV\",\"mode\":2,\"ept\":-1}",
	    "{\"class\":\"SKY\",\"satellites\":7}",
	    "{\"class\":\"TOFF\"}",
	    "{\"class\":\"TOFF\",\"real_sec\":1,\"real_nsec\":1000000000,"
	    "\"clock_sec\":1,\"clock_nsec\":0}",
	    "{\"class\":\"PPS\",\"precision\":3}",
	};
	struct gpsd_state gps = {0};
	struct error err;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (gpsd_hear(&gps, wrong[i], strlen(wrong[i]), AT, &err) == 0)
			fail_msg("%s: taken", wrong[i]);
		assert_non_null(strstr(err.text, "gpsd"));
	}
	hear(&gps, AT, "{\"class\":\"VERSION\"}");
	hear(&gps, AT, "{\"class\":\"ATT\",\"mode\":\"?\"}");
}

/*
 * The talk.
 */

struct other {
	struct event_base *base;
	struct evconnlistener *listener;
	struct bufferevent *link;
	bool watched;
	int links, changes;
	struct gpsd *gpsd;
};

static void
on_watch(struct bufferevent *link, void *arg)
{
	struct other *other = arg;
	char *line =
	    evbuffer_readln(bufferevent_get_input(link), NULL, EVBUFFER_EOL_LF);

	if (line == NULL)
		return;
	assert_string_equal(
	    line, "?WATCH={\"enable\":true,\"json\":true,\"pps\":true};");
	free(line);
	other->watched = true;
}

static void
on_link(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *address, int length, void *arg)
{
	struct other *other = arg;

	if (other->link != NULL)
		bufferevent_free(other->link);
	other->link =
	    bufferevent_socket_new(other->base, fd, BEV_OPT_CLOSE_ON_FREE);
	other->watched = false;
	other->links++;
	bufferevent_setcb(other->link, on_watch, NULL, NULL, other);
	bufferevent_enable(other->link, EV_READ | EV_WRITE);
}

static void
on_change(void *arg)
{
	struct other *other = arg;

	other->changes++;
}

static struct other *
stand_in(struct event_base *base)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct other *other = memory_new(1, sizeof(*other));
	socklen_t size = sizeof(address);

	other->base = base;
	other->listener =
	    evconnlistener_new_bind(base, on_link, other, LEV_OPT_CLOSE_ON_FREE,
		1, (struct sockaddr *)&address, sizeof(address));
	assert_non_null(other->listener);
	getsockname(evconnlistener_get_fd(other->listener),
	    (struct sockaddr *)&address, &size);
	other->gpsd =
	    gpsd_new(base, &(struct gpsd_about){.port = ntohs(address.sin_port),
			       .changed = on_change,
			       .arg = other});
	return (other);
}

static void
go_away(struct other *other)
{
	if (other->link != NULL)
		bufferevent_free(other->link);
	if (other->listener != NULL)
		evconnlistener_free(other->listener);
	gpsd_free(other->gpsd);
	free(other);
}

static void
say(struct other *other, const char *text)
{
	bufferevent_write(other->link, text, strlen(text));
}

/* Turns the loop until gpsd_state is, or is not. */
static const struct gpsd_state *
await(struct other *other, bool there, const char **why)
{
	const struct timeval tick = {.tv_usec = 10000};
	nanoseconds deadline = clock_monotonic() + 10 * NS_PER_S;

	while ((gpsd_state(other->gpsd, why) != NULL) != there) {
		assert_true(clock_monotonic() < deadline);
		event_base_loopexit(other->base, &tick);
		event_base_dispatch(other->base);
	}
	return (gpsd_state(other->gpsd, why));
}

static void
gpsd_is_watched(void **state)
{
	struct other *other = stand_in(*state);
	const struct gpsd_state *gps;
	const char *why;
	nanoseconds deadline = clock_monotonic() + 10 * NS_PER_S;

	assert_null(gpsd_state(other->gpsd, &why));
	gpsd_look(other->gpsd);
	gpsd_look(other->gpsd); /* there is one under way */
	loop_until(*state, &other->watched);
	assert_true(gpsd_pending(other->gpsd));
	say(other, "{\"class\":\"VERSION\"}\r\n" LOST "\r\n");
	gps = await(other, true, &why);
	while (gps->heard == 0) {
		assert_true(clock_monotonic() < deadline);
		event_base_loop(*state, EVLOOP_ONCE);
	}
	assert_false(gpsd_pending(other->gpsd));
	assert_int_equal(other->links, 1);
	go_away(other);
}

/* A fix that is found or lost does not wait for somebody to look. */
static void
a_fix_and_its_loss_are_told(void **state)
{
	struct other *other = stand_in(*state);
	const char *why;

	gpsd_look(other->gpsd);
	loop_until(*state, &other->watched);
	say(other, LOST "\r\n" FIX "\r\n" TOFF "\r\n" FIX "\r\n");
	loop_count(*state, &other->changes, 1);
	assert_true(gpsd_state(other->gpsd, &why)->text.at != 0);
	say(other, FIX "\r\n" TOFF "\r\n");
	say(other, LOST "\r\n");
	loop_count(*state, &other->changes, 2);
	assert_int_equal(gpsd_state(other->gpsd, &why)->fix, 0);
	go_away(other);
}

static void
expect_end(struct other *other, const char *text, const char *expected)
{
	const char *why;
	int links = other->links;

	gpsd_look(other->gpsd);
	loop_count(other->base, &other->links, links + 1);
	loop_until(other->base, &other->watched);
	await(other, true, &why);
	say(other, text);
	await(other, false, &why);
	assert_non_null(why);
	if (strstr(why, expected) == NULL)
		fail_msg("\"%s\", expected \"%s\"", why, expected);
}

static void
a_stranger_is_hung_up_on(void **state)
{
	struct other *other = stand_in(*state);
	char *flood = memory_new(1, GPSD_FLOOD + 4096);
	const char *why;

	expect_end(other, "220 mail ready\r\n", "gpsd: JSON");
	expect_end(other, "{\"class\":\"PPS\"}\n", "gpsd: PPS");
	memset(flood, 'x', GPSD_LINE + 4096);
	expect_end(other, flood, "without an end");
	for (size_t i = 0; i + 20 < GPSD_FLOOD + 4096; i += 20)
		memcpy(flood + i, "{\"class\":\"VERSION\"}\n", 21);
	expect_end(other, flood, "bytes in a second");
	free(flood);
	gpsd_look(other->gpsd);
	loop_until(*state, &other->watched);
	await(other, true, &why);
	bufferevent_free(other->link);
	other->link = NULL;
	evconnlistener_free(other->listener);
	other->listener = NULL;
	await(other, false, &why);
	assert_non_null(strstr(why, "has ended"));
	gpsd_look(other->gpsd); /* nobody is there */
	assert_null(gpsd_state(other->gpsd, &why));
	go_away(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text_is_good_for_a_second),
	    cmocka_unit_test(a_pulse_is_good_for_its_precision),
	    cmocka_unit_test(a_lost_fix_is_no_bound),
	    cmocka_unit_test(
		what_is_old_or_of_another_clock_counts_for_nothing),
	    cmocka_unit_test(a_wrong_second_is_noticed),
	    cmocka_unit_test(what_is_not_gpsds_is_refused),
	    cmocka_unit_test_setup_teardown(
		gpsd_is_watched, loop_make, loop_remove),
	    cmocka_unit_test_setup_teardown(
		a_fix_and_its_loss_are_told, loop_make, loop_remove),
	    cmocka_unit_test_setup_teardown(
		a_stranger_is_hung_up_on, loop_make, loop_remove),
	};

	return (cmocka_run_group_tests_name("gpsd", tests, NULL, NULL));
}
