/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/http.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/listener.h"
#include "common/member.h"
#include "common/memory.h"
#include "tests/unit/client.h"
#include "tests/unit/loop.h"

#define BODY_MOST 1000

static struct event_base *base;
static struct http *http;
static int listener;
static char one[] = "one", two[] = "two", files[] = "files";

static const char *const asked[] = {"q", "more", NULL};

/* GET /echo/{name}?q= and POST /echo/{name}: says what it was asked. */
static void
on_echo(struct http_request *request, void *arg)
{
	struct evbuffer *body = http_body(request);
	json_object *json = json_object_new_object();

	member_add_text(json, "route", arg);
	member_add_text(json, "name", http_param(request, "name"));
	member_add_text(json, "rest", http_param(request, "*"));
	member_add_text(json, "q", http_query(request, "q"));
	member_add_text(json, "path", http_path(request));
	member_add_text(json, "peer", http_peer(request));
	member_add_whole(json, "length", (int64_t)evbuffer_get_length(body));
	http_set_header(request, "ETag", "\"7\"");
	http_reply_json(request, 200, json);
}

static void
on_json(struct http_request *request, void *arg)
{
	json_object *json = http_body_json(request);

	if (json != NULL)
		http_reply_json(request, 200, json);
}

static void
on_nothing(struct http_request *request, void *arg)
{
	http_reply(request, 304, NULL, NULL);
}

static int
serve(void **state)
{
	listener = listener_open("test", "127.0.0.1:0", NULL);
	assert_true(listener >= 0);
	base = event_base_new();
	http = http_new(base, NULL, BODY_MOST, 60);
	http_route(http, HTTP_GET | HTTP_POST, "/echo/{name}", on_echo, one);
	http_route(http, HTTP_GET, "/echo/{name}/b c", on_echo, two);
	http_route(http, HTTP_POST, "/json", on_json, NULL);
	http_route(http, HTTP_GET, "/nothing", on_nothing, NULL);
	http_route(http, HTTP_GET, "/files/{*}", on_echo, files);
	http_route_query(http, "/asked/{name}", asked, on_echo, one);
	assert_int_equal(http_listen(http, listener), 0);
	return (0);
}

static int
stop_serving(void **state)
{
	http_free(http);
	event_base_free(base);
	return (0);
}

static void
ask(struct client *client, const char *request, const char *expected)
{
	client_open(client, base, listener);
	client_send(client, request);
	client_await(client, expected);
}

static void
assert_answer(const char *request, const char *status, const char *body)
{
	struct client client;

	ask(&client, request, status);
	client_await(&client, body);
	client_close(&client);
}

static void
a_route_gets_its_parameters_decoded(void **state)
{
	assert_answer(CLIENT_GET("/echo/n%79c?q=a%20b+c&p=1"),
	    "HTTP/1.1 200 OK",
	    "{\"route\":\"one\",\"name\":\"nyc\",\"q\":\"a b c\","
	    "\"path\":\"/echo/nyc\",\"peer\":\"127.0.0.1\",\"length\":0}");
	assert_answer(CLIENT_GET("/echo/x%2fy/b%20c"), "200 OK",
	    "{\"route\":\"two\",\"name\":\"x/y\"");
	assert_answer(CLIENT_GET("/files/a/b.js"), "200 OK",
	    "{\"route\":\"files\",\"rest\":\"a/b.js\"");
	assert_answer(CLIENT_GET("/files/"), "200 OK",
	    "{\"route\":\"files\",\"rest\":\"\"");
}

static void
what_no_route_fits_is_not_found(void **state)
{
	const char *paths[] = {"/", "/echo", "/echo/", "/echo/a/b", "/files",
	    "/echo//b%20c", "/ECHO/a", "/nothing/"};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		char *request = memory_print(CLIENT_GET("%s"), paths[i]);

		assert_answer(request, "HTTP/1.1 404 Not Found",
		    "\"status\":404,\"detail\":\"there is no /");
		free(request);
	}
}

static void
dots_and_nuls_in_paths_are_refused(void **state)
{
	const char *paths[] = {"/files/../x", "/files/%2e%2e/x",
	    "/files/a%2f..%2fb", "/files/.", "/echo/a%00b"};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		char *request = memory_print(CLIENT_GET("%s"), paths[i]);

		assert_answer(request, "HTTP/1.1 400 Bad Request",
		    "path or query is malformed");
		free(request);
	}
}

static void
a_wrong_method_is_told_the_right_ones(void **state)
{
	struct client client;

	ask(&client, "DELETE /echo/a HTTP/1.1\r\nHost: test\r\n\r\n",
	    "HTTP/1.1 405 Method Not Allowed");
	client_await(&client,
	    "{\"type\":\"about:blank\","
	    "\"title\":\"Method Not Allowed\",\"status\":405,"
	    "\"detail\":\"/echo/a takes GET, HEAD, POST only\"}");
	assert_non_null(
	    strstr(client.text, "Content-Type: application/problem+json"));
	assert_non_null(strstr(client.text, "Allow: GET, HEAD, POST\r\n"));
	client_close(&client);
	assert_answer("PUT /json HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
	    "HTTP/1.1 405", "takes POST only");
}

static void
a_connection_serves_request_after_request(void **state)
{
	struct client client;

	ask(&client, CLIENT_GET("/echo/a"), "\"name\":\"a\"");
	client_send(&client,
	    CLIENT_GET("/echo/b") CLIENT_GET("/echo/c")); /* pipelined */
	client_await(&client, "\"name\":\"b\"");
	client_await(&client, "\"name\":\"c\"");
	assert_false(client.closed);
	client_close(&client);
}

static void
head_is_get_without_the_body(void **state)
{
	struct client get, head;
	char *length;

	ask(&get, CLIENT_GET("/echo/a"), "}");
	length = strstr(get.text, "Content-Length: ");
	length[strcspn(length, "\r")] = '\0';
	ask(&head, "HEAD /echo/a HTTP/1.1\r\nHost: test\r\n\r\n", "\r\n\r\n");
	assert_non_null(strstr(head.text, "HTTP/1.1 200 OK"));
	assert_non_null(strstr(head.text, "ETag: \"7\"\r\n"));
	assert_non_null(strstr(head.text, length));
	/* what follows on the connection is the next answer, no body */
	client_send(&head, CLIENT_GET("/nothing"));
	client_await(&head, "\r\n\r\nHTTP/1.1 304 Not Modified");
	client_close(&get);
	client_close(&head);
}

static void
post(struct client *client, const char *path, size_t length)
{
	char *body = memory_new(length + 1, 1), *request;

	memset(body, 'x', length);
	request = memory_print("POST %s HTTP/1.1\r\nHost: test\r\n"
			       "Content-Length: %zu\r\n\r\n%s",
	    path, length, body);
	client_open(client, base, listener);
	client_send(client, request);
	free(request);
	free(body);
}

static void
a_body_up_to_the_limit_is_taken(void **state)
{
	struct client client;

	post(&client, "/echo/a", BODY_MOST);
	client_await(&client, "\"length\":1000}");
	client_close(&client);
}

static void
a_body_over_the_limit_is_a_problem(void **state)
{
	struct client client;

	post(&client, "/echo/a", BODY_MOST + 1);
	client_await(&client, "HTTP/1.1 413 ");
	client_await(
	    &client, "the body is over 1000 bytes; send it in parts\"}");
	assert_non_null(strstr(client.text, "application/problem+json"));
	client_close(&client);
}

static void
a_body_far_over_the_limit_is_not_kept(void **state)
{
	struct client client;

	post(&client, "/echo/a", 20 * 1024 * 1024);
	client_await(&client, "HTTP/1.1 413 ");
	loop_until(base, &client.closed);
	client_close(&client);
}

static void
a_body_that_is_no_json_object_is_a_problem(void **state)
{
	assert_answer("POST /json HTTP/1.1\r\nContent-Length: 7\r\n\r\n"
		      "{\"a\":1}",
	    "200 OK", "\r\n\r\n{\"a\":1}");
	assert_answer("POST /json HTTP/1.1\r\nContent-Length: 3\r\n\r\n[1]",
	    "HTTP/1.1 400 Bad Request", "the body: expected a JSON object");
	assert_answer("POST /json HTTP/1.1\r\nContent-Length: 3\r\n\r\n{a}",
	    "HTTP/1.1 400 Bad Request", "the body: ");
	assert_answer("POST /json HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
	    "HTTP/1.1 400 Bad Request", "the body: ");
}

static void
what_a_query_may_not_ask_is_named(void **state)
{
	assert_answer(
	    CLIENT_GET("/asked/a?more=1&q=b"), "200 OK", "\"q\":\"b\"");
	assert_answer(CLIENT_GET("/asked/a"), "200 OK", "\"name\":\"a\"");
	assert_answer(CLIENT_GET("/asked/a?"), "200 OK", "\"name\":\"a\"");
	assert_answer(CLIENT_GET("/asked/a?q=b&moer=1"),
	    "HTTP/1.1 400 Bad Request",
	    "/asked/a: unknown parameter \\\"moer\\\", expected one of: "
	    "q, more");
	assert_answer("HEAD /asked/a?moer=1 HTTP/1.1\r\n\r\n",
	    "HTTP/1.1 400 Bad Request", "\r\n\r\n");
	assert_answer("POST /asked/a HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
	    "HTTP/1.1 405 Method Not Allowed", "takes GET, HEAD only");
	assert_answer(
	    CLIENT_GET("/echo/a?anything=1"), "200 OK", "\"name\":\"a\"");
}

static void
overlong_headers_are_refused(void **state)
{
	char *name = memory_new(20001, 1), *request;

	memset(name, 'x', 20000);
	request = memory_print(CLIENT_GET("/echo/%s"), name);
	assert_answer(request, "HTTP/1.1 4", "\r\n\r\n");
	free(request);
	free(name);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, serve, stop_serving)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_route_gets_its_parameters_decoded),
	    TEST(what_no_route_fits_is_not_found),
	    TEST(dots_and_nuls_in_paths_are_refused),
	    TEST(a_wrong_method_is_told_the_right_ones),
	    TEST(a_connection_serves_request_after_request),
	    TEST(head_is_get_without_the_body),
	    TEST(a_body_up_to_the_limit_is_taken),
	    TEST(a_body_over_the_limit_is_a_problem),
	    TEST(a_body_far_over_the_limit_is_not_kept),
	    TEST(a_body_that_is_no_json_object_is_a_problem),
	    TEST(what_a_query_may_not_ask_is_named),
	    TEST(overlong_headers_are_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
