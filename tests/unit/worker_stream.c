/* SPDX-License-Identifier: BSD-2-Clause */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/member.h"
#include "tests/unit/peer.h"

#define RATE 200
#define REPORT 0.25

static void
start(struct peer *peer, double wait)
{
	peer_open(peer, "stream");
	fprintf(peer->out,
	    "{\"m\":\"start\",\"run\":1,\"target\":\"::1\",\"report\":%g,"
	    "\"settings\":{\"rate\":%d,\"wait\":%g}}\n",
	    REPORT, RATE, wait);
}

static double
number(json_object *record, const char *name)
{
	return (member_number_or(record, name, NAN));
}

static json_object *
hear_interval(struct peer *peer, bool last)
{
	json_object *record = peer_hear(peer);

	assert_string_equal(member_text_or(record, "m", ""), "record");
	assert_string_equal(member_text_or(record, "outcome", ""), "measured");
	assert_int_equal(
	    json_object_get_boolean(member_get(record, "last")), last);
	assert_null(member_get(record, "lateness"));
	return (record);
}

static int64_t
ticks(json_object *record)
{
	return (member_whole_or(member_get(record, "metrics"), "ticks", -1));
}

/* Each begins where the one before ended, and nothing between is lost. */
static void
check_intervals(struct peer *peer, int count)
{
	double end = 0, begin = 0;
	int64_t total = 0;

	for (int i = 0; i <= count; i++) {
		json_object *record;

		if (i == count)
			fputs("{\"m\":\"finish\",\"run\":1}\n", peer->out);
		record = hear_interval(peer, i == count);
		if (i == 0)
			begin = number(record, "start");
		else
			assert_true(number(record, "start") == end);
		end = number(record, "end");
		if (i < count)
			assert_true(fmod(end, REPORT) == 0);
		total += ticks(record);
		json_object_put(record);
	}
	assert_true(total >= (int64_t)floor((end - begin) * RATE) - 1);
	assert_true(total <= (int64_t)ceil((end - begin) * RATE) + 1);
}

static void
a_stream_yields_a_record_for_each_interval(void **state)
{
	start(*state, 0);
	check_intervals(*state, 3);
}

static void
what_is_found_while_a_report_waits_belongs_to_the_next(void **state)
{
	start(*state, 0.1);
	check_intervals(*state, 3);
}

static void
a_stream_that_is_stopped_has_no_last_record(void **state)
{
	struct peer *peer = *state;
	json_object *record;

	start(peer, 0);
	json_object_put(hear_interval(peer, false));
	fputs("{\"m\":\"stop\",\"run\":1}\n{\"m\":\"close\"}\n", peer->out);
	while ((record = peer_hear(peer)) != NULL) {
		assert_false(
		    json_object_get_boolean(member_get(record, "last")));
		json_object_put(record);
	}
}

static void
only_some_probes_can_stream(void **state)
{
	struct peer *peer = *state;
	json_object *record;

	peer_open(peer, "trivial");
	fputs("{\"m\":\"start\",\"run\":1,\"target\":\"::1\",\"report\":1}\n",
	    peer->out);
	record = peer_hear(peer);
	assert_string_equal(member_text_or(record, "outcome", ""), "failed");
	assert_non_null(
	    strstr(member_text_or(record, "why", ""), "come to an end"));
	json_object_put(record);
}

static void
a_probe_that_streams_can_also_run(void **state)
{
	struct peer *peer = *state;
	json_object *record;

	peer_open(peer, "stream");
	fputs("{\"m\":\"start\",\"run\":1,\"target\":\"::1\"}\n", peer->out);
	record = hear_interval(peer, true);
	assert_int_equal(ticks(record), 1);
	json_object_put(record);
}

/* Ordered for now, and `left` seconds before that by the wall clock. */
static nanoseconds
start_early(struct peer *peer, double left)
{
	nanoseconds planned = clock_wall() + clock_of_seconds(left);

	peer_open(peer, "stream");
	fprintf(peer->out,
	    "{\"m\":\"start\",\"run\":1,\"target\":\"::1\",\"report\":%g,"
	    "\"at\":%.6f,\"monotonic\":%.6f}\n",
	    REPORT, clock_seconds(planned), clock_seconds(clock_monotonic()));
	return (planned);
}

static void
a_stream_waits_for_a_clock_that_was_set_back_a_little(void **state)
{
	nanoseconds planned = start_early(*state, 0.5);
	json_object *record = hear_interval(*state, false);

	assert_true(
	    clock_of_seconds(number(record, "start")) >= planned - NS_PER_US);
	json_object_put(record);
}

static void
a_stream_ends_when_the_clock_was_set_back_before_it_began(void **state)
{
	json_object *record;

	start_early(*state, 100);
	record = peer_hear(*state);
	assert_string_equal(member_text_or(record, "outcome", ""), "skipped");
	assert_true(json_object_get_boolean(member_get(record, "last")));
	assert_non_null(
	    strstr(member_text_or(record, "why", ""), "clock was set"));
	json_object_put(record);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, peer_make, peer_unmake)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_stream_yields_a_record_for_each_interval),
	    TEST(what_is_found_while_a_report_waits_belongs_to_the_next),
	    TEST(a_stream_that_is_stopped_has_no_last_record),
	    TEST(a_stream_waits_for_a_clock_that_was_set_back_a_little),
	    TEST(a_stream_ends_when_the_clock_was_set_back_before_it_began),
	    TEST(only_some_probes_can_stream),
	    TEST(a_probe_that_streams_can_also_run),
	};

	peer_use_test_probes();
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
