/* SPDX-License-Identifier: BSD-2-Clause */
/* What a sender does by a clock that is set, slewed, or kept by nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "probes/owamp/ntp.h"
#include "tests/unit/loop.h"
#include "tests/unit/owd_sending.h"

static void
a_clock_that_nobody_keeps_is_said_to_be_one(void **state)
{
	sending_slot(0, SLOT_FIXED, NS_PER_MS);
	sending.about.packets = 1000;
	sending.clock_error = -1;
	sending_run(0);
	assert_in_range(sending.caught, 1, 1000);
	assert_int_equal(sending.estimate, NTP_UNSYNCHRONISED);
}

static void
a_gap_of_ages_does_not_lead_back(void **state)
{
	sending.slots[0] = (struct slot){SLOT_FIXED, UINT64_MAX};
	sending.about.packets = 5;
	sending_start(0);
	event_base_loop(sending.base, EVLOOP_ONCE);
	event_base_loop(sending.base, EVLOOP_NONBLOCK);
	sending_stop();
	assert_int_equal(sending.stopped.next, 0);
}

/* Even where the next packet is due in an hour. */
static void
a_clock_that_is_set_ends_the_session(void **state)
{
	sending_slot(0, SLOT_FIXED, 3600 * NS_PER_S);
	sending.about.packets = 5;
	sending_start(0);
	event_base_loop(sending.base, EVLOOP_ONCE);
	sending.clock_shift = -NS_PER_S;
	loop_until(sending.base, &sending.ended);
	assert_non_null(strstr(sending.why, "the wall clock was set by -1.0"));
	sending_stop();
	assert_int_equal(sending.stopped.next, 0);
	assert_int_equal(sending.stopped.skip_count, 0);
}

static void
a_clock_that_is_slewed_does_not(void **state)
{
	sending_slot(0, SLOT_FIXED, 10 * NS_PER_MS);
	sending.about.packets = 20;
	sending_start(0);
	loop_count(sending.base, &sending.caught, 3);
	sending.clock_shift = 90 * NS_PER_MS;
	loop_until(sending.base, &sending.ended);
	assert_string_equal(sending.why, "");
	sending_stop();
	assert_int_equal(sending.stopped.next, 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_SENDING(a_clock_that_nobody_keeps_is_said_to_be_one),
	    IN_SENDING(a_gap_of_ages_does_not_lead_back),
	    IN_SENDING(a_clock_that_is_set_ends_the_session),
	    IN_SENDING(a_clock_that_is_slewed_does_not),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
