/* SPDX-License-Identifier: BSD-2-Clause */
/* What the far end has of sessions that it received: what is kept of one that was
 * cut short, and what its sender left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "probes/owamp/ntp.h"
#include "tests/unit/loop.h"
#include "tests/unit/owd_far_end.h"
#include "tests/unit/owd_far_scene.h"

static void
what_was_received_survives_the_connection(void **state)
{
	static struct caller caller, other;
	struct message_request request;
	uint8_t sid[KEYS_SID];
	struct end end;

	scene_start();
	scene_call(&caller, MODE_ENCRYPTED);
	end_open(&end, &caller, true);
	request = scene_request(false, udp_port(end.udp));
	request.packets = 20000; /* far more than are sent meanwhile */
	scene_ask(&caller, &request, ACCEPT_OK);
	memcpy(sid, caller.accepted.sid, sizeof(sid));
	end_connect(&end, caller.accepted.port);
	caller_start(&caller);
	end_send(&end, &request, false);
	scene_call(&other, MODE_ENCRYPTED);
	do /* it runs, and can be fetched */
		caller_fetch(&other, sid);
	while (other.fetched.records < 10);
	assert_int_equal(other.fetched.finished, 0);
	caller_close(&caller);
	do
		caller_fetch(&other, sid);
	while (other.fetched.finished == 0);
	assert_int_equal(other.fetched.finished, 2);
	assert_true(other.fetched.records >= 10);
	/* nothing is lost of which nobody said that it was sent */
	for (int i = 0; i < other.record_count; i++)
		assert_true(other.records[i].received != 0);
	caller_close(&other);
	end_free(&end);
}

static void
what_comes_behind_a_clock_that_was_set_is_not_kept(void **state)
{
	static struct caller caller;
	struct message_request request;
	uint8_t sid[KEYS_SID];
	int records;
	struct end end;

	scene_start();
	scene_call(&caller, MODE_ENCRYPTED);
	end_open(&end, &caller, true);
	request = scene_request(false, udp_port(end.udp));
	request.packets = 2000;
	scene_ask(&caller, &request, ACCEPT_OK);
	memcpy(sid, caller.accepted.sid, sizeof(sid));
	end_connect(&end, caller.accepted.port);
	caller_start(&caller);
	end_send(&end, &request, true);
	loop_while(scene.base, outbound_sent(end.outbound) < 10);
	outbound_free(end.outbound); /* it has the same clock, here */
	end.outbound = NULL;
	scene.shift = -3600 * NS_PER_S;
	caller_expect(&caller, CLIENT_STOP);
	assert_int_equal(caller.stop.accept, ACCEPT_FAILURE);
	client_stop(caller.client, &(struct message_stop){0});
	caller_fetch(&caller, sid);
	assert_int_equal(caller.fetched.finished, 2);
	records = caller.record_count;
	assert_in_range(records, 1, 2000);
	caller_close(&caller);
	end_free(&end);
}

/* A sender that was held up says what it never sent. */
static void
check_skips(const struct message_skip *skips, uint32_t count, uint32_t records)
{
	static struct caller caller;
	struct message_request request = scene_request(false, 9);
	struct message_stopped stopped = {
	    .next = 10, .skip_count = count, .skips = skips};
	const struct message_stop stop = {.count = 1, .sessions = &stopped};

	scene_call(&caller, MODE_ENCRYPTED);
	request.start -= NTP_S;
	scene_ask(&caller, &request, ACCEPT_OK);
	caller_start(&caller);
	memcpy(stopped.sid, caller.accepted.sid, KEYS_SID);
	client_stop(caller.client, &stop);
	caller_expect(&caller, CLIENT_STOP);
	caller_fetch(&caller, caller.accepted.sid);
	assert_int_equal(caller.fetched.finished, 1);
	assert_int_equal(caller.fetched.next, 10);
	assert_int_equal(caller.fetched.skips, count);
	assert_memory_equal(caller.skips, skips, count * sizeof(*skips));
	assert_int_equal(caller.record_count, records);
	for (int i = 0; i < caller.record_count; i++)
		assert_true(caller.records[i].received == 0);
	assert_memory_equal(caller.session.sid, caller.accepted.sid, KEYS_SID);
	assert_int_equal(caller.session.receiver_port, caller.accepted.port);
	caller_close(&caller);
}

static void
skips_odd_and_even_are_told_and_not_lost(void **state)
{
	static const struct message_skip skips[] = {
	    {0, 0}, {2, 4}, {7, 7}, {9, 9}};

	scene_start();
	check_skips(skips, 3, 5);
	check_skips(skips, 4, 4);
	check_skips(skips, 0, 10);
}

/* What it did not speak of is not known to be complete. */
static void
a_session_that_is_not_stopped_is_incomplete(void **state)
{
	static struct caller caller;
	struct message_request request = scene_request(false, 9);

	scene_start();
	scene_call(&caller, MODE_OPEN);
	request.start -= NTP_S;
	scene_ask(&caller, &request, ACCEPT_OK);
	caller_start(&caller);
	client_stop(caller.client, &(struct message_stop){0});
	caller_expect(&caller, CLIENT_STOP);
	caller_fetch(&caller, caller.accepted.sid);
	assert_int_equal(caller.fetched.finished, 2);
	assert_int_equal(caller.record_count, 0);
	caller_close(&caller);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_SCENE(what_was_received_survives_the_connection),
	    IN_SCENE(what_comes_behind_a_clock_that_was_set_is_not_kept),
	    IN_SCENE(skips_odd_and_even_are_told_and_not_lost),
	    IN_SCENE(a_session_that_is_not_stopped_is_incomplete),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
