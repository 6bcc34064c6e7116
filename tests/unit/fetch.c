/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/fetch.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/member.h"
#include "common/memory.h"
#include "tests/unit/loop.h"
#include "tests/unit/server.h"

static void
an_answer_has_status_body_and_tag(void **state)
{
	struct server *server = *state;
	struct fetcher *fetcher = fetcher_new(server->base, NULL, NULL);
	struct answer answer;

	answer_await(&answer, server, fetcher, "POST", "/echo", "hello");
	assert_int_equal(answer.status, 200);
	assert_string_equal(answer.body,
	    "{\"body\":\"hello\",\"box\":\"nobody\",\"x\":\"yes\"}");
	assert_string_equal(answer.etag, "\"7\"");
	assert_string_equal(answer.why, "");
	answer_await(&answer, server, fetcher, "POST", "/echo", NULL);
	assert_non_null(strstr(answer.body, "\"body\":\"\""));
	answer_await(&answer, server, fetcher, "GET", "/busy", NULL);
	assert_int_equal(answer.status, 503);
	assert_int_equal(answer.retry_after, 17);
	assert_string_equal(answer.etag, "");
	fetcher_free(fetcher);
}

/* On a connection that was kept libcurl would ask again by itself. */
static void
what_may_have_been_done_is_not_asked_again(void **state)
{
	struct server *server = *state;
	struct fetcher *fetcher = fetcher_new(server->base, NULL, NULL);
	struct answer answer;

	answer_await(&answer, server, fetcher, "POST", "/echo", "hello");
	answer_await(&answer, server, fetcher, "POST", "/drop", "once");
	assert_int_equal(answer.status, 0);
	assert_non_null(strstr(answer.why, "/drop: the connection ended"));
	assert_int_equal(server->drops, 1);
	answer_await(&answer, server, fetcher, "POST", "/drop", "again");
	assert_int_equal(answer.status, 204);
	fetcher_free(fetcher);
}

static void
redirects_are_not_followed(void **state)
{
	struct server *server = *state;
	struct fetcher *fetcher = fetcher_new(server->base, NULL, NULL);
	struct answer answer;

	answer_await(&answer, server, fetcher, "GET", "/elsewhere", NULL);
	assert_int_equal(answer.status, 302);
	fetcher_free(fetcher);
}

static void
proxies_of_the_environment_are_not_asked(void **state)
{
	struct server *server = *state;
	struct fetcher *fetcher = fetcher_new(server->base, NULL, NULL);
	struct answer answer;

	setenv("http_proxy", "http://127.0.0.1:1", 1);
	answer_await(&answer, server, fetcher, "GET", "/echo", NULL);
	unsetenv("http_proxy");
	assert_int_equal(answer.status, 200);
	fetcher_free(fetcher);
}

static void
refuse(struct server *server, const struct fetch_about *about, const char *why)
{
	struct fetcher *fetcher = fetcher_new(server->base, NULL, NULL);
	struct answer answer = {0};

	fetch_start(fetcher, about, answer_take, &answer);
	assert_false(answer.done); /* never from inside the call */
	loop_until(server->base, &answer.done);
	assert_int_equal(answer.status, 0);
	if (strstr(answer.why, why) == NULL)
		fail_msg("%s", answer.why);
	fetcher_free(fetcher);
}

static void
a_failure_names_place_and_cause(void **state)
{
	struct server *server = *state;
	const struct fetch_about nobody = {
	    .method = "GET", .url = "http://127.0.0.1:1/plan?secret"};
	const struct fetch_about file_url = {
	    .method = "GET", .url = "file:///etc/passwd"};
	const struct fetch_about absent = {.method = "GET",
	    .url = "http://localhost/",
	    .unix_socket = "/nonexistent"};

	refuse(server, &nobody,
	    "http://127.0.0.1:1/plan: Failed to connect to "
	    "127.0.0.1 port 1");
	refuse(server, &file_url, "Protocol \"file\" not supported");
	refuse(server, &absent, "/nonexistent: ");
}

static void
a_slow_or_large_answer_is_given_up(void **state)
{
	struct server *server = *state;
	char *hold = memory_print("%s/hold", server->url);
	char *echo = memory_print("%s/echo", server->url);
	const struct fetch_about slow = {
	    .method = "GET", .url = hold, .timeout_ms = 50};
	const struct fetch_about large = {
	    .method = "GET", .url = echo, .most = 10};

	refuse(server, &slow, "/hold: Operation timed out");
	loop_count(server->base, &server->gone, 1); /* and the server knows */
	refuse(server, &large, "/echo: the answer is over 10 bytes");
	free(hold);
	free(echo);
}

struct parts {
	char text[512];
	size_t most; /* bytes that are enough */
};

static bool
take_part(void *arg, const char *data, size_t length)
{
	struct parts *parts = arg;

	strncat(parts->text, data, length);
	return (strlen(parts->text) < parts->most);
}

static void
fetch_parts(struct server *server, const char *path, struct parts *parts,
    struct answer *answer)
{
	struct fetcher *fetcher = fetcher_new(server->base, NULL, NULL);
	char *url = memory_print("%s%s", server->url, path);
	const struct fetch_about about = {.method = "GET",
	    .url = url,
	    .most = 10,
	    .part = take_part,
	    .part_arg = parts};

	memset(answer, 0, sizeof(*answer));
	fetch_start(fetcher, &about, answer_take, answer);
	loop_until(server->base, &answer->done);
	fetcher_free(fetcher);
	free(url);
}

static void
parts_are_given_as_they_come_when_the_answer_is_good(void **state)
{
	struct server *server = *state;
	struct parts all = {"", 1000}, some = {"", 5}, none = {"", 1000};
	struct answer answer;

	fetch_parts(server, "/echo", &all, &answer); /* longer than most */
	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(all.text, "\"box\":\"nobody\""));
	assert_string_equal(answer.body, "");
	fetch_parts(server, "/echo", &some, &answer);
	assert_string_not_equal(answer.why, "");
	fetch_parts(server, "/elsewhere", &none, &answer);
	assert_int_equal(answer.status, 302);
	assert_string_equal(none.text, "");
}

static void
a_cancelled_fetch_is_not_heard_of(void **state)
{
	struct server *server = *state;
	struct fetcher *fetcher = fetcher_new(server->base, NULL, NULL);
	char *hold = memory_print("%s/hold", server->url);
	const struct fetch_about about = {.method = "GET", .url = hold};
	struct answer answer, cancelled = {0}, left = {0};
	struct fetch *fetch =
	    fetch_start(fetcher, &about, answer_take, &cancelled);

	fetch_start(fetcher, &about, answer_take, &left);
	answer_await(&answer, server, fetcher, "GET", "/echo", NULL);
	fetch_cancel(fetch);
	loop_count(server->base, &server->gone, 1);
	fetcher_free(fetcher);
	loop_count(server->base, &server->gone, 2);
	assert_false(cancelled.done);
	assert_false(left.done);
	free(hold);
}

struct chain {
	struct server *server;
	struct fetcher *fetcher;
	int answers;
	bool done;
};

static void
on_chain(void *arg, const struct fetch_reply *reply)
{
	struct chain *chain = arg;
	char *echo = memory_print("%s/echo", chain->server->url);
	const struct fetch_about about = {.method = "GET", .url = echo};

	assert_int_equal(reply->status, 200);
	if (++chain->answers < 3) {
		fetch_start(chain->fetcher, &about, on_chain, chain);
	} else {
		fetcher_free(chain->fetcher);
		chain->done = true;
	}
	free(echo);
}

static void
an_answer_may_ask_again_and_end_it_all(void **state)
{
	struct server *server = *state;
	struct chain chain = {
	    .server = server,
	    .fetcher = fetcher_new(server->base, NULL, NULL),
	};
	char *echo = memory_print("%s/echo", server->url);
	const struct fetch_about about = {.method = "GET", .url = echo};

	fetch_start(chain.fetcher, &about, on_chain, &chain);
	loop_until(server->base, &chain.done);
	assert_int_equal(chain.answers, 3);
	free(echo);
}

/* The command line's way has a loop of its own, so it gets a process. */
static void
fetch_in_process(struct server *server, const char *path, const char *wanted,
    const char *why)
{
	char *full = memory_print("%s%s", server->url, path);
	const struct fetch_about about = {.method = "GET", .url = full};
	struct error err;
	json_object *json;
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		json = fetch_json(NULL, &about, &err);
		if (json != NULL)
			_exit(why != NULL ||
			      strcmp(member_text_or(json, "box", ""), wanted) !=
				  0);
		fprintf(stderr, "# %s\n", err.text);
		_exit(why == NULL || strstr(err.text, full) != err.text ||
		      strstr(err.text, why) == NULL);
	}
	while (waitpid(pid, &status, WNOHANG) == 0)
		event_base_loop(server->base, EVLOOP_NONBLOCK);
	assert_int_equal(status, 0);
	free(full);
}

static void
json_is_fetched_or_the_problem_told(void **state)
{
	struct server *server = *state;
	fetch_in_process(server, "/echo", "nobody", NULL);
	fetch_in_process(
	    server, "/busy", NULL, "the disk is nearly full; make room");
	fetch_in_process(server, "/absent", NULL, "there is no /absent here");
	fetch_in_process(
	    server, "/elsewhere", NULL, "answered with status 302");
}

static void
who_cannot_be_reached_is_named_once(void **state)
{
	const struct fetch_about nobody = {
	    .method = "GET", .url = "http://127.0.0.1:1/plan"};
	struct error err;

	assert_null(fetch_json(NULL, &nobody, &err));
	assert_ptr_equal(strstr(err.text, nobody.url), err.text);
	assert_null(strstr(err.text + 1, nobody.url));
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, server_make_plain, server_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(an_answer_has_status_body_and_tag),
	    TEST(what_may_have_been_done_is_not_asked_again),
	    TEST(redirects_are_not_followed),
	    TEST(proxies_of_the_environment_are_not_asked),
	    TEST(a_failure_names_place_and_cause),
	    TEST(a_slow_or_large_answer_is_given_up),
	    TEST(parts_are_given_as_they_come_when_the_answer_is_good),
	    TEST(a_cancelled_fetch_is_not_heard_of),
	    TEST(an_answer_may_ask_again_and_end_it_all),
	    TEST(json_is_fetched_or_the_problem_told),
	    TEST(who_cannot_be_reached_is_named_once),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
