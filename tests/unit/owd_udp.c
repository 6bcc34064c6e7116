/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets: at which port, whom they hear, what they lose, and what they say of the
 * path. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/loop.h"
#include "tests/unit/owd_sockets.h"

#define MANY 5000

/* Of a packet that has come, as the wire had it. */
static int
read_class(int fd)
{
	_Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(int))];
	struct msghdr message = {
	    .msg_control = control, .msg_controllen = sizeof(control)};
	struct cmsghdr *part;
	int class = -1;

	assert_true(recvmsg(fd, &message, 0) >= 0);
	part = CMSG_FIRSTHDR(&message);
	assert_non_null(part);
	if (part->cmsg_level == IPPROTO_IP)
		return (*CMSG_DATA(part));
	memcpy(&class, CMSG_DATA(part), sizeof(class));
	return (class);
}

static void
check_class(const char *text, int level, int name)
{
	const int yes = 1;
	union address local = sockets_address(text, 0), peer;
	socklen_t length = sizeof(peer);
	struct udp_about what = sockets_about(&sockets_send, &local);
	struct udp *from;
	int fd = socket(local.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, &local.sa, address_length(&local)), 0);
	assert_int_equal(setsockopt(fd, level, name, &yes, sizeof(yes)), 0);
	assert_int_equal(getsockname(fd, &peer.sa, &length), 0);
	what.dscp = 46;
	assert_non_null(from = udp_new(&what, NULL));
	assert_int_equal(udp_connect(from, &peer, NULL), 0);
	sockets_send_one(from);
	assert_int_equal(read_class(fd), 46 << 2);
	udp_free(from);
	close(fd);
}

static void
packets_have_their_code_point(void **state)
{
	check_class("127.0.0.1", IPPROTO_IP, IP_RECVTOS);
	check_class("::1", IPPROTO_IPV6, IPV6_RECVTCLASS);
}

static void
a_sender_does_not_wake_the_loop(void **state)
{
	struct udp *from = sockets_open(&sockets_send, "127.0.0.1"), *to;

	to = sockets_open(&sockets_receive, "127.0.0.1");
	sockets_connect(to, "127.0.0.1", udp_port(from));
	assert_true(event_base_get_num_events(
			sockets.base, EVENT_BASE_COUNT_ADDED) > 0);
	udp_free(to);
	assert_int_equal(
	    event_base_get_num_events(sockets.base, EVENT_BASE_COUNT_ADDED), 0);
	sockets_connect(from, "127.0.0.1", udp_port(from));
	sockets_send_one(from);
	assert_int_equal(
	    event_base_get_num_events(sockets.base, EVENT_BASE_COUNT_ADDED), 0);
	udp_free(from);
	udp_free(NULL);
}

/* Its own stamps would else wake the loop for ever. */
static void
a_socket_that_does_both_is_told_of_both(void **state)
{
	struct udp *one = sockets_open(&sockets_both, "127.0.0.1");
	struct udp *other = sockets_open(&sockets_receive, "127.0.0.1");

	sockets_connect(one, "127.0.0.1", udp_port(other));
	sockets_connect(other, "127.0.0.1", udp_port(one));
	sockets_send_one(one);
	sockets_send_one(other);
	loop_count(sockets.base, &sockets.arrived, 2);
	loop_count(sockets.base, &sockets.left, 1);
	assert_int_equal(
	    event_base_loop(sockets.base, EVLOOP_ONCE | EVLOOP_NONBLOCK), 0);
	udp_notices(one);
	assert_int_equal(sockets.left, 1);
	udp_free(one);
	udp_free(other);
}

static void
strangers_are_not_heard(void **state)
{
	struct udp *to = sockets_open(&sockets_receive, "127.0.0.1");
	struct udp *from = sockets_open(&sockets_send, "127.0.0.1");
	struct udp *stranger = sockets_open(&sockets_send, "127.0.0.1");

	sockets_connect(from, "127.0.0.1", udp_port(to));
	sockets_connect(stranger, "127.0.0.1", udp_port(to));
	sockets_send_one(stranger);
	sockets_connect(to, "127.0.0.1", udp_port(from));
	assert_int_equal(udp_drops(to), 0);
	sockets_send_one(stranger);
	sockets_send_one(from);
	sockets_send_one(stranger);
	sockets_send_one(from);
	loop_count(sockets.base, &sockets.arrived, 2);
	assert_int_equal(sockets.arrived, 2);
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

	sockets_open_pair("127.0.0.1", &from, &to);
	assert_int_equal(udp_send(from, data, sizeof(data), &number), 0);
	assert_int_equal(udp_send(from, data, 0, &number), 0);
	loop_count(sockets.base, &sockets.arrived, 1);
	assert_true(
	    sockets.last.length == UDP_ROOM || sockets.last.length == 0);
	loop_count(sockets.base, &sockets.arrived, 2);
	assert_int_equal(sockets.last.length, 0);
	udp_free(from);
	udp_free(to);
}

static void
what_had_no_room_is_counted(void **state)
{
	struct udp *from, *to;

	sockets_open_pair("127.0.0.1", &from, &to);
	for (int i = 0; i < MANY; i++)
		sockets_send_one(from);
	while (sockets.arrived + udp_drops(to) < MANY)
		loop_count(sockets.base, &sockets.arrived, sockets.arrived + 1);
	assert_int_equal(sockets.arrived + udp_drops(to), MANY);
	assert_in_range(sockets.arrived, 1, MANY - 1);
	udp_free(from);
	udp_free(to);
}

/* A free port of this host, for a moment. */
static uint16_t
unused_port(const char *text)
{
	struct udp *udp = sockets_open(&sockets_send, text);
	uint16_t port = udp_port(udp);

	udp_free(udp);
	return (port);
}

static void
trouble_of_the_path_ends_nothing(void **state)
{
	struct udp *from = sockets_open(&sockets_send, QUIET);

	sockets_connect(from, QUIET, unused_port(QUIET));
	for (int i = 0; i < 3; i++)
		sockets_send_one(from);
	udp_notices(from);
	assert_string_equal(udp_trouble(from),
	    "destination unreachable: port unreachable from " QUIET);
	udp_free(from);
}

static void
trouble_of_ipv6_is_told_too(void **state)
{
	struct udp *from = sockets_open(&sockets_send, "::1");

	sockets_connect(from, "::1", unused_port("::1"));
	for (int i = 0; i < 3; i++)
		sockets_send_one(from);
	udp_notices(from);
	assert_string_equal(udp_trouble(from),
	    "destination unreachable: port unreachable from ::1");
	udp_free(from);
}

static void
ports_are_those_that_were_meant(void **state)
{
	union address local = sockets_address(QUIET, 7);
	struct udp_about what = sockets_about(&sockets_send, &local);
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
	union address local = sockets_address("192.0.2.1", 0);
	struct udp_about what = sockets_about(&sockets_send, &local);
	struct error err;

	what.least = 1024;
	what.most = 65535;
	assert_null(udp_new(&what, &err));
	assert_string_equal(
	    err.text, "UDP at 192.0.2.1: Cannot assign requested address");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_SOCKETS(packets_have_their_code_point),
	    IN_SOCKETS(a_sender_does_not_wake_the_loop),
	    IN_SOCKETS(a_socket_that_does_both_is_told_of_both),
	    IN_SOCKETS(strangers_are_not_heard),
	    IN_SOCKETS(longer_packets_are_cut),
	    IN_SOCKETS(what_had_no_room_is_counted),
	    IN_SOCKETS(trouble_of_the_path_ends_nothing),
	    IN_SOCKETS(trouble_of_ipv6_is_told_too),
	    IN_SOCKETS(ports_are_those_that_were_meant),
	    IN_SOCKETS(an_address_that_is_not_ours_is_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
