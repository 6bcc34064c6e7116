/* SPDX-License-Identifier: BSD-2-Clause */
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/http.h"
#include "common/http_guard.h"
#include "common/listener.h"
#include "tests/unit/client.h"
#include "tests/unit/loop.h"

#define IDLE 60 /* seconds: not what these tests wait for */

static struct event_base *base;
static struct http *http;
static int listener;
static struct http_request *held;

static void
on_get(struct http_request *request, void *arg)
{
	http_reply(request, 204, NULL, NULL);
}

static void
on_mark(struct http_request *request, void *arg)
{
	http_mark(request, http_param(request, "*"));
	http_reply(request, 204, NULL, NULL);
}

static void
on_hold(struct http_request *request, void *arg)
{
	held = request;
	http_hold(request, NULL, NULL);
}

static int
serve(void **state)
{
	listener = listener_open("test", "127.0.0.1:0", NULL);
	assert_true(listener >= 0);
	base = event_base_new();
	http = http_new(base, NULL, 1000, IDLE);
	http_route(http, HTTP_GET | HTTP_POST, "/", on_get, NULL);
	http_route(http, HTTP_GET, "/hold", on_hold, NULL);
	http_route(http, HTTP_GET, "/mark/{*}", on_mark, NULL);
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

static struct http_load
load(void)
{
	struct http_load now;

	http_load(http, &now);
	return (now);
}

static void
await_connections(size_t count)
{
	const struct timeval tick = {.tv_usec = 10000};
	nanoseconds deadline = clock_monotonic() + 10 * NS_PER_S;

	while (load().connections != count) {
		assert_true(clock_monotonic() < deadline);
		event_base_loopexit(base, &tick);
		event_base_loop(base, EVLOOP_ONCE);
	}
}

static void
ask(struct client *client)
{
	client_open(client, base, listener);
	client_send(client, CLIENT_GET("/"));
	client_await(client, "HTTP/1.1 204");
}

static void
connections_are_counted(void **state)
{
	struct client one, two;

	client_open(&one, base, listener);
	await_connections(1);
	ask(&two);
	assert_int_equal(load().connections, 2);
	client_close(&one);
	await_connections(1);
	client_close(&two);
	await_connections(0);
	assert_int_equal(load().ended, 0);
}

static void
a_client_that_says_nothing_is_ended(void **state)
{
	struct client mute;

	http_limit(http, 10, 1);
	client_open(&mute, base, listener);
	loop_until(base, &mute.closed);
	assert_string_equal(mute.text, "");
	assert_int_equal(load().ended, 1);
	client_close(&mute);
}

static void
on_drip(evutil_socket_t fd, short what, void *arg)
{
	client_send(arg, "x");
}

static void
a_client_that_sends_byte_by_byte_is_ended(void **state)
{
	const struct timeval often = {.tv_usec = 50000};
	struct client slow;
	struct event *drip = event_new(base, -1, EV_PERSIST, on_drip, &slow);

	http_limit(http, 10, 1);
	client_open(&slow, base, listener);
	client_send(&slow, "POST / HTTP/1.1\r\nContent-Length: 900\r\n\r\n");
	event_add(drip, &often);
	loop_until(base, &slow.closed);
	assert_string_equal(slow.text, "");
	event_free(drip);
	client_close(&slow);
}

static void
on_later(evutil_socket_t fd, short what, void *arg)
{
	*(bool *)arg = true;
}

static void
who_waits_for_an_answer_is_not_ended(void **state)
{
	const struct timeval later = {.tv_sec = 2, .tv_usec = 500000};
	struct client client;
	bool over = false;

	http_limit(http, 10, 1);
	client_open(&client, base, listener);
	client_send(&client, CLIENT_GET("/hold"));
	event_base_once(base, -1, EV_TIMEOUT, on_later, &over, &later);
	loop_until(base, &over);
	assert_false(client.closed);
	http_reply(held, 204, NULL, NULL);
	client_await(&client, "HTTP/1.1 204");
	client_close(&client);
}

static void
newcomers_wait_until_there_is_room(void **state)
{
	struct client one, two, three;

	http_limit(http, 2, 60);
	ask(&one);
	ask(&two);
	client_open(&three, base, listener);
	client_send(&three, CLIENT_GET("/"));
	await_connections(2);
	assert_true(load().full);
	assert_string_equal(three.text, "");
	client_close(&one);
	client_await(&three, "HTTP/1.1 204");
	assert_false(two.closed);
	assert_int_equal(load().ended, 0);
	client_close(&two);
	client_close(&three);
}

static void
a_crowd_is_let_in_some_at_a_time(void **state)
{
	struct client crowd[3 * HTTP_GUARD_AT_ONCE];
	const size_t count = sizeof(crowd) / sizeof(*crowd);
	struct event_base *theirs = event_base_new();

	for (size_t i = 0; i < count; i++)
		client_open(&crowd[i], theirs, listener);
	for (size_t turn = 1; turn <= 3; turn++) {
		event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
		assert_int_equal(load().connections, turn * HTTP_GUARD_AT_ONCE);
		assert_false(load().full);
	}
	for (size_t i = 0; i < count; i++)
		client_close(&crowd[i]);
	event_base_free(theirs);
	await_connections(0);
}

static void
those_that_say_nothing_give_way(void **state)
{
	struct client mute, client;

	http_limit(http, 1, 60);
	client_open(&mute, base, listener);
	await_connections(1);
	ask(&client);
	assert_true(mute.closed);
	assert_int_equal(load().ended, 1);
	client_close(&mute);
	client_close(&client);
}

static void
all_connections_of_one_are_ended_at_once(void **state)
{
	struct client idle, waiting, other;

	client_open(&idle, base, listener);
	client_send(&idle, CLIENT_GET("/mark/lon"));
	client_await(&idle, "HTTP/1.1 204");
	client_open(&other, base, listener);
	client_send(&other, CLIENT_GET("/mark/nyc/1"));
	client_await(&other, "HTTP/1.1 204");
	client_open(&waiting, base, listener);
	client_send(&waiting, CLIENT_GET("/mark/lon"));
	client_await(&waiting, "HTTP/1.1 204");
	held = NULL;
	client_send(&waiting, CLIENT_GET("/hold"));
	loop_while(base, held == NULL);
	http_set_header(held, "Connection", "close");
	http_reply(held, 403, NULL, NULL);
	assert_true(http_has(http, "lon") && http_has(http, "nyc/1"));
	assert_false(http_has(http, "lo") || http_has(http, "nyc/2"));
	http_end(http, "lon");
	loop_until(base, &idle.closed);
	client_await(&waiting, "HTTP/1.1 403"); /* its answer comes through */
	loop_until(base, &waiting.closed);
	client_send(&other, CLIENT_GET("/"));
	assert_false(other.closed);
	await_connections(1);
	assert_false(http_has(http, "lon"));
	assert_true(http_has(http, "nyc"));
	assert_int_equal(load().ended, 0);
	client_close(&idle);
	client_close(&waiting);
	client_close(&other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, serve, stop_serving)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(connections_are_counted),
	    TEST(a_client_that_says_nothing_is_ended),
	    TEST(a_client_that_sends_byte_by_byte_is_ended),
	    TEST(who_waits_for_an_answer_is_not_ended),
	    TEST(newcomers_wait_until_there_is_room),
	    TEST(a_crowd_is_let_in_some_at_a_time),
	    TEST(those_that_say_nothing_give_way),
	    TEST(all_connections_of_one_are_ended_at_once),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
