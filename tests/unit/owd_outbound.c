/* SPDX-License-Identifier: BSD-2-Clause */
/* What is sent of a session, and what is stated of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "probes/owamp/ntp.h"
#include "probes/owd/departures.h"
#include "tests/unit/loop.h"
#include "tests/unit/owd_sending.h"

static void
check_session(enum mode mode)
{
	sending.about.mode = mode;
	sending.about.slot_count = 2;
	sending_slot(0, SLOT_EXPONENTIAL, 2 * NS_PER_MS);
	sending_slot(1, SLOT_FIXED, NS_PER_MS);
	sending.about.packets = 60;
	sending.about.padding = 100;
	sending_run(0);
	assert_string_equal(sending.why, "");
	assert_int_equal(sending.stopped.next, 60);
	assert_int_equal(sending.unsent + outbound_sent(sending.outbound), 60);
	assert_int_equal(sending.caught, outbound_sent(sending.outbound));
	assert_int_equal(sending.stamped, outbound_sent(sending.outbound));
	assert_int_equal(sending.stuck, 0);
	if (sending.caught > 0)
		assert_int_equal(sending.estimate, ntp_synchronised(1500));
	sending_check_times();
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
a_stranger_is_told_of_the_end_when_he_has_found_his_losses(void **state)
{
	assert_true(outbound_linger(0.01, true) == NS_PER_S);
	assert_true(outbound_linger(10, true) == NS_PER_S);
	assert_true(outbound_linger(0.01, false) == 1020 * NS_PER_MS);
	assert_true(outbound_linger(10, false) == 2 * NS_PER_S);
}

static void
packets_that_would_be_too_late_are_skipped(void **state)
{
	sending_slot(0, SLOT_FIXED, 5 * NS_PER_MS);
	sending.about.packets = 100;
	sending.begin -= 300 * NS_PER_MS;
	sending_run(0);
	assert_int_equal(sending.stopped.next, 100);
	assert_in_range(sending.stopped.skip_count, 1, 10);
	assert_int_equal(sending.stopped.skips[0].first, 0);
	/* 280 ms had passed, of which the last 100 are not too late */
	assert_in_range(sending.stopped.skips[0].last, 34, 99);
	assert_int_equal(sending.unsent + outbound_sent(sending.outbound), 100);
	assert_int_equal(sending.caught, outbound_sent(sending.outbound));
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(sending.unstated[i], sending.received[i] == 0);
	sending_check_times();
}

static void
what_this_host_would_not_take_is_skipped(void **state)
{
	sending_slot(0, SLOT_FIXED, NS_PER_MS);
	sending.about.packets = 10;
	sending.about.padding = UINT32_MAX;
	sending_run(0);
	assert_int_equal(outbound_sent(sending.outbound), 0);
	assert_int_equal(sending.stopped.next, 10);
	assert_int_equal(sending.stopped.skip_count, 1);
	assert_int_equal(sending.stopped.skips[0].last, 9);
	assert_int_equal(sending.unsent, 10);
}

static void
a_packet_that_never_left_is_stuck(void **state)
{
	sending_slot(0, SLOT_FIXED, NS_PER_MS);
	sending.about.packets = 50;
	sending.withholds = true;
	sending_run(0);
	assert_int_equal(sending.withheld, 3);
	assert_int_equal(sending.stuck, 3);
	assert_int_equal(sending.stamped, outbound_sent(sending.outbound) - 3);
	assert_int_equal(sending.stated, 50);
}

static void
a_session_without_end_is_stopped(void **state)
{
	sending_slot(0, SLOT_EXPONENTIAL, NS_PER_MS);
	sending.about.packets = MESSAGE_NEXT_UNKNOWN;
	sending_start(0);
	loop_count(sending.base, &sending.caught, 100);
	sending_stop();
	assert_false(sending.ended);
	assert_in_range(sending.stopped.next, 100, MOST);
	assert_int_equal(sending.caught, outbound_sent(sending.outbound));
	assert_int_equal(sending.stamped, outbound_sent(sending.outbound));
	sending_check_times();
}

/* As soon as all that was due before its end is settled, whatever it says of
 * later ones; and not for each few packets. */
static void
a_report_is_stated_behind_its_end(void **state)
{
	nanoseconds before = 300 * NS_PER_MS, report = 60 * NS_PER_S, end;

	/* of which the last eight bytes say how long behind */
	memset(sending.about.sid + 8, 0, 8);
	sending.about.interval = report;
	end = (clock_wall() / report + 1) * report;
	sending.clock_shift = end - before - clock_wall();
	sending.begin = end - before;
	sending_slot(0, SLOT_FIXED, 10 * NS_PER_MS);
	sending.about.packets = 350;
	sending_run(0);
	assert_string_equal(sending.why, "");
	assert_in_range(sending.first_stated, 30, 349);
	assert_true(
	    sending.first_at >= end + DEPARTURES_LATEST + DEPARTURES_SOON);
	assert_int_equal(sending.stated, 350);
}

/* What is due at the border is another session's; this one waits, and looks at its
 * clocks each second meanwhile. */
static void
a_session_that_is_relieved_leaves_the_rest(void **state)
{
	sending_slot(0, SLOT_FIXED, 10 * NS_PER_MS);
	sending.about.packets = 100;
	sending_start(0);
	outbound_leave(sending.outbound,
	    ntp_wall(sending.about.start + 20 * sending.slots[0].length));
	assert_true(outbound_next(sending.outbound) ==
		    ntp_wall(sending.about.start + sending.slots[0].length));
	while (clock_wall() < sending.begin + 1200 * NS_PER_MS)
		event_base_loop(sending.base, EVLOOP_NONBLOCK);
	assert_false(sending.ended);
	sending_stop();
	assert_int_equal(sending.stopped.next, 19);
	assert_in_range(sending.caught, 1, 19);
	sending_check_times();
}

static void
what_nobody_wants_to_know_is_not_stated(void **state)
{
	sending_slot(0, SLOT_FIXED, NS_PER_MS);
	sending.about.packets = 20;
	sending.about.state = NULL;
	sending.begin -= 200 * NS_PER_MS;
	sending_run(0);
	assert_int_equal(sending.stated, 0);
	assert_int_equal(sending.stopped.next, 20);
	assert_int_equal(sending.stopped.skip_count, 1);
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

	sending_slot(0, SLOT_EXPONENTIAL, 20 * NS_PER_US);
	sending.about.packets = 50000;
	sending_run(50000);
	wall = clock_seconds(clock_monotonic() - began);
	assert_int_equal(sending.stopped.next, 50000);
	assert_int_equal(
	    sending.unsent + outbound_sent(sending.outbound), 50000);
	assert_int_equal(sending.caught, outbound_sent(sending.outbound));
	assert_int_equal(sending.stamped, outbound_sent(sending.outbound));
	assert_int_equal(sending.stuck, 0);
	assert_int_equal(udp_drops(sending.to), 0);
	sending_check_times();
	print_message("# 50,000 packets/s: %u skipped, %.0f %% of a core\n",
	    sending.unsent, 100 * (cpu_seconds() - before) / wall);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_SENDING(open_sessions_are_sent_as_timetabled),
	    IN_SENDING(authenticated_ones_are_too),
	    IN_SENDING(encrypted_ones_are_too),
	    cmocka_unit_test(
		a_stranger_is_told_of_the_end_when_he_has_found_his_losses),
	    IN_SENDING(packets_that_would_be_too_late_are_skipped),
	    IN_SENDING(what_this_host_would_not_take_is_skipped),
	    IN_SENDING(a_packet_that_never_left_is_stuck),
	    IN_SENDING(a_session_without_end_is_stopped),
	    IN_SENDING(a_report_is_stated_behind_its_end),
	    IN_SENDING(a_session_that_is_relieved_leaves_the_rest),
	    IN_SENDING(what_nobody_wants_to_know_is_not_stated),
	    IN_SENDING(fifty_thousand_a_second_are_not_lost),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
