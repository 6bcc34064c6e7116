/* SPDX-License-Identifier: BSD-2-Clause */
/* When packets left and came, and which of them a stamp is of. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "probes/owd/udp_parts.h"
#include "tests/unit/loop.h"
#include "tests/unit/owd_sockets.h"

#define MANY 5000
#define PATIENCE (10 * NS_PER_S)

/* Until stamps are there, which the kernel begins to take soon after it was first
 * asked for some. */
static void
check_stamps(const char *text)
{
	nanoseconds deadline = clock_monotonic() + PATIENCE, before;
	struct udp *from, *to;
	uint64_t number;
	int sent = 0;

	sockets_open_pair(text, &from, &to);
	do {
		assert_true(clock_monotonic() < deadline);
		before = clock_wall();
		number = sockets_send_one(from);
		assert_int_equal(number, sent++);
		loop_count(sockets.base, &sockets.arrived, sent);
	} while (!sockets.by_kernel);
	assert_int_equal(sockets.left, 0); /* nobody has asked */
	udp_notices(from);
	assert_int_equal(sockets.left, sent);
	assert_true(before <= sockets.when[number % LOGGED]);
	assert_true(sockets.when[number % LOGGED] <= sockets.last.when);
	assert_true(sockets.last.when <= clock_wall());
	assert_int_equal(sockets.last.ttl, 255);
	assert_int_equal(sockets.last.length, SIZE);
	assert_memory_equal(sockets.data, "\1\2\3", 4);
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
stamps_that_are_read_in_time_are_all_there(void **state)
{
	struct udp *from, *to;

	sockets_open_pair("127.0.0.1", &from, &to);
	for (int i = 1; i <= MANY; i++) {
		sockets_send_one(from);
		if (i % UDP_UNREAD == 0)
			udp_notices(from);
	}
	udp_notices(from);
	assert_int_equal(sockets.left, MANY);
	udp_free(from);
	udp_free(to);
}

/* Whether the kernel has counted what it refused or not. */
static void
stamps_are_the_right_packets_after_one_was_refused(void **state)
{
	static const uint8_t huge[70000];
	nanoseconds before[LOGGED] = {0}, after[LOGGED] = {0};
	struct udp *from, *to;
	uint64_t number, last = 0;

	sockets_open_pair("127.0.0.1", &from, &to);
	for (int i = 0; i < LOGGED / 2; i++) {
		nanoseconds now = clock_wall();

		if (i % 5 == 2)
			assert_int_equal(
			    udp_send(from, huge, sizeof(huge), &number),
			    EMSGSIZE);
		if (i % 5 == 4)
			udp_notices(from);
		number = sockets_send_one(from);
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
	assert_int_equal(sockets.left, last);
	for (uint32_t i = 0; i < last; i++)
		assert_true(before[i] <= sockets.when[i] &&
			    sockets.when[i] <= after[i]);
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

	sockets_open_pair("127.0.0.1", &from, &to);
	from->next = from->base = WRAP - 2;
	for (int i = 0; i < 5; i++)
		assert_int_equal(
		    sockets_send_one(from), WRAP - 2 + (unsigned)i);
	udp_notices(from);
	assert_int_equal(sockets.left, 5);
	udp_free(from);
	udp_free(to);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_SOCKETS(packets_are_stamped_both_ways),
	    IN_SOCKETS(packets_of_ipv6_are_too),
	    IN_SOCKETS(stamps_that_are_read_in_time_are_all_there),
	    IN_SOCKETS(stamps_are_the_right_packets_after_one_was_refused),
	    IN_SOCKETS(numbers_go_on_where_the_kernel_begins_anew),
	    IN_SOCKETS(stamps_of_numbers_beyond_32_bits_are_told),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
