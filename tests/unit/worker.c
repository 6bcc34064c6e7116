/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/worker.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/member.h"
#include "tests/unit/peer.h"

static void
a_run_yields_one_record(void **state)
{
	json_object *record, *metrics;

	peer_open(*state, "trivial");
	fputs("{\"m\":\"start\",\"run\":7,\"target\":\"127.0.0.1\","
	      "\"settings\":{\"count\":3}}\n",
	    ((struct peer *)*state)->out);
	record = peer_hear(*state);
	metrics = member_get(record, "metrics");
	assert_int_equal(member_whole_or(record, "run", 0), 7);
	assert_true(json_object_get_boolean(member_get(record, "last")));
	assert_string_equal(member_text_or(record, "outcome", ""), "measured");
	assert_string_equal(member_text_or(record, "stamps", ""), "user/user");
	assert_int_equal(member_whole_or(metrics, "wakeups", 0), 3);
	assert_true(member_number_or(record, "end", 0) -
			member_number_or(record, "start", 0) >=
		    0.03);
	assert_int_equal(
	    member_whole_or(member_get(metrics, "lateness"), "n", 0), 3);
	json_object_put(record);
}

static void
a_run_starts_at_its_time(void **state)
{
	nanoseconds at = clock_wall() + 100 * NS_PER_MS;
	json_object *record;
	double start;

	peer_open(*state, "trivial");
	fprintf(((struct peer *)*state)->out,
	    "{\"m\":\"start\",\"run\":1,\"target\":\"::1\",\"at\":%.9f,"
	    "\"settings\":{\"count\":1}}\n",
	    clock_seconds(at));
	record = peer_hear(*state);
	start = member_number_or(record, "start", 0);
	assert_true(start >= clock_seconds(at) - 1e-5);
	assert_true(member_number_or(record, "lateness", -1) >= 0);
	assert_int_equal(member_whole_or(record, "family", 0), 6);
	json_object_put(record);
}

static void
assert_fails(struct peer *peer, const char *order, const char *why)
{
	json_object *record;

	fprintf(peer->out, "%s\n", order);
	record = peer_hear(peer);
	assert_string_equal(member_text_or(record, "outcome", ""), "failed");
	assert_non_null(strstr(member_text_or(record, "why", ""), why));
	assert_null(member_get(record, "metrics"));
	json_object_put(record);
}

static void
a_bad_order_is_a_failed_record(void **state)
{
	peer_open(*state, "trivial");
	assert_fails(*state, "{\"m\":\"start\",\"run\":1}", "target");
	assert_fails(*state,
	    "{\"m\":\"start\",\"run\":2,\"target\":\"::1\","
	    "\"settings\":{\"count\":0}}",
	    "count");
	assert_fails(*state,
	    "{\"m\":\"start\",\"run\":3,\"target\":\"::1\",\"family\":4}",
	    "IPv4");
	assert_fails(*state,
	    "{\"m\":\"start\",\"run\":4,\"target\":\"a\",\"address\":\"b\"}",
	    "address");
}

static void
a_number_in_use_is_refused(void **state)
{
	struct peer *peer = *state;
	const char *order = "{\"m\":\"start\",\"run\":1,\"target\":\"::1\"}\n";

	peer_open(peer, "trivial");
	fputs(order, peer->out);
	assert_fails(
	    peer, "{\"m\":\"start\",\"run\":1,\"target\":\"::1\"}", "in use");
}

static void
a_stopped_run_says_nothing_more(void **state)
{
	struct peer *peer = *state;
	json_object *record;

	peer_open(peer, "trivial");
	fputs("{\"m\":\"start\",\"run\":1,\"target\":\"::1\","
	      "\"settings\":{\"count\":1000}}\n"
	      "{\"m\":\"stop\",\"run\":1}\n"
	      "{\"m\":\"start\",\"run\":2,\"target\":\"::1\","
	      "\"settings\":{\"count\":1}}\n{\"m\":\"close\"}\n",
	    peer->out);
	record = peer_hear(peer);
	assert_int_equal(member_whole_or(record, "run", 0), 2);
	json_object_put(record);
	assert_null(peer_hear(peer));
}

static void
a_finished_run_that_cannot_is_interrupted(void **state)
{
	struct peer *peer = *state;

	peer_open(peer, "trivial");
	fputs("{\"m\":\"start\",\"run\":1,\"target\":\"::1\","
	      "\"settings\":{\"count\":1000}}\n",
	    peer->out);
	assert_fails(peer, "{\"m\":\"finish\"}", "interrupted");
}

static void
it_closes_when_the_last_run_is_over(void **state)
{
	struct peer *peer = *state;
	json_object *record;

	peer_open(peer, "trivial");
	fputs("{\"m\":\"start\",\"run\":1,\"target\":\"::1\","
	      "\"settings\":{\"count\":2}}\n{\"m\":\"close\"}\n",
	    peer->out);
	record = peer_hear(peer);
	assert_string_equal(member_text_or(record, "outcome", ""), "measured");
	json_object_put(record);
	assert_null(peer_hear(peer));
	peer_hang_up(peer);
	assert_int_equal(peer_exit_status(peer), 0);
}

static void
it_leaves_nothing_behind_when_the_parent_goes(void **state)
{
	struct peer *peer = *state;

	peer_open(peer, "trivial");
	fputs(
	    "{\"m\":\"start\",\"run\":1,\"target\":\"::1\","
	    "\"settings\":{\"count\":1000}}\n"
	    "{\"m\":\"start\",\"run\":2,\"target\":\"no-such-host.invalid\"}\n",
	    peer->out);
	peer_hang_up(peer);
	assert_int_equal(
	    peer_exit_status(peer), 0); /* the leak check is part */
}

static void
an_unknown_probe_is_refused(void **state)
{
	struct peer *peer = *state;
	json_object *answer;

	fputs("{\"m\":\"open\",\"probe\":\"../evil\"}\n", peer->out);
	answer = peer_hear(peer);
	assert_string_equal(member_text_or(answer, "m", ""), "refused");
	assert_non_null(strstr(member_text_or(answer, "why", ""), "../evil"));
	json_object_put(answer);
	assert_null(peer_hear(peer));
	peer_hang_up(peer);
	assert_int_equal(peer_exit_status(peer), 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, peer_make, peer_unmake)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_run_yields_one_record),
	    TEST(a_run_starts_at_its_time),
	    TEST(a_bad_order_is_a_failed_record),
	    TEST(a_number_in_use_is_refused),
	    TEST(a_stopped_run_says_nothing_more),
	    TEST(a_finished_run_that_cannot_is_interrupted),
	    TEST(it_closes_when_the_last_run_is_over),
	    TEST(it_leaves_nothing_behind_when_the_parent_goes),
	    TEST(an_unknown_probe_is_refused),
	};

	peer_use_test_probes();
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
