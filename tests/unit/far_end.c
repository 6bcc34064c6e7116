/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/far_end.h"

#include <event2/event.h>
#include <json-c/json.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/crew.h"
#include "agent/finding.h"
#include "agent/peers.h"
#include "common/discipline.h"
#include "common/member.h"
#include "tests/unit/loop.h"
#include "tests/unit/peer.h"

#define SECRET \
	"0101010101010101010101010101010101010101010101010101010101010101"
#define FLEET                                                   \
	"[{\"box\":\"par\",\"addresses\":[]},"                  \
	"{\"box\":\"lon\",\"secret\":\"" SECRET                 \
	"\",\"addresses\":[\"198.51.100.7\",\"2001:db8::7\"]}," \
	"{\"box\":\"ams\",\"secret\":\"" SECRET "\",\"addresses\":[]}]"

static json_object *
parse(const char *text)
{
	json_object *json = member_parse(text, strlen(text), NULL);

	assert_non_null(json);
	return (json);
}

/*
 * Whom we may measure with.
 */

static void
peers_are_found_by_name(void **state)
{
	json_object *json = parse(FLEET);
	struct peers *peers = peers_read(json, NULL);
	const struct probe_peer *lon;

	assert_int_equal(peers_count(peers), 2); /* par has no secret */
	lon = peers_find(peers, "lon");
	assert_string_equal(lon->box, "lon");
	assert_int_equal(lon->secret[31], 1);
	assert_int_equal(lon->address_count, 2);
	assert_int_equal(address_family(&lon->addresses[1]), 6);
	assert_null(peers_find(peers, "par"));
	assert_null(peers_find(NULL, "lon"));
	peers_free(peers);
	json_object_put(json);
	peers = peers_read(NULL, NULL);
	assert_null(peers_find(peers, "lon"));
	peers_free(peers);
}

static void
assert_refused(const char *text, const char *why)
{
	json_object *json = parse(text);
	struct error err = {""};

	assert_null(peers_read(json, &err));
	assert_non_null(strstr(err.text, why));
	json_object_put(json);
}

static void
peers_that_are_wrong_are_refused(void **state)
{
	assert_refused("{}", "expected an array");
	assert_refused("[{}]", "peers[0]: member \"box\"");
	assert_refused("[{\"box\":\"A\",\"secret\":\"00\"}]", "box: \"A\"");
	assert_refused("[{\"box\":\"a\",\"secret\":\"00\"}]",
	    "secret: expected 64 hexadecimal digits");
	assert_refused("[{\"box\":\"a\",\"secret\":\"" SECRET
		       "\",\"addresses\":[\"::1\",\"lon\"]}]",
	    "peers[0]: addresses[1]");
	assert_refused("[{\"box\":\"a\",\"secret\":\"" SECRET
		       "\",\"addresses\":[7]}]",
	    "addresses[0]");
}

/*
 * The worker.
 */

static void
order(void **state, const char *text)
{
	struct peer *peer = *state;

	fprintf(peer->out, "%s\n", text);
}

/* The next finding, which is of that kind. */
static json_object *
hear(void **state, const char *kind)
{
	json_object *found = peer_hear(*state);

	assert_string_equal(member_text_or(found, "m", ""), kind);
	return (found);
}

static void
pass_over(void **state, const char *kind)
{
	json_object_put(hear(state, kind));
}

static void
assert_run(void **state, const char *end, const char *told, int secret,
    const char *answer)
{
	static int number;
	json_object *record, *metrics;
	struct peer *peer = *state;

	fprintf(peer->out,
	    "{\"m\":\"start\",\"run\":%d,\"target\":\"lon\","
	    "\"address\":\"127.0.0.1\"%s}\n",
	    ++number, end);
	record = hear(state, "record");
	metrics = member_get(record, "metrics");
	assert_string_equal(member_text_or(metrics, "told", ""), told);
	assert_string_equal(member_text_or(metrics, "answer", ""), answer);
	assert_int_equal(member_whole_or(metrics, "secret", -1), secret);
	json_object_put(record);
}

static void
a_run_knows_its_end_and_its_peer(void **state)
{
	peer_open(*state, "guest");
	assert_run(state, "", "- dst lon 0", 0, "");
	order(state, "{\"m\":\"peers\",\"box\":\"nyc\",\"peers\":" FLEET "}");
	assert_run(state, ",\"end\":\"src\"", "nyc src lon 2", 32, "");
	order(state, "{\"m\":\"peers\",\"box\":\"nyc\"}");
	assert_run(state, ",\"end\":\"dst\"", "nyc dst lon 0", 0, "");
}

static void
the_far_clock_is_in_the_record(void **state)
{
	json_object *record;

	peer_open(*state, "guest");
	order(state, "{\"m\":\"start\",\"run\":1,\"target\":\"::1\"}");
	record = hear(state, "record");
	assert_non_null(member_get(record, "clocks"));
	assert_null(member_get(member_get(record, "clocks"), "far"));
	assert_null(member_get(member_get(record, "clocks"), "both"));
	json_object_put(record);
	order(state,
	    "{\"m\":\"start\",\"run\":2,\"target\":\"::1\",\"end\":\"src\"}");
	record = hear(state, "record");
	assert_true(member_number_or(member_get(record, "clocks"), "far", 0) ==
		    0.00025);
	json_object_put(record);
}

static void
an_end_that_it_has_not_fails(void **state)
{
	json_object *record;

	peer_open(*state, "trivial");
	order(state,
	    "{\"m\":\"start\",\"run\":1,\"target\":\"::1\",\"end\":\"dst\"}");
	record = hear(state, "record");
	assert_string_equal(member_text_or(record, "why", ""),
	    "end: trivial runs at the src alone");
	json_object_put(record);
}

static void
a_guest_is_asked_for(void **state)
{
	json_object *ask;

	peer_open(*state, "guest");
	order(state, "{\"m\":\"respond\",\"settings\":{\"peer\":\"ams\"}}");
	ask = hear(state, "admit");
	assert_string_equal(member_text_or(ask, "peer", ""), "ams");
	assert_true(member_number_or(ask, "packets", 0) == 2);
	json_object_put(ask);
	pass_over(state, "responds");
	assert_run(state, "", "- dst lon 0", 0, "");
	order(state, "{\"m\":\"admitted\",\"ask\":1}");
	assert_run(state, "", "- dst lon 0", 0, "may be served");
	/* the same again changes nothing, others begin anew */
	order(state, "{\"m\":\"respond\",\"settings\":{\"peer\":\"ams\"}}");
	pass_over(state, "responds");
	order(state, "{\"m\":\"respond\",\"settings\":{\"peer\":\"lon\"}}");
	pass_over(state, "state");
	pass_over(state, "release");
	pass_over(state, "admit");
	pass_over(state, "responds");
	order(state, "{\"m\":\"admitted\",\"ask\":2,\"why\":\"limit: x\"}");
	assert_run(state, "", "- dst lon 0", 0, "limit: x");
	order(state, "{\"m\":\"silence\"}");
	pass_over(state, "release");
}

static void
assert_does_not_respond(void **state, const char *settings, const char *why)
{
	struct peer *peer = *state;
	json_object *found;

	fprintf(peer->out, "{\"m\":\"respond\",\"settings\":%s}\n", settings);
	found = hear(state, "responds");
	assert_non_null(strstr(member_text_or(found, "why", ""), why));
	json_object_put(found);
}

static void
a_far_end_that_cannot_be_says_why(void **state)
{
	peer_open(*state, "guest");
	assert_does_not_respond(state, "{\"packets\":0}", "more than none");
	assert_does_not_respond(state, "{\"port\":0}", "port");
	assert_does_not_respond(state, "{\"peer\":7}", "peer");
}

static void
a_probe_without_a_far_end_says_so(void **state)
{
	peer_open(*state, "trivial");
	assert_does_not_respond(state, "{}", "trivial has no far end");
}

/*
 * The parent.
 */

static struct {
	struct crew *crew;
	int asked, ready, stated;
	bool released, answered;
	int64_t ask;
	const char *why; /* what it will be told */
	char *answer;
} parent;

static void
on_admit(void *arg, const struct crew_guest *guest)
{
	assert_string_equal(guest->probe, "guest");
	assert_string_equal(guest->peer, "lon");
	assert_true(guest->cost.packets == 2 && guest->cost.seconds == 0);
	parent.asked++;
	parent.ask = guest->ask;
	crew_admitted(parent.crew, guest->probe, guest->ask, parent.why);
}

static void
on_released(void *arg, const char *name, int64_t ask)
{
	assert_int_equal(ask, parent.ask);
	parent.released = true;
}

/* As pharosd makes a record of it. */
static void
on_stated(void *arg, const char *name, json_object *statement)
{
	const struct plan plan = {.revision = 7, .box = (char[]){"nyc"}};
	json_object *record, *metrics;
	struct error err;

	parent.stated++;
	record = finding_stated(&plan, name, statement, &err);
	if (record == NULL)
		fail_msg("%s", err.text);
	member_add_text(record, "id", "nyc/0123456789abcdef/1");
	if (record_check(record, clock_seconds(clock_wall()), &err) == -1)
		fail_msg("%s", err.text);
	assert_string_equal(member_text_or(record, "outcome", ""), "stated");
	assert_string_equal(member_text_or(record, "test", ""), "visits");
	assert_string_equal(member_text_or(record, "probe", ""), "guest");
	assert_string_equal(member_text_or(record, "src", ""), "nyc");
	assert_string_equal(member_text_or(record, "dst", ""), "lon");
	assert_string_equal(member_text_or(record, "agent", ""), "nyc");
	assert_int_equal(member_whole_or(record, "plan", 0), 7);
	metrics = member_get(record, "metrics");
	assert_int_equal(
	    json_object_array_length(member_get(metrics, "half")), 1);
	json_object_put(record);
}

static void
refuse_statement(const char *text)
{
	const struct plan plan = {.revision = 7, .box = (char[]){"nyc"}};
	json_object *statement = json_tokener_parse(text);
	struct error err;

	assert_non_null(statement);
	if (finding_stated(&plan, "guest", statement, &err) != NULL)
		fail_msg("%s: taken", text);
	json_object_put(statement);
}

/* A worker's word, or that of a peer of its. */
static void
a_statement_that_is_no_good_is_no_record(void **state)
{
	refuse_statement("{\"test\":\"a b\",\"peer\":\"lon\",\"end\":\"src\","
			 "\"family\":4,\"start\":2e9,\"finish\":2e9}");
	refuse_statement("{\"test\":\"a\",\"peer\":\"../x\",\"end\":\"src\","
			 "\"family\":4,\"start\":2e9,\"finish\":2e9}");
	refuse_statement("{\"test\":\"a\",\"peer\":\"lon\",\"end\":\"up\","
			 "\"family\":4,\"start\":2e9,\"finish\":2e9}");
	refuse_statement("{\"test\":\"a\",\"peer\":\"lon\",\"end\":\"src\","
			 "\"family\":5,\"start\":2e9,\"finish\":2e9}");
	refuse_statement("{\"test\":\"a\",\"peer\":\"lon\",\"end\":\"src\","
			 "\"family\":4,\"start\":1e9,\"finish\":1e9}");
	refuse_statement("{\"test\":\"a\",\"peer\":\"lon\",\"end\":\"src\","
			 "\"family\":4}");
}

static void
on_ready(void *arg, const char *name, const char *why_not)
{
	if (why_not == NULL)
		parent.ready++;
}

static void
on_record(void *arg, void *owner, json_object *record, bool last)
{
	free(parent.answer);
	parent.answer = strdup(
	    member_text_or(member_get(record, "metrics"), "answer", "none"));
	parent.answered = true;
}

static void
assert_answer(struct event_base *base, const char *answer)
{
	const struct crew_run run = {
	    .probe = "guest", .target = "127.0.0.1", .patience = NS_PER_S};

	parent.answered = false;
	crew_start(parent.crew, &run);
	loop_until(base, &parent.answered);
	assert_string_equal(parent.answer, answer);
}

static void
a_crew_asks_for_its_far_ends(void **state)
{
	const struct crew_far far = {.admit = on_admit,
	    .released = on_released,
	    .stated = on_stated,
	    .ready = on_ready};
	json_object *settings = json_object_new_object();

	parent.crew = crew_new(*state, false, on_record, NULL);
	crew_set_far(parent.crew, &far);
	crew_fleet(parent.crew, "nyc", NULL);
	crew_respond(parent.crew, "guest", settings);
	loop_count(*state, &parent.ready, 1);
	assert_int_equal(parent.asked, 1);
	assert_answer(*state, "may be served");
	crew_admitted(parent.crew, "guest", 12345, "nobody of that number");
	crew_respond(parent.crew, "guest", NULL);
	loop_until(*state, &parent.released);
	assert_int_equal(parent.stated, 1);
	json_object_put(settings);
	crew_free(parent.crew);
}

static int
signal_worker(int number)
{
	json_object *status = crew_status(parent.crew);
	int pid = (int)member_whole_or(
	    json_object_array_get_idx(status, 0), "pid", 0);

	json_object_put(status);
	return (kill(pid, number));
}

static void
a_worker_that_dies_releases_its_guests_and_asks_again(void **state)
{
	const struct crew_far far = {
	    .admit = on_admit, .released = on_released, .ready = on_ready};
	json_object *settings = json_object_new_object();

	parent.asked = parent.ready = 0;
	parent.released = false;
	parent.why = "limit: none today";
	parent.crew = crew_new(*state, false, on_record, NULL);
	crew_set_far(parent.crew, &far);
	crew_respond(parent.crew, "guest", settings);
	loop_count(*state, &parent.ready, 1);
	assert_answer(*state, "limit: none today");
	assert_int_equal(signal_worker(SIGKILL), 0);
	loop_until(*state, &parent.released);
	loop_count(*state, &parent.ready, 2);
	assert_int_equal(parent.asked, 2);
	json_object_put(settings);
	crew_free(parent.crew);
	free(parent.answer);
	parent.answer = NULL;
}

static bool
tell_clock(int times)
{
	struct discipline clock = {.source = "kernel"};

	while (times-- > 0)
		crew_clock(parent.crew, &clock, 0);
	return (true);
}

/* It has no run whose patience could end. */
static void
a_far_end_that_hangs_is_killed(void **state)
{
	const struct crew_far far = {
	    .admit = on_admit, .released = on_released, .ready = on_ready};
	json_object *settings = json_object_new_object();

	parent.asked = parent.ready = 0;
	parent.released = false;
	parent.crew = crew_new(*state, false, on_record, NULL);
	crew_set_far(parent.crew, &far);
	crew_respond(parent.crew, "guest", settings);
	loop_count(*state, &parent.ready, 1);
	assert_int_equal(signal_worker(SIGSTOP), 0);
	loop_while(*state, tell_clock(100) && !parent.released);
	loop_count(*state, &parent.ready, 2);
	json_object_put(settings);
	crew_free(parent.crew);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(peers_are_found_by_name),
	    cmocka_unit_test(peers_that_are_wrong_are_refused),
	    cmocka_unit_test(a_statement_that_is_no_good_is_no_record),
	    cmocka_unit_test_setup_teardown(
		a_run_knows_its_end_and_its_peer, peer_make, peer_unmake),
	    cmocka_unit_test_setup_teardown(
		the_far_clock_is_in_the_record, peer_make, peer_unmake),
	    cmocka_unit_test_setup_teardown(
		an_end_that_it_has_not_fails, peer_make, peer_unmake),
	    cmocka_unit_test_setup_teardown(
		a_guest_is_asked_for, peer_make, peer_unmake),
	    cmocka_unit_test_setup_teardown(
		a_far_end_that_cannot_be_says_why, peer_make, peer_unmake),
	    cmocka_unit_test_setup_teardown(
		a_probe_without_a_far_end_says_so, peer_make, peer_unmake),
	    cmocka_unit_test_setup_teardown(
		a_crew_asks_for_its_far_ends, loop_make, loop_remove),
	    cmocka_unit_test_setup_teardown(
		a_worker_that_dies_releases_its_guests_and_asks_again,
		loop_make, loop_remove),
	    cmocka_unit_test_setup_teardown(
		a_far_end_that_hangs_is_killed, loop_make, loop_remove),
	};

	peer_use_test_probes();
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
