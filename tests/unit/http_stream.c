/* SPDX-License-Identifier: BSD-2-Clause */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/http.h"
#include "common/listener.h"
#include "common/member.h"
#include "tests/unit/client.h"
#include "tests/unit/loop.h"

#define IDLE 1 /* seconds */
#define PATIENCE 2
#define PART_SIZE (64 * 1024)
#define MUCH (1024 * 1024) /* more than both kernels' buffers leave behind */

static struct event_base *base;
static struct http *http;
static int listener;
static struct http_request *streaming;
static int gone;

static void
on_gone(struct http_request *request, void *arg)
{
	assert_ptr_equal(request, streaming);
	streaming = NULL;
	gone++;
}

static void
on_stream(struct http_request *request, void *arg)
{
	if (http_stream(request, "text/event-stream", PATIENCE, on_gone, NULL))
		streaming = request;
}

static int
serve(void **state)
{
	listener = listener_open("test", "127.0.0.1:0", NULL);
	assert_true(listener >= 0);
	base = event_base_new();
	http = http_new(base, NULL, 1000, IDLE);
	http_route(http, HTTP_GET, "/stream", on_stream, NULL);
	streaming = NULL;
	gone = 0;
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
begin(struct client *client)
{
	client_open(client, base, listener);
	client_send(client, CLIENT_GET("/stream"));
	client_await(client, "\r\n\r\n");
	assert_non_null(streaming);
}

static void
send_part(const char *text)
{
	struct evbuffer *part = evbuffer_new();

	evbuffer_add(part, text, strlen(text));
	http_stream_send(streaming, part);
	assert_int_equal(evbuffer_get_length(part), 0);
	evbuffer_free(part);
}

static void
parts_arrive_as_they_are_sent(void **state)
{
	struct client client;

	begin(&client);
	assert_non_null(strstr(client.text, "text/event-stream"));
	send_part("one");
	client_await(&client, "one");
	send_part("two");
	client_await(&client, "two");
	assert_int_equal(http_stream_waiting(streaming), 0);
	assert_int_equal(gone, 0);
	client_close(&client);
}

static void
after_its_end_the_connection_goes_on(void **state)
{
	struct client client;

	begin(&client);
	send_part("one");
	http_stream_end(streaming);
	client_await(&client, "\r\n0\r\n\r\n");
	streaming = NULL;
	client_send(&client, CLIENT_GET("/nothing"));
	client_await(&client, "404");
	assert_int_equal(gone, 0);
	client_close(&client);
}

static void
a_client_that_goes_is_noticed_without_a_word(void **state)
{
	struct client client;

	begin(&client);
	client_close(&client);
	loop_count(base, &gone, 1);
	assert_null(streaming);
}

static void
a_quiet_stream_outlives_the_idle_time(void **state)
{
	struct client client, idle;

	begin(&client);
	client_open(&idle, base, listener);
	client_send(&idle, CLIENT_GET("/nothing"));
	client_await(&idle, "404");
	loop_until(base, &idle.closed);
	send_part("still here");
	client_await(&client, "still here");
	client_close(&idle);
	client_close(&client);
}

static void
a_client_that_does_not_read_is_dropped(void **state)
{
	char *part = malloc(PART_SIZE);
	struct client client;

	begin(&client);
	bufferevent_disable(client.stream, EV_READ);
	memset(part, 'x', PART_SIZE - 1);
	part[PART_SIZE - 1] = '\0';
	for (int i = 0; i < 1000 && http_stream_waiting(streaming) < MUCH;
	     i++) {
		send_part(part);
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
	assert_true(http_stream_waiting(streaming) >= MUCH);
	loop_count(base, &gone, 1);
	client_close(&client);
	free(part);
}

static void
what_is_cut_off_is_no_whole_answer(void **state)
{
	struct client client;

	begin(&client);
	send_part("one");
	client_await(&client, "one");
	http_stream_break(streaming);
	loop_until(base, &client.closed);
	assert_null(strstr(client.text, "\r\n0\r\n\r\n"));
	loop_count(base, &gone, 1);
	client_close(&client);
}

static void
a_head_has_no_parts(void **state)
{
	struct client client;

	client_open(&client, base, listener);
	client_send(&client, "HEAD /stream HTTP/1.1\r\nHost: test\r\n\r\n");
	client_await(&client, "200 OK");
	assert_null(streaming);
	client_close(&client);
}

static void
freeing_the_server_drops_streams(void **state)
{
	struct client client;

	begin(&client);
	http_free(http);
	http = NULL;
	loop_until(base, &client.closed);
	assert_int_equal(gone, 0);
	client_close(&client);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, serve, stop_serving)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(parts_arrive_as_they_are_sent),
	    TEST(after_its_end_the_connection_goes_on),
	    TEST(a_client_that_goes_is_noticed_without_a_word),
	    TEST(a_quiet_stream_outlives_the_idle_time),
	    TEST(a_client_that_does_not_read_is_dropped),
	    TEST(what_is_cut_off_is_no_whole_answer),
	    TEST(a_head_has_no_parts),
	    TEST(freeing_the_server_drops_streams),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
