/* SPDX-License-Identifier: BSD-2-Clause */
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "common/http.h"
#include "common/listener.h"
#include "common/member.h"
#include "tests/unit/client.h"
#include "tests/unit/folder.h"
#include "tests/unit/loop.h"

#define IDLE 1 /* seconds */

static struct event_base *base;
static struct http *http;
static int listener;
static struct http_request *held;
static int gone;

static void
on_gone(struct http_request *request, void *arg)
{
	assert_ptr_equal(request, held);
	held = NULL;
	gone++;
}

static void
on_hold(struct http_request *request, void *arg)
{
	held = request;
	http_hold(request, on_gone, NULL);
}

static void
on_path(struct http_request *request, void *arg)
{
	json_object *json = json_object_new_object();

	member_add_text(json, "path", http_path(request));
	member_add_text(json, "peer", http_peer(request));
	http_reply_json(request, 200, json);
}

static void
serve(int fd)
{
	assert_true(fd >= 0);
	listener = fd;
	base = event_base_new();
	http = http_new(base, NULL, 1000, IDLE);
	http_route(http, HTTP_GET, "/hold", on_hold, NULL);
	http_route(http, HTTP_GET, "/{*}", on_path, NULL);
	held = NULL;
	gone = 0;
	assert_int_equal(http_listen(http, fd), 0);
}

static int
serve_tcp(void **state)
{
	serve(listener_open("test", "127.0.0.1:0", NULL));
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

static bool
is_held(void)
{
	for (int i = 0; i < 1000 && held == NULL; i++)
		event_base_loop(base, EVLOOP_ONCE);
	return (held != NULL);
}

static void
a_held_request_is_answered_later(void **state)
{
	struct client client;

	client_open(&client, base, listener);
	client_send(&client, CLIENT_GET("/hold"));
	assert_true(is_held());
	event_base_loop(base, EVLOOP_NONBLOCK);
	http_reply_json(held, 200, json_object_new_object());
	client_await(&client, "\r\n\r\n{}");
	assert_int_equal(gone, 0);
	/* and the connection goes on */
	client_send(&client, CLIENT_GET("/a"));
	client_await(&client, "\"path\":\"/a\"");
	client_close(&client);
}

static void
a_held_client_that_goes_is_noticed(void **state)
{
	struct client client;

	client_open(&client, base, listener);
	client_send(&client, CLIENT_GET("/hold"));
	assert_true(is_held());
	assert_int_equal(gone, 0);
	client_close(&client);
	loop_count(base, &gone, 1);
	assert_null(held);
	ask(&client, CLIENT_GET("/a"), "\"path\":\"/a\"");
	client_close(&client);
}

static void
a_held_client_that_is_reset_is_noticed(void **state)
{
	const struct linger reset = {.l_onoff = 1, .l_linger = 0};
	struct client client;

	client_open(&client, base, listener);
	client_send(&client, CLIENT_GET("/hold"));
	assert_true(is_held());
	setsockopt(bufferevent_getfd(client.stream), SOL_SOCKET, SO_LINGER,
	    &reset, sizeof(reset));
	client_close(&client);
	loop_count(base, &gone, 1);
}

static void
a_held_client_may_send_its_next_request_ahead(void **state)
{
	struct client client;

	client_open(&client, base, listener);
	client_send(&client, CLIENT_GET("/hold") CLIENT_GET("/a"));
	assert_true(is_held());
	client_send(&client, CLIENT_GET("/b"));
	event_base_loop(base, EVLOOP_NONBLOCK);
	http_reply_json(held, 200, json_object_new_object());
	client_await(&client, "\"path\":\"/a\"");
	client_await(&client, "\"path\":\"/b\"");
	assert_int_equal(gone, 0);
	client_close(&client);
}

static void
silence_ends_a_connection_but_not_a_held_one(void **state)
{
	struct client idle, waiting;

	ask(&idle, CLIENT_GET("/a"), "\"path\":\"/a\"");
	client_open(&waiting, base, listener);
	client_send(&waiting, CLIENT_GET("/hold"));
	assert_true(is_held());
	loop_until(base, &idle.closed); /* after IDLE */
	client_close(&idle);
	ask(&idle, CLIENT_GET("/a"), "\"path\":\"/a\"");
	loop_until(base, &idle.closed); /* and once more */
	assert_false(waiting.closed);
	assert_int_equal(gone, 0);
	http_reply_json(held, 200, json_object_new_object());
	client_await(&waiting, "\r\n\r\n{}");
	/* now the silence counts again */
	loop_until(base, &waiting.closed);
	client_close(&idle);
	client_close(&waiting);
}

static void
freeing_the_server_drops_what_is_held(void **state)
{
	struct client client;

	client_open(&client, base, listener);
	client_send(&client, CLIENT_GET("/hold"));
	assert_true(is_held());
	event_base_loop(base, EVLOOP_NONBLOCK);
	http_free(http);
	http = NULL;
	loop_until(base, &client.closed);
	assert_int_equal(gone, 0);
	client_close(&client);
}

static void
a_unix_socket_serves_too(void **state)
{
	char *path = folder_path(state, "control");
	struct client client;

	serve(listener_open_unix(path, NULL));
	ask(&client, CLIENT_GET("/a"), "\"peer\":\"unix\"");
	client_close(&client);
	a_held_client_that_goes_is_noticed(state);
	stop_serving(NULL);
	free(path);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, serve_tcp, stop_serving)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_held_request_is_answered_later),
	    TEST(a_held_client_that_goes_is_noticed),
	    TEST(a_held_client_that_is_reset_is_noticed),
	    TEST(a_held_client_may_send_its_next_request_ahead),
	    TEST(silence_ends_a_connection_but_not_a_held_one),
	    TEST(freeing_the_server_drops_what_is_held),
	    IN_FOLDER(a_unix_socket_serves_too),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
