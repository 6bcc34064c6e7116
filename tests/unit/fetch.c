/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/fetch.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <netinet/in.h>
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
#include "common/http.h"
#include "common/listener.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/tls.h"
#include "tests/unit/authority.h"
#include "tests/unit/folder.h"
#include "tests/unit/loop.h"

/* One server, plain or with TLS, and one client in the same loop. */
static struct event_base *base;
static struct http *http;
static SSL_CTX *tls;
static char *dir, *url;
static int gone;

struct answer {
	bool done;
	int status;
	char why[512], body[512], etag[16];
	long retry_after;
};

static void
on_answer(void *arg, const struct fetch_reply *reply)
{
	struct answer *answer = arg;

	assert_false(answer->done);
	answer->done = true;
	answer->status = reply->status;
	answer->retry_after = reply->retry_after;
	assert_int_equal(strlen(reply->body), reply->length);
	snprintf(answer->body, sizeof(answer->body), "%s", reply->body);
	snprintf(answer->why, sizeof(answer->why), "%s",
	    reply->why != NULL ? reply->why : "");
	snprintf(answer->etag, sizeof(answer->etag), "%s",
	    reply->etag != NULL ? reply->etag : "");
}

/* Says what came, and from whom. */
static void
on_echo(struct http_request *request, void *arg)
{
	json_object *json = json_object_new_object();
	X509 *certificate = http_certificate(request);
	char box[NAME_TEXT] = "nobody";
	char text[64];
	ev_ssize_t n =
	    evbuffer_copyout(http_body(request), text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	if (certificate != NULL)
		tls_box(certificate, box, NULL);
	X509_free(certificate);
	member_add_text(json, "body", text);
	member_add_text(json, "box", box);
	member_add_text(json, "x", http_header(request, "X-Test"));
	http_set_header(request, "ETag", "\"7\"");
	http_reply_json(request, 200, json);
}

static void
on_busy(struct http_request *request, void *arg)
{
	http_set_header(request, "Retry-After", "17");
	http_problem(request, 503, "Service Unavailable",
	    "the disk is nearly full; make room");
}

static void
on_elsewhere(struct http_request *request, void *arg)
{
	http_set_header(request, "Location", "/echo");
	http_reply(request, 302, NULL, NULL);
}

static void
on_gone(struct http_request *request, void *arg)
{
	gone++;
}

static void
on_hold(struct http_request *request, void *arg)
{
	http_hold(request, on_gone, NULL);
}

static void
serve(int fd, const char *scheme)
{
	struct sockaddr_in address = {0};
	socklen_t length = sizeof(address);

	assert_true(fd >= 0);
	getsockname(fd, (struct sockaddr *)&address, &length);
	url =
	    memory_print("%s://localhost:%d", scheme, ntohs(address.sin_port));
	base = event_base_new();
	http = http_new(base, tls, 100000, 60);
	http_route(http, HTTP_GET | HTTP_POST, "/echo", on_echo, NULL);
	http_route(http, HTTP_GET, "/busy", on_busy, NULL);
	http_route(http, HTTP_GET, "/elsewhere", on_elsewhere, NULL);
	http_route(http, HTTP_GET, "/hold", on_hold, NULL);
	gone = 0;
	assert_int_equal(http_listen(http, fd), 0);
}

static int
serve_plain(void **state)
{
	serve(listener_open("test", "127.0.0.1:0", NULL), "http");
	return (0);
}

static char *
file(const char *name)
{
	return (memory_print("%s/%s", dir, name));
}

static int
serve_tls(void **state)
{
	struct authority fleet, stranger;
	char *chain, *key, *ca;

	folder_make((void **)&dir);
	authority_make(&fleet, "fleet");
	authority_make(&stranger, "stranger");
	authority_write(&fleet, dir, "ca");
	authority_write(&stranger, dir, "stranger");
	authority_issue(&fleet, dir, "web", "DNS:localhost");
	authority_issue(&fleet, dir, "nyc", "URI:pharos:box/nyc");
	authority_issue(&stranger, dir, "false", "URI:pharos:box/nyc");
	authority_clear(&fleet);
	authority_clear(&stranger);
	chain = file("web.crt");
	key = file("web.key");
	ca = file("ca.crt");
	tls = tls_server(chain, key, ca, NULL);
	free(chain);
	free(key);
	free(ca);
	serve(listener_open("test", "127.0.0.1:0", NULL), "https");
	return (0);
}

static int
stop_serving(void **state)
{
	http_free(http);
	event_base_free(base);
	SSL_CTX_free(tls);
	free(url);
	if (dir != NULL)
		folder_remove((void **)&dir);
	tls = NULL;
	dir = NULL;
	return (0);
}

static void
ask(struct fetcher *fetcher, const char *method, const char *path,
    const char *body, struct answer *answer)
{
	char *full = memory_print("%s%s", url, path);
	const char *const headers[] = {"X-Test: yes", NULL};
	const struct fetch_about about = {
	    .method = method,
	    .url = full,
	    .headers = headers,
	    .body = body,
	    .length = body != NULL ? strlen(body) : 0,
	};

	memset(answer, 0, sizeof(*answer));
	fetch_start(fetcher, &about, on_answer, answer);
	free(full); /* is copied */
	loop_until(base, &answer->done);
}

static void
an_answer_has_status_body_and_tag(void **state)
{
	struct fetcher *fetcher = fetcher_new(base, NULL, NULL);
	struct answer answer;

	ask(fetcher, "POST", "/echo", "hello", &answer);
	assert_int_equal(answer.status, 200);
	assert_string_equal(answer.body,
	    "{\"body\":\"hello\",\"box\":\"nobody\",\"x\":\"yes\"}");
	assert_string_equal(answer.etag, "\"7\"");
	assert_string_equal(answer.why, "");
	ask(fetcher, "POST", "/echo", NULL, &answer);
	assert_non_null(strstr(answer.body, "\"body\":\"\""));
	ask(fetcher, "GET", "/busy", NULL, &answer);
	assert_int_equal(answer.status, 503);
	assert_int_equal(answer.retry_after, 17);
	assert_string_equal(answer.etag, "");
	fetcher_free(fetcher);
}

static void
redirects_are_not_followed(void **state)
{
	struct fetcher *fetcher = fetcher_new(base, NULL, NULL);
	struct answer answer;

	ask(fetcher, "GET", "/elsewhere", NULL, &answer);
	assert_int_equal(answer.status, 302);
	fetcher_free(fetcher);
}

static void
proxies_of_the_environment_are_not_asked(void **state)
{
	struct fetcher *fetcher = fetcher_new(base, NULL, NULL);
	struct answer answer;

	setenv("http_proxy", "http://127.0.0.1:1", 1);
	ask(fetcher, "GET", "/echo", NULL, &answer);
	unsetenv("http_proxy");
	assert_int_equal(answer.status, 200);
	fetcher_free(fetcher);
}

static void
refuse(const struct fetch_about *about, const char *why)
{
	struct fetcher *fetcher = fetcher_new(base, NULL, NULL);
	struct answer answer = {0};

	fetch_start(fetcher, about, on_answer, &answer);
	assert_false(answer.done); /* never from inside the call */
	loop_until(base, &answer.done);
	assert_int_equal(answer.status, 0);
	if (strstr(answer.why, why) == NULL)
		fail_msg("%s", answer.why);
	fetcher_free(fetcher);
}

static void
a_failure_names_place_and_cause(void **state)
{
	const struct fetch_about nobody = {
	    .method = "GET", .url = "http://127.0.0.1:1/plan?secret"};
	const struct fetch_about file_url = {
	    .method = "GET", .url = "file:///etc/passwd"};
	const struct fetch_about absent = {.method = "GET",
	    .url = "http://localhost/",
	    .unix_socket = "/nonexistent"};

	refuse(&nobody, "http://127.0.0.1:1/plan: Failed to connect to "
			"127.0.0.1 port 1");
	refuse(&file_url, "Protocol \"file\" not supported");
	refuse(&absent, "/nonexistent: ");
}

static void
a_slow_or_large_answer_is_given_up(void **state)
{
	char *hold = memory_print("%s/hold", url);
	char *echo = memory_print("%s/echo", url);
	const struct fetch_about slow = {
	    .method = "GET", .url = hold, .timeout_ms = 50};
	const struct fetch_about large = {
	    .method = "GET", .url = echo, .most = 10};

	refuse(&slow, "/hold: Operation timed out");
	loop_count(base, &gone, 1); /* and the server knows */
	refuse(&large, "/echo: the answer is over 10 bytes");
	free(hold);
	free(echo);
}

static void
a_cancelled_fetch_is_not_heard_of(void **state)
{
	struct fetcher *fetcher = fetcher_new(base, NULL, NULL);
	char *hold = memory_print("%s/hold", url);
	const struct fetch_about about = {.method = "GET", .url = hold};
	struct answer answer, cancelled = {0}, left = {0};
	struct fetch *fetch =
	    fetch_start(fetcher, &about, on_answer, &cancelled);

	fetch_start(fetcher, &about, on_answer, &left);
	ask(fetcher, "GET", "/echo", NULL, &answer);
	fetch_cancel(fetch);
	loop_count(base, &gone, 1);
	fetcher_free(fetcher);
	loop_count(base, &gone, 2);
	assert_false(cancelled.done);
	assert_false(left.done);
	free(hold);
}

struct chain {
	struct fetcher *fetcher;
	int answers;
	bool done;
};

static void
on_chain(void *arg, const struct fetch_reply *reply)
{
	struct chain *chain = arg;
	char *echo = memory_print("%s/echo", url);
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
	struct chain chain = {.fetcher = fetcher_new(base, NULL, NULL)};
	char *echo = memory_print("%s/echo", url);
	const struct fetch_about about = {.method = "GET", .url = echo};

	fetch_start(chain.fetcher, &about, on_chain, &chain);
	loop_until(base, &chain.done);
	assert_int_equal(chain.answers, 3);
	free(echo);
}

static struct fetcher *
fetcher_of(const char *certificate, const char *key, const char *ca)
{
	struct fetcher_identity identity = {
	    certificate != NULL ? file(certificate) : NULL,
	    key != NULL ? file(key) : NULL, file(ca)};
	struct fetcher *fetcher = fetcher_new(base, &identity, NULL);

	free((char *)identity.certificate);
	free((char *)identity.key);
	free((char *)identity.ca);
	return (fetcher);
}

static void
a_box_is_known_by_its_certificate(void **state)
{
	struct fetcher *fetcher = fetcher_of("nyc.crt", "nyc.key", "ca.crt");
	struct answer answer;

	ask(fetcher, "GET", "/echo", NULL, &answer);
	assert_string_equal(answer.why, "");
	assert_non_null(strstr(answer.body, "\"box\":\"nyc\""));
	fetcher_free(fetcher);
}

static void
on_held_tls(void *arg, const struct fetch_reply *reply)
{
	fail();
}

static void
a_held_tls_client_that_goes_is_noticed(void **state)
{
	struct fetcher *fetcher = fetcher_of("nyc.crt", "nyc.key", "ca.crt");
	char *hold = memory_print("%s/hold", url);
	const struct fetch_about about = {.method = "GET", .url = hold};
	struct answer answer;

	fetch_start(fetcher, &about, on_held_tls, NULL);
	ask(fetcher, "GET", "/echo", NULL, &answer);
	assert_int_equal(gone, 0);
	fetcher_free(fetcher);
	loop_count(base, &gone, 1);
	free(hold);
}

static void
without_a_certificate_one_is_nobody(void **state)
{
	struct fetcher *fetcher = fetcher_of(NULL, NULL, "ca.crt");
	struct answer answer;

	ask(fetcher, "GET", "/echo", NULL, &answer);
	assert_non_null(strstr(answer.body, "\"box\":\"nobody\""));
	fetcher_free(fetcher);
}

static void
assert_refused(struct fetcher *fetcher, const char *why)
{
	struct answer answer;

	ask(fetcher, "GET", "/echo", NULL, &answer);
	assert_int_equal(answer.status, 0);
	if (strstr(answer.why, why) == NULL)
		fail_msg("%s", answer.why);
	fetcher_free(fetcher);
}

static void
a_certificate_of_another_authority_is_refused(void **state)
{
	assert_refused(
	    fetcher_of("false.crt", "false.key", "ca.crt"), "unknown ca");
}

static void
a_server_of_another_authority_is_refused(void **state)
{
	assert_refused(fetcher_of("nyc.crt", "nyc.key", "stranger.crt"),
	    "self-signed certificate in certificate chain");
}

static void
a_server_of_another_name_is_refused(void **state)
{
	char *port = memory_text(strrchr(url, ':'));

	free(url);
	url = memory_print("https://127.0.0.1%s", port);
	assert_refused(fetcher_of(NULL, NULL, "ca.crt"), "127.0.0.1");
	free(port);
}

static int
accept_once(X509_STORE_CTX *store, void *arg)
{
	struct answer *verdict = arg;
	char print[65];

	tls_fingerprint(X509_STORE_CTX_get0_cert(store), print);
	snprintf(verdict->body, sizeof(verdict->body), "%s", print);
	return (verdict->status);
}

static void
verification_can_be_the_callers(void **state)
{
	struct answer verdict = {.status = 1}, answer;
	const struct fetcher_identity identity = {
	    .verify = accept_once, .arg = &verdict};
	struct fetcher *fetcher = fetcher_new(base, &identity, NULL);
	char *path = file("web.crt"), print[65];
	X509 *expected = tls_read_certificate(path, NULL);

	tls_fingerprint(expected, print);
	ask(fetcher, "GET", "/echo", NULL, &answer);
	assert_int_equal(answer.status, 200);
	assert_string_equal(verdict.body, print);
	fetcher_free(fetcher);
	verdict.status = 0;
	assert_refused(fetcher_new(base, &identity, NULL), "certificate");
	X509_free(expected);
	free(path);
}

/* The command line's way has a loop of its own, so it gets a process. */
static void
fetch_in_process(const char *path, const char *wanted, const char *why)
{
	char *full = memory_print("%s%s", url, path);
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
		event_base_loop(base, EVLOOP_NONBLOCK);
	assert_int_equal(status, 0);
	free(full);
}

static void
json_is_fetched_or_the_problem_told(void **state)
{
	fetch_in_process("/echo", "nobody", NULL);
	fetch_in_process("/busy", NULL, "the disk is nearly full; make room");
	fetch_in_process("/absent", NULL, "there is no /absent here");
	fetch_in_process("/elsewhere", NULL, "answered with status 302");
}

#define PLAIN(name) \
	cmocka_unit_test_setup_teardown(name, serve_plain, stop_serving)
#define TLS(name) cmocka_unit_test_setup_teardown(name, serve_tls, stop_serving)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    PLAIN(an_answer_has_status_body_and_tag),
	    PLAIN(redirects_are_not_followed),
	    PLAIN(proxies_of_the_environment_are_not_asked),
	    PLAIN(a_failure_names_place_and_cause),
	    PLAIN(a_slow_or_large_answer_is_given_up),
	    PLAIN(a_cancelled_fetch_is_not_heard_of),
	    PLAIN(an_answer_may_ask_again_and_end_it_all),
	    PLAIN(json_is_fetched_or_the_problem_told),
	    TLS(a_box_is_known_by_its_certificate),
	    TLS(a_held_tls_client_that_goes_is_noticed),
	    TLS(without_a_certificate_one_is_nobody),
	    TLS(a_certificate_of_another_authority_is_refused),
	    TLS(a_server_of_another_authority_is_refused),
	    TLS(a_server_of_another_name_is_refused),
	    TLS(verification_can_be_the_callers),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
