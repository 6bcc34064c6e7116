/* SPDX-License-Identifier: BSD-2-Clause */
/* Sessions with the far end over loopback. */
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

static void
request_session(struct caller *caller, const struct message_request *request)
{
	client_request(caller->client, request);
	caller_expect(caller, CLIENT_ACCEPTED);
	if (caller->accepted.accept != ACCEPT_OK)
		print_error("%s\n", scene.note);
	assert_int_equal(caller->accepted.accept, ACCEPT_OK);
	assert_true(caller->accepted.port > 0);
}

static void
start_session(struct caller *caller)
{
	client_start(caller->client);
	caller_expect(caller, CLIENT_STARTED);
	assert_int_equal(caller->started, ACCEPT_OK);
}

static void
fetch(struct caller *caller, const uint8_t *sid)
{
	struct message_fetch message = {.end = UINT32_MAX};

	memcpy(message.sid, sid, KEYS_SID);
	client_fetch(caller->client, &message);
	caller_expect(caller, CLIENT_FETCHED);
	assert_int_equal(caller->fetched.accept, ACCEPT_OK);
	while (!client_is_idle(caller->client))
		caller_expect(caller, CLIENT_END);
	assert_int_equal(caller->record_count, caller->fetched.records);
}

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
	request_session(caller, &request);
	end_connect(&end, caller->accepted.port);
	start_session(caller);
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
		fetch(&caller, sid);
		check_records(&caller);
		/* anybody who knows its name, and has a key if it had */
		scene_call(&other, MODE_ENCRYPTED);
		fetch(&other, sid);
		check_records(&other);
		send_there(&other, false); /* unstated */
		fetch(&other, other.accepted.sid);
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
		request_session(&caller, &request);
		assert_string_equal(
		    scene.ask_peer, i == 0 ? "127.0.0.1" : "nyc");
		assert_true(scene.ask.cost.packets > 999.9 &&
			    scene.ask.cost.packets < 1000.1);
		assert_true(scene.ask.cost.seconds > 0.019 &&
			    scene.ask.cost.seconds < 0.021);
		end_catch(&end, &request);
		start_session(&caller);
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
		request_session(&caller, &request);
		caller_close(&caller);
		end_free(&end);
	}
	assert_int_equal(scene.asked, 6);
}

static void
a_client_stops_it_early(void **state)
{
	static struct caller caller;
	struct message_request request;
	struct end end;

	scene_start();
	scene_call(&caller, MODE_ENCRYPTED);
	end_open(&end, &caller, false);
	request = scene_request(true, udp_port(end.udp));
	request.packets = MESSAGE_NEXT_UNKNOWN;
	request_session(&caller, &request);
	assert_true(scene.ask.cost.seconds == 0);
	end_catch(&end, &request);
	start_session(&caller);
	loop_count(scene.base, &end.caught, 100);
	client_stop(caller.client, &(struct message_stop){0});
	caller_expect(&caller, CLIENT_STOP);
	assert_true(caller.stopped.next >= 100);
	assert_int_equal(caller.stated, caller.stopped.next);
	assert_int_equal(scene.held, 0);
	caller_close(&caller);
	end_free(&end);
}

/* A session without an end, of which so many packets have come. */
static struct message_request
receive_some(
    struct caller *caller, struct end *end, const struct message_label *label)
{
	struct message_request request;

	scene_call(caller, MODE_ENCRYPTED);
	if (label != NULL)
		client_label(caller->client, label);
	end_open(end, caller, false);
	request = scene_request(true, udp_port(end->udp));
	request.packets = MESSAGE_NEXT_UNKNOWN;
	request_session(caller, &request);
	end_catch(end, &request);
	start_session(caller);
	loop_count(scene.base, &end->caught, 100);
	return (request);
}

static void
what_was_sent_and_not_stated_is_told_to_the_host(void **state)
{
	static const struct message_label label = {
	    .name = "flow", .interval = 3600 * NS_PER_S, .start = 0};
	static const struct message_label run = {
	    .name = "flow", .start = 1700000000 * NS_PER_S};
	static const char key[] =
	    "[{\"is\":\"7f000001010203000000000000000000/";
	static struct caller caller;
	struct message_request request;
	struct end end;

	scene_start();
	request = receive_some(&caller, &end, &label);
	assert_int_equal(caller.stated, 0);
	caller_close(&caller);
	loop_count(scene.base, &scene.told, 1);
	assert_true(scene.told_sent >= 100 && scene.told_sent < 100000);
	assert_true(scene.told_from <= ntp_wall(request.start));
	assert_int_equal(scene.told_from % (3600 * NS_PER_S), 0);
	assert_memory_equal(scene.told_json, key, strlen(key));
	end_free(&end);
	scene.told = 0;
	receive_some(&caller, &end, &run);
	caller_close(&caller);
	loop_count(scene.base, &scene.told, 1);
	assert_int_equal(scene.told_from, run.start);
	assert_non_null(strstr(scene.told_json, "00/0\","));
	end_free(&end);
}

static void
what_was_stated_is_not_told_nor_what_nobody_named(void **state)
{
	static const struct message_label labels[] = {
	    {.name = "flow", .interval = 3600 * NS_PER_S},
	    {.name = "flow", .interval = NS_PER_MS}, /* there would be many */
	    {.name = ""}};
	static struct caller caller;
	struct end end;

	scene_start();
	for (size_t i = 0; i < 4; i++) {
		receive_some(&caller, &end, i < 3 ? &labels[i] : NULL);
		if (i == 0) {
			client_stop(caller.client, &(struct message_stop){0});
			caller_expect(&caller, CLIENT_STOP);
			assert_int_equal(caller.stated, caller.stopped.next);
		}
		caller_close(&caller);
		while (scene.held > 0)
			event_base_loop(scene.base, EVLOOP_ONCE);
		assert_int_equal(scene.told, 0);
		end_free(&end);
	}
	far_free(scene.far);
	scene.far = NULL;
	assert_int_equal(scene.told, 0);
}

static void
a_clock_that_is_set_ends_it(void **state)
{
	static struct caller caller;
	struct message_request request;
	struct end end;

	scene_start();
	scene_call(&caller, MODE_ENCRYPTED);
	end_open(&end, &caller, false);
	request = scene_request(true, udp_port(end.udp));
	request.packets = MESSAGE_NEXT_UNKNOWN;
	request_session(&caller, &request);
	end_catch(&end, &request);
	start_session(&caller);
	loop_count(scene.base, &end.caught, 10);
	scene.shift = 3600 * NS_PER_S;
	caller_expect(&caller, CLIENT_STOP);
	assert_int_equal(caller.stop.accept, ACCEPT_FAILURE);
	assert_true(caller.stopped.next >= 10);
	assert_non_null(strstr(scene.note, "clock was set"));
	caller_close(&caller);
	end_free(&end);
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
	request_session(&caller, &back);
	end_catch(&receiver, &back);
	end_open(&sender, &caller, true);
	there = scene_request(false, udp_port(sender.udp));
	request_session(&caller, &there);
	memcpy(sid, caller.accepted.sid, sizeof(sid));
	end_connect(&sender, caller.accepted.port);
	start_session(&caller);
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
	fetch(&caller, sid);
	check_records(&caller);
	caller_close(&caller);
	end_free(&sender);
	end_free(&receiver);
}

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
	request_session(&caller, &request);
	memcpy(sid, caller.accepted.sid, sizeof(sid));
	end_connect(&end, caller.accepted.port);
	start_session(&caller);
	end_send(&end, &request, false);
	scene_call(&other, MODE_ENCRYPTED);
	do /* it runs, and can be fetched */
		fetch(&other, sid);
	while (other.fetched.records < 10);
	assert_int_equal(other.fetched.finished, 0);
	caller_close(&caller);
	do
		fetch(&other, sid);
	while (other.fetched.finished == 0);
	assert_int_equal(other.fetched.finished, 2);
	assert_true(other.fetched.records >= 10);
	/* nothing is lost of which nobody said that it was sent */
	for (int i = 0; i < other.record_count; i++)
		assert_true(other.records[i].received != 0);
	caller_close(&other);
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
	fetch(&other, caller.accepted.sid);
	assert_int_equal(other.fetched.finished, 1);
	assert_int_equal(other.fetched.next, 10000);
	assert_true(other.record_count > 5000);
	fetch(&other, caller.accepted.sid); /* all is as before */
	caller_close(&caller);
	caller_close(&other);
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
	request_session(&caller, &request);
	memcpy(sid, caller.accepted.sid, sizeof(sid));
	end_connect(&end, caller.accepted.port);
	start_session(&caller);
	end_send(&end, &request, true);
	while (outbound_sent(end.outbound) < 10)
		event_base_loop(scene.base, EVLOOP_ONCE);
	outbound_free(end.outbound); /* it has the same clock, here */
	end.outbound = NULL;
	scene.shift = -3600 * NS_PER_S;
	caller_expect(&caller, CLIENT_STOP);
	assert_int_equal(caller.stop.accept, ACCEPT_FAILURE);
	client_stop(caller.client, &(struct message_stop){0});
	fetch(&caller, sid);
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
	request_session(&caller, &request);
	start_session(&caller);
	memcpy(stopped.sid, caller.accepted.sid, KEYS_SID);
	client_stop(caller.client, &stop);
	caller_expect(&caller, CLIENT_STOP);
	fetch(&caller, caller.accepted.sid);
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
	request_session(&caller, &request);
	start_session(&caller);
	client_stop(caller.client, &(struct message_stop){0});
	caller_expect(&caller, CLIENT_STOP);
	fetch(&caller, caller.accepted.sid);
	assert_int_equal(caller.fetched.finished, 2);
	assert_int_equal(caller.record_count, 0);
	caller_close(&caller);
}

#define IN_SCENE(test) \
	cmocka_unit_test_setup_teardown(test, scene_make, scene_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_SCENE(it_receives_in_each_mode_and_is_fetched_from),
	    IN_SCENE(one_with_keys_is_not_for_those_without),
	    IN_SCENE(it_sends_in_each_mode_and_states_what_it_sent),
	    IN_SCENE(a_client_stops_it_early),
	    IN_SCENE(what_was_sent_and_not_stated_is_told_to_the_host),
	    IN_SCENE(what_was_stated_is_not_told_nor_what_nobody_named),
	    IN_SCENE(a_clock_that_is_set_ends_it),
	    IN_SCENE(sessions_go_both_ways_at_once),
	    IN_SCENE(what_was_received_survives_the_connection),
	    IN_SCENE(skips_odd_and_even_are_told_and_not_lost),
	    IN_SCENE(a_session_that_is_not_stopped_is_incomplete),
	    IN_SCENE(a_large_session_is_sent_in_pieces),
	    IN_SCENE(what_comes_behind_a_clock_that_was_set_is_not_kept),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
