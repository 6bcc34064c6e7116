/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The worker in a process of its own, with the trivial plug-in, spoken to over
 * a socketpair.
 */
#include "agent/worker.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/member.h"
#include "common/memory.h"

struct peer {
	pid_t pid;
	FILE *in, *out;
};

static int
make(void **state)
{
	struct peer *peer = memory_new(1, sizeof(*peer));
	struct error err;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == -1 ||
	    (peer->pid = fork()) == -1)
		return (-1);
	if (peer->pid == 0) {
		close(ends[0]);
		free(peer);
		exit(worker_main(ends[1], &err));
	}
	close(ends[1]);
	peer->in = fdopen(ends[0], "r");
	peer->out = fdopen(dup(ends[0]), "w");
	setlinebuf(peer->out);
	*state = peer;
	return (0);
}

static void
hang_up(struct peer *peer)
{
	if (peer->in != NULL)
		fclose(peer->in);
	if (peer->out != NULL)
		fclose(peer->out);
	peer->in = peer->out = NULL;
}

static int
exit_status(struct peer *peer)
{
	int status = -1;

	if (peer->pid != 0)
		waitpid(peer->pid, &status, 0);
	peer->pid = 0;
	return (WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

static int
unmake(void **state)
{
	struct peer *peer = *state;
	int status = 0;

	hang_up(peer);
	if (peer->pid != 0)
		status = exit_status(peer);
	free(peer);
	return (status);
}

/* The next finding; NULL at the end of file. */
static json_object *
hear(struct peer *peer)
{
	json_object *message;
	char *line = NULL;
	size_t size = 0;
	ssize_t length = getline(&line, &size, peer->in);
	struct error err;

	message =
	    length > 0 ? member_parse(line, (size_t)length - 1, &err) : NULL;
	free(line);
	return (message);
}

static void
open_trivial(struct peer *peer)
{
	json_object *answer;

	fputs("{\"m\":\"open\",\"probe\":\"trivial\"}\n", peer->out);
	answer = hear(peer);
	assert_string_equal(member_text_or(answer, "m", ""), "manifest");
	json_object_put(answer);
}

static void
a_run_yields_one_record(void **state)
{
	json_object *record, *metrics;

	open_trivial(*state);
	fputs("{\"m\":\"start\",\"run\":7,\"target\":\"127.0.0.1\","
	      "\"settings\":{\"count\":3}}\n",
	    ((struct peer *)*state)->out);
	record = hear(*state);
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

	open_trivial(*state);
	fprintf(((struct peer *)*state)->out,
	    "{\"m\":\"start\",\"run\":1,\"target\":\"::1\",\"at\":%.9f,"
	    "\"settings\":{\"count\":1}}\n",
	    clock_seconds(at));
	record = hear(*state);
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
	record = hear(peer);
	assert_string_equal(member_text_or(record, "outcome", ""), "failed");
	assert_non_null(strstr(member_text_or(record, "why", ""), why));
	assert_null(member_get(record, "metrics"));
	json_object_put(record);
}

static void
a_bad_order_is_a_failed_record(void **state)
{
	open_trivial(*state);
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

	open_trivial(peer);
	fputs(order, peer->out);
	assert_fails(
	    peer, "{\"m\":\"start\",\"run\":1,\"target\":\"::1\"}", "in use");
}

static void
a_stopped_run_says_nothing_more(void **state)
{
	struct peer *peer = *state;
	json_object *record;

	open_trivial(peer);
	fputs("{\"m\":\"start\",\"run\":1,\"target\":\"::1\","
	      "\"settings\":{\"count\":1000}}\n"
	      "{\"m\":\"stop\",\"run\":1}\n"
	      "{\"m\":\"start\",\"run\":2,\"target\":\"::1\","
	      "\"settings\":{\"count\":1}}\n{\"m\":\"close\"}\n",
	    peer->out);
	record = hear(peer);
	assert_int_equal(member_whole_or(record, "run", 0), 2);
	json_object_put(record);
	assert_null(hear(peer));
}

static void
a_finished_run_that_cannot_is_interrupted(void **state)
{
	struct peer *peer = *state;

	open_trivial(peer);
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

	open_trivial(peer);
	fputs("{\"m\":\"start\",\"run\":1,\"target\":\"::1\","
	      "\"settings\":{\"count\":2}}\n{\"m\":\"close\"}\n",
	    peer->out);
	record = hear(peer);
	assert_string_equal(member_text_or(record, "outcome", ""), "measured");
	json_object_put(record);
	assert_null(hear(peer));
	hang_up(peer);
	assert_int_equal(exit_status(peer), 0);
}

static void
it_leaves_nothing_behind_when_the_parent_goes(void **state)
{
	struct peer *peer = *state;

	open_trivial(peer);
	fputs(
	    "{\"m\":\"start\",\"run\":1,\"target\":\"::1\","
	    "\"settings\":{\"count\":1000}}\n"
	    "{\"m\":\"start\",\"run\":2,\"target\":\"no-such-host.invalid\"}\n",
	    peer->out);
	hang_up(peer);
	assert_int_equal(exit_status(peer), 0); /* the leak check is part */
}

static void
an_unknown_probe_is_refused(void **state)
{
	struct peer *peer = *state;
	json_object *answer;

	fputs("{\"m\":\"open\",\"probe\":\"../evil\"}\n", peer->out);
	answer = hear(peer);
	assert_string_equal(member_text_or(answer, "m", ""), "refused");
	assert_non_null(strstr(member_text_or(answer, "why", ""), "../evil"));
	json_object_put(answer);
	assert_null(hear(peer));
	hang_up(peer);
	assert_int_equal(exit_status(peer), 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

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
	char *probes =
	    memory_print("%s/tests/probe/.libs", getenv("TOP_BUILDDIR"));

	setenv("PHAROS_PROBES", probes, 1);
	free(probes);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
