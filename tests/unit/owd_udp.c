/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owd/udp.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "probes/owd/udp_parts.h"
#include "tests/unit/loop.h"

#define SIZE 100 /* bytes */
#define MANY 5000
#define LOGGED 64
#define PATIENCE (10 * NS_PER_S)
/* on which no other program has ports */
#define QUIET "127.44.1.7"

static const struct probe_host host = {
    .wall = clock_wall,
    .monotonic = clock_monotonic,
};

struct scene {
	struct event_base *base;
	int arrived, left;
	struct udp_arrival last; /* void: data */
	uint8_t data[SIZE];
	bool by_kernel;
	nanoseconds when[LOGGED]; /* by number: it left */
};
static struct scene scene;

static void
on_arrived(void *arg, const struct udp_arrival *arrival)
{
	assert_ptr_equal(arg, &scene);
	scene.arrived++;
	scene.last = *arrival;
	scene.by_kernel |= arrival->stamp == STAMP_KERNEL;
	memcpy(scene.data, arrival->data,
	    arrival->length < SIZE ? arrival->length : SIZE);
}

static void
on_left(void *arg, uint64_t number, nanoseconds when)
{
	assert_ptr_equal(arg, &scene);
	scene.left++;
	if (number >= LOGGED)
		return;
	assert_true(scene.when[number] == 0);
	scene.when[number] = when;
}

static struct udp_calls receives = {.arrived = on_arrived, .arg = &scene};
static struct udp_calls sends = {.left = on_left, .arg = &scene};

static int
make(void **state)
{
	int result = loop_make(state);

	scene = (struct scene){.base = *state};
	return (result);
}

static union address
address(const char *text, uint16_t port)
{
	union address address;

	assert_true(address_parse(text, port, &address));
	return (address);
}

static struct udp_about
about(struct udp_calls *calls, const union address *local)
{
	return ((struct udp_about){
	    .host = &host,
	    .base = scene.base,
	    .local = local,
	    .calls = calls,
	});
}

static struct udp *
open_udp(struct udp_calls *calls, const char *text)
{
	union address local = address(text, 0);
	struct udp_about what = about(calls, &local);
	struct error err;
	struct udp *udp = udp_new(&what, &err);

	if (udp == NULL)
		fail_msg("%s", err.text);
	return (udp);
}

static void
connect_udp(struct udp *udp, const char *text, uint16_t port)
{
	union address peer = address(text, port);
	struct error err;

	if (udp_connect(udp, &peer, &err) == -1)
		fail_msg("%s", err.text);
}

static void
open_pair(const char *text, struct udp **from, struct udp **to)
{
	*from = open_udp(&sends, text);
	*to = open_udp(&receives, text);
	connect_udp(*from, text, udp_port(*to));
	connect_udp(*to, text, udp_port(*from));
}

static uint64_t
send_one(struct udp *udp)
{
	uint8_t data[SIZE] = {1, 2, 3};
	uint64_t number;

	assert_int_equal(udp_send(udp, data, sizeof(data), &number), 0);
	return (number);
}

/* Until stamps are there, which the kernel begins to take soon after it was first
 * asked for some. */
static void
check_stamps(const char *text)
{
	nanoseconds deadline = clock_monotonic() + PATIENCE, before;
	struct udp *from, *to;
	uint64_t number;
	int sent = 0;

	open_pair(text, &from, &to);
	do {
		assert_true(clock_monotonic() < deadline);
		before = clock_wall();
		number = send_one(from);
		assert_int_equal(number, sent++);
		loop_count(scene.base, &scene.arrived, sent);
	} while (!scene.by_kernel);
	assert_int_equal(scene.left, 0); /* nobody has asked */
	udp_notices(from);
	assert_int_equal(scene.left, sent);
	assert_true(before <= scene.when[number % LOGGED]);
	assert_true(scene.when[number % LOGGED] <= scene.last.when);
	assert_true(scene.last.when <= clock_wall());
	assert_int_equal(scene.last.ttl, 255);
	assert_int_equal(scene.last.length, SIZE);
	assert_memory_equal(scene.data, "\1\2\3", 4);
	assert_null(udp_trouble(from));
	udp_free(from);
	udp_free(to);
}

static void
packets_are_stamped_both_ways(void **state)
{
	check_stamps("127.0.0.1");
}

static void
packets_of_ipv6_are_too(void **state)
{
	check_stamps("::1");
}

static void
a_sender_does_not_wake_the_loop(void **state)
{
	struct udp *from = open_udp(&sends, "127.0.0.1"), *to;

	to = open_udp(&receives, "127.0.0.1");
	connect_udp(to, "127.0.0.1", udp_port(from));
	assert_true(
	    event_base_get_num_events(scene.base, EVENT_BASE_COUNT_ADDED) > 0);
	udp_free(to);
	assert_int_equal(
	    event_base_get_num_events(scene.base, EVENT_BASE_COUNT_ADDED), 0);
	connect_udp(from, "127.0.0.1", udp_port(from));
	send_one(from);
	assert_int_equal(
	    event_base_get_num_events(scene.base, EVENT_BASE_COUNT_ADDED), 0);
	udp_free(from);
	udp_free(NULL);
}

/* Its own stamps would else wake the loop for ever. */
static void
a_socket_that_does_both_is_told_of_both(void **state)
{
	static struct udp_calls both = {
	    .arrived = on_arrived, .left = on_left, .arg = &scene};
	struct udp *one = open_udp(&both, "127.0.0.1");
	struct udp *other = open_udp(&receives, "127.0.0.1");

	connect_udp(one, "127.0.0.1", udp_port(other));
	connect_udp(other, "127.0.0.1", udp_port(one));
	send_one(one);
	send_one(other);
	loop_count(scene.base, &scene.arrived, 2);
	loop_count(scene.base, &scene.left, 1);
	assert_int_equal(
	    event_base_loop(scene.base, EVLOOP_ONCE | EVLOOP_NONBLOCK), 0);
	udp_notices(one);
	assert_int_equal(scene.left, 1);
	udp_free(one);
	udp_free(other);
}

static void
strangers_are_not_heard(void **state)
{
	struct udp *to = open_udp(&receives, "127.0.0.1");
	struct udp *from = open_udp(&sends, "127.0.0.1");
	struct udp *stranger = open_udp(&sends, "127.0.0.1");

	connect_udp(from, "127.0.0.1", udp_port(to));
	connect_udp(stranger, "127.0.0.1", udp_port(to));
	send_one(stranger);
	connect_udp(to, "127.0.0.1", udp_port(from));
	assert_int_equal(udp_drops(to), 0);
	send_one(stranger);
	send_one(from);
	send_one(stranger);
	send_one(from);
	loop_count(scene.base, &scene.arrived, 2);
	assert_int_equal(scene.arrived, 2);
	udp_free(stranger);
	udp_free(from);
	udp_free(to);
}

static void
longer_packets_are_cut(void **state)
{
	static const uint8_t data[UDP_ROOM + 1];
	struct udp *from, *to;
	uint64_t number;

	open_pair("127.0.0.1", &from, &to);
	assert_int_equal(udp_send(from, data, sizeof(data), &number), 0);
	assert_int_equal(udp_send(from, data, 0, &number), 0);
	loop_count(scene.base, &scene.arrived, 1);
	assert_true(scene.last.length == UDP_ROOM || scene.last.length == 0);
	loop_count(scene.base, &scene.arrived, 2);
	assert_int_equal(scene.last.length, 0);
	udp_free(from);
	udp_free(to);
}

static void
what_had_no_room_is_counted(void **state)
{
	struct udp *from, *to;

	open_pair("127.0.0.1", &from, &to);
	for (int i = 0; i < MANY; i++)
		send_one(from);
	while (scene.arrived + udp_drops(to) < MANY)
		loop_count(scene.base, &scene.arrived, scene.arrived + 1);
	assert_int_equal(scene.arrived + udp_drops(to), MANY);
	assert_in_range(scene.arrived, 1, MANY - 1);
	udp_free(from);
	udp_free(to);
}

static void
stamps_that_are_read_in_time_are_all_there(void **state)
{
	struct udp *from, *to;

	open_pair("127.0.0.1", &from, &to);
	for (int i = 1; i <= MANY; i++) {
		send_one(from);
		if (i % UDP_UNREAD == 0)
			udp_notices(from);
	}
	udp_notices(from);
	assert_int_equal(scene.left, MANY);
	udp_free(from);
	udp_free(to);
}

/* A free port of this host, for a moment. */
static uint16_t
unused_port(const char *text)
{
	struct udp *udp = open_udp(&sends, text);
	uint16_t port = udp_port(udp);

	udp_free(udp);
	return (port);
}

static void
trouble_of_the_path_ends_nothing(void **state)
{
	struct udp *from = open_udp(&sends, QUIET);

	connect_udp(from, QUIET, unused_port(QUIET));
	for (int i = 0; i < 3; i++)
		send_one(from);
	udp_notices(from);
	assert_string_equal(udp_trouble(from),
	    "destination unreachable: port unreachable from " QUIET);
	udp_free(from);
}

static void
trouble_of_ipv6_is_told_too(void **state)
{
	struct udp *from = open_udp(&sends, "::1");

	connect_udp(from, "::1", unused_port("::1"));
	for (int i = 0; i < 3; i++)
		send_one(from);
	udp_notices(from);
	assert_string_equal(udp_trouble(from),
	    "destination unreachable: port unreachable from ::1");
	udp_free(from);
}

/* Whether the kernel has counted what it refused or not. */
static void
stamps_are_the_right_packets_after_one_was_refused(void **state)
{
	static const uint8_t huge[70000];
	nanoseconds before[LOGGED] = {0}, after[LOGGED] = {0};
	struct udp *from, *to;
	uint64_t number, last = 0;

	open_pair("127.0.0.1", &from, &to);
	for (int i = 0; i < LOGGED / 2; i++) {
		nanoseconds now = clock_wall();

		if (i % 5 == 2)
			assert_int_equal(
			    udp_send(from, huge, sizeof(huge), &number),
			    EMSGSIZE);
		if (i % 5 == 4)
			udp_notices(from);
		number = send_one(from);
		/* with the refused one unknown until those before have left */
		assert_int_equal(
		    number == UDP_NO_STAMP, i % 5 == 2 || i % 5 == 3);
		if (number == UDP_NO_STAMP)
			continue;
		assert_int_equal(number, last++);
		before[number] = now;
		after[number] = clock_wall();
	}
	udp_notices(from);
	assert_int_equal(scene.left, last);
	for (uint32_t i = 0; i < last; i++)
		assert_true(
		    before[i] <= scene.when[i] && scene.when[i] <= after[i]);
	assert_null(udp_trouble(from));
	udp_free(from);
	udp_free(to);
}

#define WRAP (UINT64_C(1) << 32)

/* A socket outlasts its sessions: at 50,000/s it has sent as many in a day. */
static void
numbers_go_on_where_the_kernel_begins_anew(void **state)
{
	assert_int_equal(udp_number(0, 1, 0), 0);
	assert_int_equal(udp_number(7, 9, 1), 8);
	assert_int_equal(udp_number(0, WRAP + 2, UINT32_MAX), WRAP - 1);
	assert_int_equal(udp_number(0, WRAP + 2, 1), WRAP + 1);
	assert_int_equal(udp_number(5, WRAP + 5, UINT32_MAX), WRAP + 4);
	assert_int_equal(udp_number(5, 3 * WRAP + 5, 0), 2 * WRAP + 5);
	/* not sent, or of a count before */
	assert_true(udp_number(7, 7, 0) == UDP_NO_STAMP);
	assert_true(udp_number(7, 9, 2) == UDP_NO_STAMP);
	assert_true(udp_number(0, 2, UINT32_MAX) == UDP_NO_STAMP);
}

static void
stamps_of_numbers_beyond_32_bits_are_told(void **state)
{
	struct udp *from, *to;

	open_pair("127.0.0.1", &from, &to);
	from->next = from->base = WRAP - 2;
	for (int i = 0; i < 5; i++)
		assert_int_equal(send_one(from), WRAP - 2 + (unsigned)i);
	udp_notices(from);
	assert_int_equal(scene.left, 5);
	udp_free(from);
	udp_free(to);
}

static void
ports_are_those_that_were_meant(void **state)
{
	union address local = address(QUIET, 7);
	struct udp_about what = about(&sends, &local);
	struct udp *taken, *other, *third;
	struct error err;

	what.port = unused_port(QUIET);
	taken = udp_new(&what, &err);
	assert_int_equal(udp_port(taken), what.port);
	/* taken, so one of the range: of two, flow names the taken one */
	what.least = (uint16_t)(what.port - 1);
	what.most = what.port;
	what.flow = 2 * UINT64_C(1000000000000) + 1;
	other = udp_new(&what, &err);
	assert_int_equal(udp_port(other), what.least);
	third = udp_new(&what, &err);
	assert_null(third);
	assert_non_null(strstr(err.text, "is free"));
	/* any other */
	what.least = what.most = 0;
	third = udp_new(&what, &err);
	assert_int_not_equal(udp_port(third), 0);
	udp_free(third);
	udp_free(other);
	udp_free(taken);
}

static void
an_address_that_is_not_ours_is_refused(void **state)
{
	union address local = address("192.0.2.1", 0);
	struct udp_about what = about(&sends, &local);
	struct error err;

	what.least = 1024;
	what.most = 65535;
	assert_null(udp_new(&what, &err));
	assert_string_equal(
	    err.text, "UDP at 192.0.2.1: Cannot assign requested address");
}

#define test(f) cmocka_unit_test_setup_teardown(f, make, loop_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    test(packets_are_stamped_both_ways),
	    test(packets_of_ipv6_are_too),
	    test(a_sender_does_not_wake_the_loop),
	    test(a_socket_that_does_both_is_told_of_both),
	    test(strangers_are_not_heard),
	    test(longer_packets_are_cut),
	    test(what_had_no_room_is_counted),
	    test(stamps_that_are_read_in_time_are_all_there),
	    test(trouble_of_the_path_ends_nothing),
	    test(trouble_of_ipv6_is_told_too),
	    test(stamps_are_the_right_packets_after_one_was_refused),
	    test(numbers_go_on_where_the_kernel_begins_anew),
	    test(stamps_of_numbers_beyond_32_bits_are_told),
	    test(ports_are_those_that_were_meant),
	    test(an_address_that_is_not_ours_is_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
