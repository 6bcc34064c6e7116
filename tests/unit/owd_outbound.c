/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owd/outbound.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "probes/owamp/ntp.h"
#include "probes/owd/catch.h"
#include "probes/owd/departures.h"
#include "tests/unit/loop.h"

#define MOST 100000 /* packets of a session here */
#define SOON (20 * NS_PER_MS)

/* One session over loopback, both halves in the same loop. */
struct scene {
	struct event_base *base;
	struct keys keys;
	struct slot slots[2];
	struct outbound_about about;
	struct udp_calls from_calls, to_calls;
	struct udp *from, *to;
	struct outbound *outbound;
	struct catch *catch;
	nanoseconds begin;
	int caught;
	nanoseconds sent[MOST], received[MOST]; /* 0: not caught */
	uint16_t estimate;
	bool ended;
	char why[80];
	uint32_t stated, unsent, stuck, stamped;
	uint32_t first_stated; /* with the first statement, which came then: */
	nanoseconds first_at;
	bool unstated[MOST]; /* said to be skipped */
	nanoseconds later[MOST];
	bool withholds; /* some stamps */
	uint32_t withheld;
	struct message_stopped stopped;
};
static struct scene scene;

/* The wall clock that the host shows, and how wrong it is; < 0: nobody knows. */
static nanoseconds clock_shift, clock_error;

static nanoseconds
shifted_wall(void)
{
	return (clock_wall() + clock_shift);
}

static bool
tell_error(nanoseconds *error)
{
	*error = clock_error;
	return (clock_error >= 0);
}

static const struct probe_host host = {
    .wall = shifted_wall,
    .monotonic = clock_monotonic,
    .clock = tell_error,
};

static void
on_caught(void *arg, const struct catch_packet *packet)
{
	uint32_t sequence = packet->packet.sequence;

	assert_in_range(sequence, 0, MOST - 1);
	assert_true(scene.received[sequence] == 0);
	scene.sent[sequence] = packet->sent;
	scene.received[sequence] = packet->received;
	scene.estimate = packet->packet.estimate;
	scene.caught++;
}

static void
on_left(void *arg, uint64_t number, nanoseconds when)
{
	if (scene.withholds && number % 10 == 1 && number < 30)
		scene.withheld++;
	else
		outbound_left(scene.outbound, number, when);
}

static void
on_state(void *arg, const struct message_statement *statement)
{
	uint32_t count = statement->next - statement->first;

	assert_memory_equal(statement->sid, scene.about.sid, KEYS_SID);
	assert_int_equal(statement->first, scene.stated);
	assert_in_range(count, 1, MESSAGE_STATEMENT_MOST);
	scene.stated = statement->next;
	if (scene.first_stated == 0) {
		scene.first_stated = statement->next;
		scene.first_at = shifted_wall();
	}
	for (uint32_t i = 0; i < statement->stamp_count; i++) {
		scene.later[statement->first + i] = statement->later[i];
		scene.stamped += statement->later[i] != MESSAGE_NO_STAMP;
	}
	for (uint32_t i = 0; i < statement->unsent_count; i++)
		for (uint32_t k = statement->unsent[i].first;
		     k <= statement->unsent[i].last; k++) {
			scene.unstated[k] = true;
			scene.unsent++;
		}
	for (uint32_t i = 0; i < statement->stuck_count; i++)
		scene.stuck +=
		    statement->stuck[i].last - statement->stuck[i].first + 1;
}

static void
on_over(void *arg, const char *why)
{
	assert_false(scene.ended);
	scene.ended = true;
	if (why != NULL)
		snprintf(scene.why, sizeof(scene.why), "%s", why);
}

static struct udp *
open_udp(struct udp_calls *calls, unsigned rate)
{
	union address local;
	struct udp_about about = {
	    .host = &host,
	    .base = scene.base,
	    .local = &local,
	    .rate = rate,
	    .calls = calls,
	};
	struct error err;
	struct udp *udp;

	assert_true(address_parse("127.0.0.1", 0, &local));
	udp = udp_new(&about, &err);
	if (udp == NULL)
		fail_msg("%s", err.text);
	return (udp);
}

static void
join(struct udp *udp, struct udp *peer)
{
	union address address;
	struct error err;

	assert_true(address_parse("127.0.0.1", udp_port(peer), &address));
	assert_int_equal(udp_connect(udp, &address, &err), 0);
}

static int
make(void **state)
{
	struct event_config *config = event_config_new();

	memset(&scene, 0, sizeof(scene));
	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	event_config_set_flag(config, EVENT_BASE_FLAG_NO_CACHE_TIME);
	*state = scene.base = event_base_new_with_config(config);
	event_config_free(config);
	clock_shift = 0;
	clock_error = 1500;
	scene.from_calls = (struct udp_calls){.left = on_left};
	scene.to_calls = (struct udp_calls){.arrived = catch_arrived};
	scene.begin = clock_wall() + SOON;
	scene.about = (struct outbound_about){
	    .host = &host,
	    .turns = turns_take(scene.base, NULL),
	    .mode = MODE_OPEN,
	    .slots = scene.slots,
	    .slot_count = 1,
	    .timeout = NS_PER_S,
	    .state = on_state,
	    .over = on_over,
	};
	memset(scene.about.sid, 0x17, KEYS_SID);
	memset(&scene.keys, 0x42, sizeof(scene.keys));
	return (0);
}

static int
unmake(void **state)
{
	outbound_free(scene.outbound);
	turns_give(scene.about.turns);
	catch_free(scene.catch);
	udp_free(scene.from);
	udp_free(scene.to);
	return (loop_remove(state));
}

static void
slot(int i, enum slot_kind kind, nanoseconds length)
{
	scene.slots[i] = (struct slot){kind, ntp_of_duration(length)};
}

static void
start(unsigned rate)
{
	struct catch_about about = {
	    .mode = scene.about.mode,
	    .packets = scene.about.packets,
	    .caught = on_caught,
	};

	if (scene.about.mode != MODE_OPEN)
		scene.about.keys = about.keys = &scene.keys;
	scene.catch = catch_new(&about);
	scene.to_calls.arg = scene.catch;
	scene.from = open_udp(&scene.from_calls, 0);
	scene.to = open_udp(&scene.to_calls, rate);
	join(scene.from, scene.to);
	join(scene.to, scene.from);
	scene.about.start = ntp_of_wall(scene.begin);
	scene.about.udp = scene.from;
	scene.outbound = outbound_new(&scene.about);
}

static void
stop(void)
{
	outbound_stop(scene.outbound, &scene.stopped);
	loop_count(
	    scene.base, &scene.caught, (int)outbound_sent(scene.outbound));
	assert_memory_equal(scene.stopped.sid, scene.about.sid, KEYS_SID);
	if (scene.about.state != NULL)
		assert_int_equal(scene.stated, scene.stopped.next);
}

static void
run(unsigned rate)
{
	start(rate);
	loop_until(scene.base, &scene.ended);
	stop();
}

/* Each packet that was caught left as the timetable and the statements have it,
 * within what is possible. */
static void
check_times(void)
{
	struct timetable *timetable = timetable_new(scene.about.sid,
	    scene.about.start, scene.slots, scene.about.slot_count);

	for (uint32_t i = 0; i < scene.stopped.next; i++) {
		nanoseconds due = ntp_wall(timetable_next(timetable));
		nanoseconds left = due + scene.later[i];

		if (scene.received[i] == 0)
			continue;
		assert_true(due <= scene.sent[i]);
		assert_true(scene.sent[i] <= due + OUTBOUND_LATEST);
		assert_true(scene.sent[i] <= left && left <= clock_wall());
		assert_true(scene.sent[i] <= scene.received[i]);
	}
	timetable_free(timetable);
}

static void
check_session(enum mode mode)
{
	scene.about.mode = mode;
	scene.about.slot_count = 2;
	slot(0, SLOT_EXPONENTIAL, 2 * NS_PER_MS);
	slot(1, SLOT_FIXED, NS_PER_MS);
	scene.about.packets = 60;
	scene.about.padding = 100;
	run(0);
	assert_string_equal(scene.why, "");
	assert_int_equal(scene.stopped.next, 60);
	assert_int_equal(scene.unsent + outbound_sent(scene.outbound), 60);
	assert_int_equal(scene.caught, outbound_sent(scene.outbound));
	assert_int_equal(scene.stamped, outbound_sent(scene.outbound));
	assert_int_equal(scene.stuck, 0);
	if (scene.caught > 0)
		assert_int_equal(scene.estimate, ntp_synchronised(1500));
	check_times();
}

static void
open_sessions_are_sent_as_timetabled(void **state)
{
	check_session(MODE_OPEN);
}

static void
authenticated_ones_are_too(void **state)
{
	check_session(MODE_AUTHENTICATED);
}

static void
encrypted_ones_are_too(void **state)
{
	check_session(MODE_ENCRYPTED);
}

static void
packets_that_would_be_too_late_are_skipped(void **state)
{
	slot(0, SLOT_FIXED, 5 * NS_PER_MS);
	scene.about.packets = 100;
	scene.begin -= 300 * NS_PER_MS;
	run(0);
	assert_int_equal(scene.stopped.next, 100);
	assert_in_range(scene.stopped.skip_count, 1, 10);
	assert_int_equal(scene.stopped.skips[0].first, 0);
	/* 280 ms had passed, of which the last 100 are not too late */
	assert_in_range(scene.stopped.skips[0].last, 34, 99);
	assert_int_equal(scene.unsent + outbound_sent(scene.outbound), 100);
	assert_int_equal(scene.caught, outbound_sent(scene.outbound));
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(scene.unstated[i], scene.received[i] == 0);
	check_times();
}

static void
what_this_host_would_not_take_is_skipped(void **state)
{
	slot(0, SLOT_FIXED, NS_PER_MS);
	scene.about.packets = 10;
	scene.about.padding = UINT32_MAX;
	run(0);
	assert_int_equal(outbound_sent(scene.outbound), 0);
	assert_int_equal(scene.stopped.next, 10);
	assert_int_equal(scene.stopped.skip_count, 1);
	assert_int_equal(scene.stopped.skips[0].last, 9);
	assert_int_equal(scene.unsent, 10);
}

static void
a_packet_that_never_left_is_stuck(void **state)
{
	slot(0, SLOT_FIXED, NS_PER_MS);
	scene.about.packets = 50;
	scene.withholds = true;
	run(0);
	assert_int_equal(scene.withheld, 3);
	assert_int_equal(scene.stuck, 3);
	assert_int_equal(scene.stamped, outbound_sent(scene.outbound) - 3);
	assert_int_equal(scene.stated, 50);
}

static void
a_session_without_end_is_stopped(void **state)
{
	slot(0, SLOT_EXPONENTIAL, NS_PER_MS);
	scene.about.packets = MESSAGE_NEXT_UNKNOWN;
	start(0);
	loop_count(scene.base, &scene.caught, 100);
	stop();
	assert_false(scene.ended);
	assert_in_range(scene.stopped.next, 100, MOST);
	assert_int_equal(scene.caught, outbound_sent(scene.outbound));
	assert_int_equal(scene.stamped, outbound_sent(scene.outbound));
	check_times();
}

/* As soon as all that was due before its end is settled, whatever it says of
 * later ones; and not for each few packets. */
static void
a_report_is_stated_behind_its_end(void **state)
{
	nanoseconds before = 300 * NS_PER_MS, report = 60 * NS_PER_S, end;

	/* of which the last eight bytes say how long behind */
	memset(scene.about.sid + 8, 0, 8);
	scene.about.interval = report;
	end = (clock_wall() / report + 1) * report;
	clock_shift = end - before - clock_wall();
	scene.begin = end - before;
	slot(0, SLOT_FIXED, 10 * NS_PER_MS);
	scene.about.packets = 350;
	run(0);
	assert_string_equal(scene.why, "");
	assert_in_range(scene.first_stated, 30, 349);
	assert_true(
	    scene.first_at >= end + DEPARTURES_LATEST + DEPARTURES_SOON);
	assert_int_equal(scene.stated, 350);
}

/* What is due at the border is another session's; this one waits. */
static void
a_session_that_is_relieved_leaves_the_rest(void **state)
{
	slot(0, SLOT_FIXED, 10 * NS_PER_MS);
	scene.about.packets = 100;
	start(0);
	outbound_leave(scene.outbound,
	    ntp_wall(scene.about.start + 20 * scene.slots[0].length));
	assert_true(outbound_next(scene.outbound) ==
		    ntp_wall(scene.about.start + scene.slots[0].length));
	while (clock_wall() < scene.begin + 300 * NS_PER_MS)
		event_base_loop(scene.base, EVLOOP_NONBLOCK);
	assert_false(scene.ended);
	stop();
	assert_int_equal(scene.stopped.next, 19);
	assert_in_range(scene.caught, 1, 19);
	check_times();
}

static void
what_nobody_wants_to_know_is_not_stated(void **state)
{
	slot(0, SLOT_FIXED, NS_PER_MS);
	scene.about.packets = 20;
	scene.about.state = NULL;
	scene.begin -= 200 * NS_PER_MS;
	run(0);
	assert_int_equal(scene.stated, 0);
	assert_int_equal(scene.stopped.next, 20);
	assert_int_equal(scene.stopped.skip_count, 1);
}

static void
a_clock_that_nobody_keeps_is_said_to_be_one(void **state)
{
	slot(0, SLOT_FIXED, NS_PER_MS);
	scene.about.packets = 1000;
	clock_error = -1;
	run(0);
	assert_in_range(scene.caught, 1, 1000);
	assert_int_equal(scene.estimate, NTP_UNSYNCHRONISED);
}

static void
a_gap_of_ages_does_not_lead_back(void **state)
{
	scene.slots[0] = (struct slot){SLOT_FIXED, UINT64_MAX};
	scene.about.packets = 5;
	start(0);
	event_base_loop(scene.base, EVLOOP_ONCE);
	event_base_loop(scene.base, EVLOOP_NONBLOCK);
	stop();
	assert_int_equal(scene.stopped.next, 0);
}

/* Even where the next packet is due in an hour. */
static void
a_clock_that_is_set_ends_the_session(void **state)
{
	slot(0, SLOT_FIXED, 3600 * NS_PER_S);
	scene.about.packets = 5;
	start(0);
	event_base_loop(scene.base, EVLOOP_ONCE);
	clock_shift = -NS_PER_S;
	loop_until(scene.base, &scene.ended);
	assert_non_null(strstr(scene.why, "the wall clock was set by -1.0"));
	stop();
	assert_int_equal(scene.stopped.next, 0);
	assert_int_equal(scene.stopped.skip_count, 0);
}

static void
a_clock_that_is_slewed_does_not(void **state)
{
	slot(0, SLOT_FIXED, 10 * NS_PER_MS);
	scene.about.packets = 20;
	start(0);
	loop_count(scene.base, &scene.caught, 3);
	clock_shift = 90 * NS_PER_MS;
	loop_until(scene.base, &scene.ended);
	assert_string_equal(scene.why, "");
	stop();
	assert_int_equal(scene.stopped.next, 20);
}

static double
cpu_seconds(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (
	    (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	    (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
}

/* On a busy machine some may be skipped, but none is lost. */
static void
fifty_thousand_a_second_are_not_lost(void **state)
{
	double before = cpu_seconds(), wall;
	nanoseconds began = clock_monotonic();

	slot(0, SLOT_EXPONENTIAL, 20 * NS_PER_US);
	scene.about.packets = 50000;
	run(50000);
	wall = clock_seconds(clock_monotonic() - began);
	assert_int_equal(scene.stopped.next, 50000);
	assert_int_equal(scene.unsent + outbound_sent(scene.outbound), 50000);
	assert_int_equal(scene.caught, outbound_sent(scene.outbound));
	assert_int_equal(scene.stamped, outbound_sent(scene.outbound));
	assert_int_equal(scene.stuck, 0);
	assert_int_equal(udp_drops(scene.to), 0);
	check_times();
	print_message("# 50,000 packets/s: %u skipped, %.0f %% of a core\n",
	    scene.unsent, 100 * (cpu_seconds() - before) / wall);
}

#define test(f) cmocka_unit_test_setup_teardown(f, make, unmake)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    test(open_sessions_are_sent_as_timetabled),
	    test(authenticated_ones_are_too),
	    test(encrypted_ones_are_too),
	    test(packets_that_would_be_too_late_are_skipped),
	    test(what_this_host_would_not_take_is_skipped),
	    test(a_packet_that_never_left_is_stuck),
	    test(a_session_without_end_is_stopped),
	    test(a_report_is_stated_behind_its_end),
	    test(a_session_that_is_relieved_leaves_the_rest),
	    test(what_nobody_wants_to_know_is_not_stated),
	    test(a_clock_that_nobody_keeps_is_said_to_be_one),
	    test(a_gap_of_ages_does_not_lead_back),
	    test(a_clock_that_is_set_ends_the_session),
	    test(a_clock_that_is_slewed_does_not),
	    test(fifty_thousand_a_second_are_not_lost),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
