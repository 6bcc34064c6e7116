/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/channel.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/member.h"
#include "common/memory.h"
#include "tests/unit/loop.h"

/* One end is a channel, the other one a bare socket or a channel, too. */
struct end {
	struct channel *channel;
	int messages;
	int64_t last;
	bool free_at_message;
	bool closed;
	char why[128];
};

static void
on_message(void *arg, json_object *message)
{
	struct end *end = arg;

	assert_false(end->closed);
	end->messages++;
	end->last = member_whole_or(message, "n", -1);
	if (end->free_at_message) {
		channel_free(end->channel);
		end->channel = NULL;
	}
}

static void
on_closed(void *arg, const char *why)
{
	struct end *end = arg;

	assert_false(end->closed);
	end->closed = true;
	snprintf(end->why, sizeof(end->why), "%s", why != NULL ? why : "");
	channel_free(end->channel);
	end->channel = NULL;
}

static void
open_end(struct end *end, struct event_base *base, int fd)
{
	end->channel = channel_new(base, fd, on_message, on_closed, end);
}

static int
open_against_socket(struct end *end, struct event_base *base)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	open_end(end, base, fds[0]);
	return (fds[1]);
}

static void
open_pair(struct end *a, struct end *b, struct event_base *base)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	open_end(a, base, fds[0]);
	open_end(b, base, fds[1]);
}

static json_object *
number(int64_t n)
{
	json_object *o = json_object_new_object();

	member_add_whole(o, "n", n);
	return (o);
}

static void
write_text(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void
messages_arrive_in_order_both_ways(void **state)
{
	struct end a = {0}, b = {0};

	open_pair(&a, &b, *state);
	for (int i = 1; i <= 1000; i++)
		channel_send(a.channel, number(i));
	channel_send(b.channel, number(7));
	loop_count(*state, &b.messages, 1000);
	loop_count(*state, &a.messages, 1);
	assert_int_equal(b.last, 1000);
	assert_int_equal(a.last, 7);
	assert_int_equal(channel_pending(a.channel), 0);
	channel_free(a.channel);
	loop_until(*state, &b.closed);
	assert_string_equal(b.why, "");
}

static void
a_message_may_come_in_pieces(void **state)
{
	struct end a = {0};
	int fd = open_against_socket(&a, *state);

	write_text(fd, "{\"n\"");
	event_base_loop(*state, EVLOOP_NONBLOCK);
	assert_int_equal(a.messages, 0);
	write_text(fd, ":5}\n{\"n\":6}\n{");
	loop_count(*state, &a.messages, 2);
	assert_int_equal(a.last, 6);
	close(fd);
	loop_until(*state, &a.closed);
	assert_string_equal(a.why, "the channel ended within a line");
}

static void
what_was_said_before_the_end_still_arrives(void **state)
{
	struct end a = {0};
	int fd = open_against_socket(&a, *state);

	/* the other end said something, left our word unread and is gone */
	channel_send(a.channel, number(1));
	event_base_loop(*state, EVLOOP_NONBLOCK);
	write_text(fd, "{\"n\":5}\n");
	close(fd);
	channel_send(a.channel, number(2));
	loop_until(*state, &a.closed);
	assert_int_equal(a.messages, 1);
	assert_string_equal(a.why, "");
}

static void
a_finished_channel_still_listens(void **state)
{
	struct end a = {0}, b = {0};
	char *text = memory_new(1000001, 1);
	json_object *large = number(3);

	memset(text, 'x', 1000000);
	member_add_text(large, "text", text);
	free(text);
	open_pair(&a, &b, *state);
	channel_send(a.channel, large); /* more than the socket holds */
	channel_finish(a.channel);
	assert_true(channel_pending(a.channel) > 0);
	loop_count(*state, &b.messages, 1);
	assert_false(a.closed);
	channel_send(b.channel, number(9));
	loop_until(*state, &b.closed);
	loop_until(*state, &a.closed);
	assert_int_equal(b.last, 3);
}

static void
a_finished_channel_hears_the_last_word(void **state)
{
	struct end a = {0};
	int fd = open_against_socket(&a, *state);
	char c;

	channel_finish(a.channel);
	assert_int_equal(read(fd, &c, 1), 0);
	write_text(fd, "{\"n\":5}\n");
	close(fd);
	loop_until(*state, &a.closed);
	assert_int_equal(a.last, 5);
}

static void
garbage_closes_the_channel_with_the_reason(void **state)
{
	const char *garbage[] = {"no json\n", "[1]\n", "\n", "{\"n\":1}}\n"};

	for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
		struct end a = {0};
		int fd = open_against_socket(&a, *state);

		write_text(fd, "{\"n\":1}\n");
		write_text(fd, garbage[i]);
		write_text(fd, "{\"n\":2}\n");
		loop_until(*state, &a.closed);
		assert_int_equal(a.messages, 1);
		assert_non_null(strstr(a.why, "garbage on the channel: "));
		close(fd);
	}
}

static void
an_overlong_line_closes_the_channel(void **state)
{
	struct end a = {0};
	int fd = open_against_socket(&a, *state);
	char block[65536];

	memset(block, ' ', sizeof(block));
	for (int64_t end = loop_patience(); !a.closed;) {
		send(fd, block, sizeof(block), MSG_NOSIGNAL | MSG_DONTWAIT);
		loop_turn(*state, end, __FILE__, __LINE__);
	}
	assert_string_equal(a.why, "a line on the channel is too long");
	close(fd);
}

static void
a_channel_may_be_freed_by_its_message(void **state)
{
	struct end a = {.free_at_message = true};
	int fd = open_against_socket(&a, *state);
	char c;

	write_text(fd, "{\"n\":1}\n{\"n\":2}\n");
	loop_count(*state, &a.messages, 1);
	assert_null(a.channel);
	assert_int_equal(read(fd, &c, 1), 0);
	assert_int_equal(a.messages, 1);
	assert_false(a.closed);
	close(fd);
}

static bool
on_line(void *arg, const char *line, size_t length)
{
	struct end *end = arg;

	if (length != 7 || memcmp(line, "{\"n\":5}", 7) != 0)
		return (false);
	end->last = -5;
	return (true);
}

static void
lines_are_shown_before_they_are_parsed(void **state)
{
	static const char text[] = "{\"n\":4}\n{\"n\":5}\n{\"n\":6}\n";
	struct end end = {0};
	int fd = open_against_socket(&end, *state);

	channel_lines(end.channel, on_line);
	assert_int_equal(write(fd, text, 16), 16);
	loop_while(*state, end.last != -5);
	assert_int_equal(end.messages, 1); /* the first one alone */
	assert_int_equal(write(fd, text + 16, 8), 8);
	loop_count(*state, &end.messages, 2);
	assert_int_equal(end.last, 6);
	channel_free(end.channel);
	close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, loop_make, loop_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(messages_arrive_in_order_both_ways),
	    TEST(a_message_may_come_in_pieces),
	    TEST(lines_are_shown_before_they_are_parsed),
	    TEST(what_was_said_before_the_end_still_arrives),
	    TEST(a_finished_channel_still_listens),
	    TEST(a_finished_channel_hears_the_last_word),
	    TEST(garbage_closes_the_channel_with_the_reason),
	    TEST(an_overlong_line_closes_the_channel),
	    TEST(a_channel_may_be_freed_by_its_message),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
