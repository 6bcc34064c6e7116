/* SPDX-License-Identifier: BSD-2-Clause */
/* Whom the far end serves, and how much. */
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
call_as(struct caller *caller, uint32_t modes, const char *key_id,
    const void *secret, size_t length)
{
	const struct client_wish wish = {.modes = modes,
	    .key_id = key_id,
	    .secret = secret,
	    .secret_length = length,
	    .limits = limits};

	caller_open(caller, scene.base, 4, far_port(scene.far), &wish);
}

static void
check_turned_away(uint32_t modes, const char *key_id, const char *secret,
    const char *why, const char *noted)
{
	static struct caller caller;

	call_as(&caller, modes, key_id, secret, strlen(secret));
	caller_expect_end(&caller);
	assert_string_equal(caller.why.text, why);
	if (noted != NULL)
		assert_string_equal(scene.note, noted);
	caller_close(&caller);
}

static void
who_does_not_know_the_secret_is_turned_away(void **state)
{
	scene_start();
	check_turned_away(MODE_ENCRYPTED, "nyc", "wrong",
	    "the server refused the connection: 1",
	    "127.0.0.1: key \"nyc\": unknown, or another secret");
	check_turned_away(MODE_AUTHENTICATED, "a\nb", "wrong",
	    "the server refused the connection: 1",
	    "127.0.0.1: key \"a?b\": unknown, or another secret");
}

static void
only_modes_of_the_settings_are_offered(void **state)
{
	strcpy(scene.settings.modes, "auth, encrypted");
	scene_start();
	check_turned_away(MODE_OPEN, "", "",
	    "the server offers modes 6, expected one of 1", NULL);
}

static void
open_mode_is_for_listed_prefixes(void **state)
{
	static struct caller caller;

	strcpy(scene.settings.allow, "192.0.2.0/24,::1/128");
	scene_start();
	check_turned_away(MODE_OPEN, "", "",
	    "the server offers modes 6, expected one of 1", NULL);
	caller_open(&caller, scene.base, 6, far_port(scene.far),
	    &(struct client_wish){.modes = MODE_OPEN, .limits = limits});
	caller_expect(&caller, CLIENT_READY);
	caller_close(&caller);
}

static void
where_there_is_no_mode_there_is_no_talk(void **state)
{
	strcpy(scene.settings.modes, "open");
	scene.settings.allow[0] = '\0';
	scene_start();
	check_turned_away(
	    MODE_OPEN, "", "", "the server does not want to talk", NULL);
}

/* As perfSONAR's server lets anybody in who chooses open mode. */
static void
a_mode_that_was_not_offered_is_refused(void **state)
{
	static struct caller caller;
	uint8_t setup[MESSAGE_SETUP];

	strcpy(scene.settings.modes, "encrypted");
	scene_start();
	call_as(&caller, MODE_ENCRYPTED, "nyc", "x", 1);
	message_put_setup(setup, &(struct message_setup){.mode = MODE_OPEN});
	bufferevent_write(caller.stream, setup, sizeof(setup));
	caller_expect_end(&caller);
	assert_string_equal(scene.note, "127.0.0.1: mode 1, offered were 4");
	caller_close(&caller);
}

static void
a_file_has_the_keys_of_others(void **state)
{
	static struct caller caller;
	struct error err;
	FILE *file;

	snprintf(scene.settings.keys, sizeof(scene.settings.keys),
	    "/tmp/pharos-keys-%ld", (long)getpid());
	file = fopen(scene.settings.keys, "w");
	assert_non_null(file);
	fputs("# others\n\nguest  pass phrase \nnyc no\n", file);
	fchmod(fileno(file), 0640);
	fclose(file);
	assert_null(far_new(&scene.responder, &err));
	assert_non_null(strstr(err.text, "expected 0600: chmod 600 it"));
	assert_int_equal(chmod(scene.settings.keys, 0600), 0);
	scene_start();
	unlink(scene.settings.keys);
	call_as(&caller, MODE_ALL, "guest", "pass phrase", 11);
	caller_expect(&caller, CLIENT_READY);
	assert_int_equal(client_mode(caller.client), MODE_ENCRYPTED);
	caller_close(&caller);
	/* a member has the pair's secret, whatever the file says */
	check_turned_away(MODE_ENCRYPTED, "nyc", "no",
	    "the server refused the connection: 1", NULL);
}

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
check_verdict(struct caller *caller, const struct message_request *request,
    enum message_accept verdict)
{
	client_request(caller->client, request);
	caller_expect(caller, CLIENT_ACCEPTED);
	if (caller->accepted.accept != (int)verdict)
		print_error("%s\n", scene.note);
	assert_int_equal(caller->accepted.accept, verdict);
	if (verdict != ACCEPT_OK)
		assert_int_equal(caller->accepted.port, 0);
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
	check_verdict(&caller, &request, ACCEPT_NEVER);
	assert_non_null(strstr(scene.note, "asks for 30000"));
	request.slots = zero;
	request.slot_count = 2;
	check_verdict(&caller, &request, ACCEPT_REJECTED);
	request = scene_request(true, 9);
	request.receiver[3] = 2;
	check_verdict(&caller, &request, ACCEPT_REJECTED);
	assert_non_null(strstr(scene.note, "another address"));
	request = scene_request(true, 9);
	request.family = 6;
	check_verdict(&caller, &request, ACCEPT_UNSUPPORTED);
	request = scene_request(true, 9);
	request.padding = 9000;
	check_verdict(&caller, &request, ACCEPT_NEVER);
	request.padding = UINT32_MAX;
	check_verdict(&caller, &request, ACCEPT_NEVER);
	request = scene_request(true, 9);
	request.packets = 0;
	check_verdict(&caller, &request, ACCEPT_REJECTED);
	request = scene_request(true, 9);
	request.timeout = 0;
	check_verdict(&caller, &request, ACCEPT_NEVER);
	request = scene_request(true, 9);
	request.start -= 7200 * NTP_S;
	check_verdict(&caller, &request, ACCEPT_NEVER);
	assert_non_null(strstr(scene.note, "is its clock right?"));
	request.start += 100 * 86400 * NTP_S;
	check_verdict(&caller, &request, ACCEPT_NEVER);
	assert_int_equal(scene.asked, 0);
	request = scene_request(true, 9); /* and the connection goes on */
	check_verdict(&caller, &request, ACCEPT_OK);
	check_verdict(&caller, &request, ACCEPT_REJECTED); /* the same SID */
	caller_close(&caller);
}

static void
limits_that_pass_say_so(void **state)
{
	struct message_request request;
	static struct caller one, two;

	scene.settings.packets = 3500; /* at 1000 each */
	scene.settings.client_sessions = 2;
	scene_start();
	scene_call(&one, MODE_ENCRYPTED);
	scene_call(&two, MODE_OPEN);
	request = scene_request(false, 9);
	check_verdict(&one, &request, ACCEPT_OK);
	check_verdict(&one, &request, ACCEPT_OK);
	check_verdict(&one, &request, ACCEPT_LATER);
	check_verdict(&two, &request, ACCEPT_OK);
	check_verdict(&two, &request, ACCEPT_LATER);
	assert_non_null(strstr(scene.note, "packets/s beside 3000"));
	caller_close(&one);
	do
		client_request(two.client, &request),
		    caller_expect(&two, CLIENT_ACCEPTED);
	while (two.accepted.accept == ACCEPT_LATER);
	assert_int_equal(two.accepted.accept, ACCEPT_OK);
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
		check_verdict(&caller, &request, ACCEPT_OK);
		assert_in_range(caller.accepted.port, 18760, 18761);
	}
	check_verdict(&caller, &request, ACCEPT_LATER);
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
	check_verdict(&caller, &request, ACCEPT_LATER);
	assert_string_equal(scene.note,
	    "nyc (127.0.0.1): may not be sent to: the uplink is full");
	assert_int_equal(scene.held, 0);
	scene.why_not = NULL;
	check_verdict(&caller, &request, ACCEPT_OK);
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
	while (scene.held > 0)
		event_base_loop(scene.base, EVLOOP_ONCE);
}

static void
who_is_no_member_any_more_is_dropped(void **state)
{
	static struct caller member, guest;

	scene_start();
	scene_call(&member, MODE_ENCRYPTED);
	scene_call(&guest, MODE_OPEN);
	far_peers_changed(scene.far);
	check_verdict(&member, &(struct message_request){.family = 9}, 3);
	scene.peer.secret[5]++;
	far_peers_changed(scene.far);
	caller_expect_end(&member);
	caller_close(&member);
	scene_call(&member, MODE_ENCRYPTED);
	scene.is_member = false;
	far_peers_changed(scene.far);
	caller_expect_end(&member);
	assert_string_equal(scene.note,
	    "nyc (127.0.0.1): is no member of the fleet any more, or has "
	    "another secret");
	check_verdict(&guest, &(struct message_request){.family = 9}, 3);
	caller_close(&member);
	caller_close(&guest);
}

/* Nothing of theirs is read, and they say nothing. */
static void
open_silent(int *fds, size_t count)
{
	union address address;

	assert_true(address_parse("127.0.0.1", far_port(scene.far), &address));
	for (size_t i = 0; i < count; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_true(fds[i] >= 0);
		assert_int_equal(
		    connect(fds[i], &address.sa, address_length(&address)), 0);
		event_base_loop(scene.base, EVLOOP_NONBLOCK);
	}
}

static void
close_all(const int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		close(fds[i]);
}

static void
a_crowd_of_silent_ones_keeps_nobody_out(void **state)
{
	static struct caller early, late;
	struct message_request request = scene_request(false, 9);
	static int fds[400];

	scene.settings.connections = 40;
	scene.settings.client_connections = 10000;
	scene_start();
	scene_call(&early, MODE_ENCRYPTED);
	open_silent(fds, COUNT(fds));
	scene_call(&late, MODE_ENCRYPTED);
	check_verdict(&early, &request, ACCEPT_OK);
	check_verdict(&late, &request, ACCEPT_OK);
	close_all(fds, COUNT(fds));
	caller_close(&early);
	caller_close(&late);
}

/* 200 at once, and 100 a second: those beyond wait, and are served. */
static void
keys_are_not_tried_too_fast(void **state)
{
	static struct caller callers[300];
	nanoseconds begun = clock_monotonic();

	scene.settings.client_connections = 1000;
	scene_start();
	for (size_t i = 0; i < COUNT(callers); i++)
		call_as(&callers[i], MODE_ENCRYPTED, "nyc", MEMBER_SECRET, 32);
	for (size_t i = 0; i < COUNT(callers); i++)
		if (callers[i].said[CLIENT_READY] == 0)
			caller_expect(&callers[i], CLIENT_READY);
	assert_true(clock_monotonic() - begun > 900 * NS_PER_MS);
	for (size_t i = 0; i < COUNT(callers); i++)
		caller_close(&callers[i]);
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
	check_verdict(&caller, &request, ACCEPT_UNSUPPORTED);
	request.family = 6;
	memset(request.sender, 0, 16); /* that of the connection */
	check_verdict(&caller, &request, ACCEPT_OK);
	assert_true(caller.accepted.port > 0);
	assert_memory_equal(caller.accepted.sid, "\0\0\0\1", 4);
	caller_close(&caller);
}

static void
one_address_has_so_many_that_did_not_say_who_they_are(void **state)
{
	static struct caller callers[8];
	int fds[3];

	scene.settings.client_connections = 3;
	scene_start();
	for (size_t i = 0; i < COUNT(callers); i++) /* these did */
		scene_call(&callers[i], MODE_ENCRYPTED);
	open_silent(fds, COUNT(fds));
	for (size_t i = 0; i < COUNT(callers); i++)
		caller_close(&callers[i]);
	call_as(&callers[0], MODE_ENCRYPTED, "nyc", MEMBER_SECRET, 32);
	caller_expect_end(&callers[0]);
	caller_close(&callers[0]);
	close_all(fds, COUNT(fds));
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
	check_verdict(&good, &(struct message_request){.family = 9}, 3);
	caller_close(&bad);
	caller_close(&good);
}

/* It asks and asks, and reads no answer: that is its own loss. */
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
	check_verdict(&good, &(struct message_request){.family = 9}, 3);
	caller_close(&deaf);
	caller_close(&good);
}

static void
a_connection_that_asks_for_nothing_is_closed(void **state)
{
	static struct caller caller;

	scene.settings.idle = 200 * NS_PER_MS;
	scene_start();
	scene_call(&caller, MODE_OPEN);
	caller_expect_end(&caller);
	caller_close(&caller);
}

#define IN_SCENE(test) \
	cmocka_unit_test_setup_teardown(test, scene_make, scene_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_SCENE(who_does_not_know_the_secret_is_turned_away),
	    IN_SCENE(only_modes_of_the_settings_are_offered),
	    IN_SCENE(open_mode_is_for_listed_prefixes),
	    IN_SCENE(where_there_is_no_mode_there_is_no_talk),
	    IN_SCENE(a_mode_that_was_not_offered_is_refused),
	    IN_SCENE(a_file_has_the_keys_of_others),
	    IN_SCENE(settings_that_are_wrong_are_named),
	    IN_SCENE(what_no_limit_allows_is_refused),
	    IN_SCENE(limits_that_pass_say_so),
	    IN_SCENE(ports_are_those_of_the_settings),
	    IN_SCENE(the_site_has_the_last_word),
	    IN_SCENE(who_is_no_member_any_more_is_dropped),
	    IN_SCENE(a_crowd_of_silent_ones_keeps_nobody_out),
	    IN_SCENE(keys_are_not_tried_too_fast),
	    IN_SCENE(sessions_may_be_of_ipv6),
	    IN_SCENE(one_address_has_so_many_that_did_not_say_who_they_are),
	    IN_SCENE(who_breaks_the_rules_loses_the_connection_alone),
	    IN_SCENE(who_does_not_read_holds_nobody_up),
	    IN_SCENE(a_connection_that_asks_for_nothing_is_closed),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
