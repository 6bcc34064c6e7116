/* SPDX-License-Identifier: BSD-2-Clause */
/* Sessions with the far end over loopback: in each mode, either way and both. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "probes/owamp/ntp.h"
#include "tests/unit/loop.h"
#include "tests/unit/owd_far_end.h"
#include "tests/unit/owd_far_scene.h"

#define PACKETS 20

static bool
has_passed(uint64_t due, nanoseconds timeout)
{
	return (clock_wall() > ntp_wall(due) + timeout);
}

/* Sends a session there, and says so a timeout behind it. */
static void
send_packets(struct caller *caller, bool states, uint32_t packets,
    const struct slot *slot)
{
	struct end end;
	struct message_request request;
	struct message_stopped stopped;
	struct message_stop stop = {.count = 1, .sessions = &stopped};

	end_open(&end, caller, true);
	request = scene_request(false, udp_port(end.udp));
	request.packets = packets;
	request.slots = slot;
	scene_ask(caller, &request, ACCEPT_OK);
	end_connect(&end, caller->accepted.port);
	caller_start(caller);
	end_send(&end, &request, states);
	loop_until(scene.base, &end.over);
	while (!has_passed(
	    request.start + packets * slot->length, 120 * NS_PER_MS))
		event_base_loop(scene.base, EVLOOP_NONBLOCK);
	outbound_stop(end.outbound, &stopped);
	client_stop(caller->client, &stop);
	caller_expect(caller, CLIENT_STOP);
	assert_int_equal(caller->stop.accept, ACCEPT_OK);
	assert_int_equal(caller->stop.count, 0);
	end_free(&end);
}

static void
send_there(struct caller *caller, bool states)
{
	send_packets(caller, states, PACKETS, &scene_slot);
}

static void
check_records(const struct caller *caller)
{
	assert_int_equal(caller->fetched.finished, 1);
	assert_int_equal(caller->fetched.next, PACKETS);
	assert_int_equal(caller->fetched.skips, 0);
	assert_int_equal(caller->fetched.records, PACKETS);
	assert_int_equal(caller->session.packets, PACKETS);
	for (int i = 0; i < PACKETS; i++) {
		const struct message_record *record = &caller->records[i];

		assert_int_equal(record->sequence, i);
		assert_int_equal(record->ttl, 255);
		assert_in_range(ntp_between(record->sent, record->received), 0,
		    NS_PER_S / 10);
	}
}

static const enum mode modes[] = {
    MODE_OPEN, MODE_AUTHENTICATED, MODE_ENCRYPTED};

static void
it_receives_in_each_mode_and_is_fetched_from(void **state)
{
	static struct caller caller, other;

	scene_start();
	for (size_t i = 0; i < 3; i++) {
		uint8_t sid[KEYS_SID];

		scene_call(&caller, modes[i]);
		assert_true(client_states(caller.client));
		send_there(&caller, true);
		memcpy(sid, caller.accepted.sid, sizeof(sid));
		caller_fetch(&caller, sid);
		check_records(&caller);
		/* anybody who knows its name, and has a key if it had */
		scene_call(&other, MODE_ENCRYPTED);
		caller_fetch(&other, sid);
		check_records(&other);
		send_there(&other, false); /* unstated */
		caller_fetch(&other, other.accepted.sid);
		check_records(&other);
		caller_close(&other);
		caller_close(&caller);
	}
	assert_int_equal(scene.asked, 0);
}

static void
one_with_keys_is_not_for_those_without(void **state)
{
	static struct caller caller, other;
	struct message_fetch message = {.end = UINT32_MAX};

	scene_start();
	scene_call(&caller, MODE_AUTHENTICATED);
	scene_call(&other, MODE_OPEN);
	send_there(&caller, true);
	memcpy(message.sid, caller.accepted.sid, KEYS_SID);
	client_fetch(other.client, &message);
	caller_expect(&other, CLIENT_FETCHED);
	assert_int_equal(other.fetched.accept, ACCEPT_REJECTED);
	message.sid[0]++;
	client_fetch(caller.client, &message);
	caller_expect(&caller, CLIENT_FETCHED);
	assert_int_equal(caller.fetched.accept, ACCEPT_REJECTED);
	caller_close(&caller);
	caller_close(&other);
}

/* The client only listens: the server knows when it is over. */
static void
it_sends_in_each_mode_and_states_what_it_sent(void **state)
{
	static struct caller caller;

	scene_start();
	for (size_t i = 0; i < 3; i++) {
		struct end end;
		struct message_request request;

		scene_call(&caller, modes[i]);
		end_open(&end, &caller, false);
		request = scene_request(true, udp_port(end.udp));
		scene_ask(&caller, &request, ACCEPT_OK);
		assert_string_equal(
		    scene.ask_peer, i == 0 ? "127.0.0.1" : "nyc");
		assert_true(scene.ask.cost.packets > 999.9 &&
			    scene.ask.cost.packets < 1000.1);
		assert_true(scene.ask.cost.seconds > 0.019 &&
			    scene.ask.cost.seconds < 0.021);
		end_catch(&end, &request);
		caller_start(&caller);
		loop_count(scene.base, &end.caught, PACKETS);
		caller_expect(&caller, CLIENT_STOP);
		assert_true(
		    has_passed(request.start, 100 * NS_PER_MS + NS_PER_S));
		assert_int_equal(caller.stop.accept, ACCEPT_OK);
		assert_int_equal(caller.stopped.next, PACKETS);
		assert_memory_equal(caller.stopped.sid, request.sid, KEYS_SID);
		assert_int_equal(caller.stated, PACKETS);
		assert_int_equal(caller.stamps, PACKETS);
		client_stop(caller.client, &(struct message_stop){0});
		/* and again */
		scene_ask(&caller, &request, ACCEPT_OK);
		caller_close(&caller);
		end_free(&end);
	}
	assert_int_equal(scene.asked, 6);
}

/* Both ways in one connection. The client's end of the sending stops it all. */
static void
sessions_go_both_ways_at_once(void **state)
{
	static struct caller caller;
	struct message_request there, back;
	struct message_stopped stopped;
	struct message_stop stop = {.count = 1, .sessions = &stopped};
	struct end sender, receiver;
	uint8_t sid[KEYS_SID];

	scene_start();
	scene_call(&caller, MODE_ENCRYPTED);
	end_open(&receiver, &caller, false);
	back = scene_request(true, udp_port(receiver.udp));
	scene_ask(&caller, &back, ACCEPT_OK);
	end_catch(&receiver, &back);
	end_open(&sender, &caller, true);
	there = scene_request(false, udp_port(sender.udp));
	scene_ask(&caller, &there, ACCEPT_OK);
	memcpy(sid, caller.accepted.sid, sizeof(sid));
	end_connect(&sender, caller.accepted.port);
	caller_start(&caller);
	end_send(&sender, &there, true);
	loop_until(scene.base, &sender.over);
	loop_count(scene.base, &receiver.caught, PACKETS);
	while (!has_passed(there.start, 130 * NS_PER_MS))
		event_base_loop(scene.base, EVLOOP_NONBLOCK);
	outbound_stop(sender.outbound, &stopped);
	client_stop(caller.client, &stop);
	caller_expect(&caller, CLIENT_STOP);
	assert_int_equal(caller.stop.count, 1);
	assert_int_equal(caller.stated, PACKETS);
	caller_fetch(&caller, sid);
	check_records(&caller);
	caller_close(&caller);
	end_free(&sender);
	end_free(&receiver);
}

/* What its socket had no room for is nobody's loss. */
static void
a_session_that_was_not_all_taken_in_is_incomplete(void **state)
{
	static struct caller caller;
	struct message_request request;
	struct message_stopped stopped = {.next = 5000};
	const struct message_stop stop = {.count = 1, .sessions = &stopped};
	const uint8_t packet[PACKET_OPEN] = {0};
	uint64_t number;
	struct end end;

	scene_start();
	scene_call(&caller, MODE_OPEN);
	end_open(&end, &caller, true);
	request = scene_request(false, udp_port(end.udp));
	request.packets = stopped.next;
	scene_ask(&caller, &request, ACCEPT_OK);
	memcpy(stopped.sid, caller.accepted.sid, sizeof(stopped.sid));
	end_connect(&end, caller.accepted.port);
	caller_start(&caller);
	for (uint32_t i = 0; i < stopped.next; i++) /* it is not looked at */
		udp_send(end.udp, packet, sizeof(packet), &number);
	client_stop(caller.client, &stop);
	caller_expect(&caller, CLIENT_STOP);
	caller_fetch(&caller, stopped.sid);
	assert_int_equal(caller.fetched.finished, 2);
	caller_close(&caller);
	end_free(&end);
}

/* Far more than may wait to be sent. */
static void
a_large_session_is_sent_in_pieces(void **state)
{
	static const struct slot fast = {SLOT_FIXED, NTP_S / 10000};
	static struct caller caller, other;

	scene_start();
	scene_call(&caller, MODE_ENCRYPTED);
	scene_call(&other, MODE_ENCRYPTED);
	send_packets(&caller, true, 10000, &fast);
	caller_fetch(&other, caller.accepted.sid);
	assert_int_equal(other.fetched.finished, 1);
	assert_int_equal(other.fetched.next, 10000);
	assert_true(other.record_count > 5000);
	caller_fetch(&other, caller.accepted.sid); /* all is as before */
	caller_close(&caller);
	caller_close(&other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_SCENE(it_receives_in_each_mode_and_is_fetched_from),
	    IN_SCENE(one_with_keys_is_not_for_those_without),
	    IN_SCENE(it_sends_in_each_mode_and_states_what_it_sent),
	    IN_SCENE(sessions_go_both_ways_at_once),
	    IN_SCENE(a_session_that_was_not_all_taken_in_is_incomplete),
	    IN_SCENE(a_large_session_is_sent_in_pieces),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
