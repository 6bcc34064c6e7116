/* SPDX-License-Identifier: BSD-2-Clause */
/* What the far end does for those that it let in. */
#include <event2/bufferevent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "probes/owamp/ntp.h"
#include "probes/owd/udp.h"
#include "tests/unit/loop.h"
#include "tests/unit/owd_far_scene.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const struct inlet_limits limits = {
    .slots = 10, .sessions = 10, .skips = 10};

static void
settings_that_are_wrong_are_named(void **state)
{
	struct far_settings wrong = scene.settings;
	struct error err;

	assert_int_equal(far_check(&wrong, &err), 0);
	strcpy(wrong.test_ports, "9-8");
	assert_int_equal(far_check(&wrong, &err), -1);
	assert_string_equal(err.text,
	    "test-ports \"9-8\": expected FIRST-LAST, from 1 to 65535");
	wrong = scene.settings;
	strcpy(wrong.modes, "open,secret");
	assert_int_equal(far_check(&wrong, &err), -1);
	assert_string_equal(
	    err.text, "modes: \"secret\", expected open, auth or encrypted");
	wrong = scene.settings;
	strcpy(wrong.allow, "10.0.0.0/33");
	assert_int_equal(far_check(&wrong, &err), -1);
	assert_string_equal(err.text, "allow: prefix \"10.0.0.0/33\": expected "
				      "a length from 0 to 32");
}

static void
what_no_limit_allows_is_refused(void **state)
{
	static const struct slot fast = {SLOT_EXPONENTIAL, NTP_S / 30000};
	static const struct slot zero[2] = {{SLOT_FIXED, 0}, {SLOT_FIXED, 0}};
	struct message_request request;
	static struct caller caller;

	scene_start();
	scene_call(&caller, MODE_OPEN);
	request = scene_request(false, 9);
	request.slots = &fast;
	scene_ask(&caller, &request, ACCEPT_NEVER);
	assert_non_null(strstr(scene.note, "asks for 30000"));
	request.slots = zero;
	request.slot_count = 2;
	scene_ask(&caller, &request, ACCEPT_REJECTED);
	request = scene_request(true, 9);
	request.receiver[3] = 2;
	scene_ask(&caller, &request, ACCEPT_REJECTED);
	assert_non_null(strstr(scene.note, "another address"));
	request = scene_request(true, 9);
	request.family = 6;
	scene_ask(&caller, &request, ACCEPT_UNSUPPORTED);
	request = scene_request(true, 9);
	request.padding = 9000;
	scene_ask(&caller, &request, ACCEPT_NEVER);
	request.padding = UINT32_MAX;
	scene_ask(&caller, &request, ACCEPT_NEVER);
	request = scene_request(true, 9);
	request.packets = 0;
	scene_ask(&caller, &request, ACCEPT_REJECTED);
	request = scene_request(true, 9);
	request.timeout = 0;
	scene_ask(&caller, &request, ACCEPT_NEVER);
	request = scene_request(true, 9);
	request.start -= 7200 * NTP_S;
	scene_ask(&caller, &request, ACCEPT_NEVER);
	assert_non_null(strstr(scene.note, "is its clock right?"));
	request.start += 100 * 86400 * NTP_S;
	scene_ask(&caller, &request, ACCEPT_NEVER);
	assert_int_equal(scene.asked, 0);
	request = scene_request(true, 9); /* and the connection goes on */
	scene_ask(&caller, &request, ACCEPT_OK);
	scene_ask(&caller, &request, ACCEPT_REJECTED); /* the same SID */
	/* behind one of a week that runs */
	request.sid[5]++;
	request.start += 7 * 86400 * NTP_S;
	scene_ask(&caller, &request, ACCEPT_OK);
	caller_close(&caller);
}

static void
limits_that_pass_say_so(void **state)
{
	struct message_request request;
	static struct caller one, two;
	int64_t end;

	scene.settings.packets = 3500; /* at 1000 each */
	scene.settings.client_sessions = 2;
	scene_start();
	scene_call(&one, MODE_ENCRYPTED);
	scene_call(&two, MODE_OPEN);
	request = scene_request(false, 9);
	scene_ask(&one, &request, ACCEPT_OK);
	scene_ask(&one, &request, ACCEPT_OK);
	scene_ask(&one, &request, ACCEPT_LATER);
	scene_ask(&two, &request, ACCEPT_OK);
	scene_ask(&two, &request, ACCEPT_LATER);
	assert_non_null(strstr(scene.note, "packets/s beside 3000"));
	caller_close(&one);
	end = loop_patience();
	do {
		assert_true(clock_monotonic() < end);
		client_request(two.client, &request);
		caller_expect(&two, CLIENT_ACCEPTED);
	} while (two.accepted.accept == ACCEPT_LATER);
	assert_int_equal(two.accepted.accept, ACCEPT_OK);
	caller_close(&two);
}

/* Whatever the number of his connections. */
static void
a_client_and_all_together_have_so_many_sessions(void **state)
{
	struct message_request request = scene_request(false, 9);
	static struct caller one, again, two;

	scene.settings.client_sessions = 2;
	scene.settings.sessions = 3;
	scene_start();
	scene_call(&one, MODE_ENCRYPTED);
	scene_call(&again, MODE_ENCRYPTED);
	scene_call(&two, MODE_OPEN);
	scene_ask(&one, &request, ACCEPT_OK);
	scene_ask(&again, &request, ACCEPT_OK);
	scene_ask(&again, &request, ACCEPT_LATER);
	assert_non_null(strstr(scene.note, "wait, or set client-sessions"));
	scene_ask(&two, &request, ACCEPT_OK);
	scene_ask(&two, &request, ACCEPT_LATER);
	assert_non_null(strstr(scene.note, "there are 3 sessions"));
	caller_close(&one);
	caller_close(&again);
	caller_close(&two);
}

static void
ports_are_those_of_the_settings(void **state)
{
	struct message_request request;
	static struct caller caller;

	strcpy(scene.settings.test_ports, "18760-18761");
	scene_start();
	scene_call(&caller, MODE_OPEN);
	request = scene_request(false, 9);
	for (int i = 0; i < 2; i++) {
		scene_ask(&caller, &request, ACCEPT_OK);
		assert_in_range(caller.accepted.port, 18760, 18761);
	}
	scene_ask(&caller, &request, ACCEPT_LATER);
	caller_close(&caller);
}

static void
the_site_has_the_last_word(void **state)
{
	struct message_request request;
	static struct caller caller;

	scene_start();
	scene_call(&caller, MODE_ENCRYPTED);
	request = scene_request(true, 9);
	scene.why_not = "the uplink is full";
	scene_ask(&caller, &request, ACCEPT_LATER);
	assert_string_equal(scene.note,
	    "nyc (127.0.0.1): may not be sent to: the uplink is full");
	assert_int_equal(scene.held, 0);
	scene.why_not = NULL;
	scene_ask(&caller, &request, ACCEPT_OK);
	assert_int_equal(scene.held, 1);
	scene.holds = true;
	request.sid[5]++;
	client_request(caller.client, &request);
	caller_flush(&caller);
	loop_count(scene.base, &scene.asked, 3);
	assert_int_equal(caller.said[CLIENT_ACCEPTED], 2);
	scene_answer();
	caller_expect(&caller, CLIENT_ACCEPTED);
	assert_int_equal(caller.accepted.accept, ACCEPT_OK);
	request.sid[5]++;
	client_request(caller.client, &request);
	caller_flush(&caller);
	loop_count(scene.base, &scene.asked, 4);
	caller_close(&caller); /* while it is asked */
	loop_while(scene.base, scene.held > 0);
}

/* Of a host with several; and before one that translates them. */
static void
packets_are_at_the_address_that_was_asked_for(void **state)
{
	struct message_request request = scene_request(false, 9);
	static struct caller caller;

	scene_start();
	scene_call(&caller, MODE_OPEN);
	request.receiver[3] = 2;
	scene_ask(&caller, &request, ACCEPT_OK);
	assert_memory_equal(caller.accepted.sid, "\x7f\0\0\2", 4);
	memcpy(request.receiver, "\xc0\0\2\1", 4); /* RFC 5737: nobody's */
	scene_ask(&caller, &request, ACCEPT_OK);
	assert_memory_equal(caller.accepted.sid, "\x7f\0\0\1", 4);
	memset(request.receiver, 0, 4);
	scene_ask(&caller, &request, ACCEPT_OK);
	assert_memory_equal(caller.accepted.sid, "\x7f\0\0\1", 4);
	request = scene_request(true, 9);
	request.sender[3] = 2;
	scene_ask(&caller, &request, ACCEPT_OK);
	caller_close(&caller);
}

static void
sessions_may_be_of_ipv6(void **state)
{
	struct message_request request = scene_request(false, 9);
	static struct caller caller;

	scene_start();
	caller_open(&caller, scene.base, 6, far_port(scene.far),
	    &(struct client_wish){.modes = MODE_OPEN, .limits = limits});
	caller_expect(&caller, CLIENT_READY);
	scene_ask(&caller, &request, ACCEPT_UNSUPPORTED);
	request.family = 6;
	memset(request.sender, 0, 16); /* that of the connection */
	scene_ask(&caller, &request, ACCEPT_OK);
	assert_true(caller.accepted.port > 0);
	assert_memory_equal(caller.accepted.sid, "\0\0\0\1", 4);
	caller_close(&caller);
}

static void
who_breaks_the_rules_loses_the_connection_alone(void **state)
{
	static struct caller bad, good;
	uint8_t noise[64] = {77};

	scene_start();
	scene_call(&bad, MODE_OPEN);
	scene_call(&good, MODE_OPEN);
	bufferevent_write(bad.stream, noise, sizeof(noise));
	caller_expect_end(&bad);
	assert_string_equal(
	    scene.note, "127.0.0.1: command 77, expected 1 to 4");
	scene_ask(&good, &(struct message_request){.family = 9}, 3);
	caller_close(&bad);
	caller_close(&good);
}

static void
who_does_not_read_holds_nobody_up(void **state)
{
	static struct caller deaf, good;
	const struct message_fetch fetch = {0};
	struct outlet *outlet;

	scene_start();
	scene_call(&deaf, MODE_OPEN);
	bufferevent_disable(deaf.stream, EV_READ);
	outlet = client_outlet(deaf.client);
	for (int i = 0; i < 200000; i++)
		outlet_fetch(outlet, &fetch);
	caller_flush(&deaf);
	for (int i = 0; i < 1000; i++)
		event_base_loop(scene.base, EVLOOP_NONBLOCK);
	scene_call(&good, MODE_OPEN);
	scene_ask(&good, &(struct message_request){.family = 9}, 3);
	caller_close(&deaf);
	caller_close(&good);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_SCENE(settings_that_are_wrong_are_named),
	    IN_SCENE(what_no_limit_allows_is_refused),
	    IN_SCENE(limits_that_pass_say_so),
	    IN_SCENE(a_client_and_all_together_have_so_many_sessions),
	    IN_SCENE(ports_are_those_of_the_settings),
	    IN_SCENE(the_site_has_the_last_word),
	    IN_SCENE(packets_are_at_the_address_that_was_asked_for),
	    IN_SCENE(sessions_may_be_of_ipv6),
	    IN_SCENE(who_breaks_the_rules_loses_the_connection_alone),
	    IN_SCENE(who_does_not_read_holds_nobody_up),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
