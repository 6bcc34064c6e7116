/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/owd_sockets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/loop.h"

static const struct probe_host host = {
    .wall = clock_wall,
    .monotonic = clock_monotonic,
};

struct sockets sockets;

static void
on_arrived(void *arg, const struct udp_arrival *arrival)
{
	assert_ptr_equal(arg, &sockets);
	sockets.arrived++;
	sockets.last = *arrival;
	sockets.by_kernel |= arrival->stamp == STAMP_KERNEL;
	memcpy(sockets.data, arrival->data,
	    arrival->length < SIZE ? arrival->length : SIZE);
}

static void
on_left(void *arg, uint64_t number, nanoseconds when)
{
	assert_ptr_equal(arg, &sockets);
	sockets.left++;
	if (number >= LOGGED)
		return;
	assert_true(sockets.when[number] == 0);
	sockets.when[number] = when;
}

struct udp_calls sockets_receive = {.arrived = on_arrived, .arg = &sockets};
struct udp_calls sockets_send = {.left = on_left, .arg = &sockets};
struct udp_calls sockets_both = {
    .arrived = on_arrived, .left = on_left, .arg = &sockets};

int
sockets_make(void **state)
{
	int result = loop_make(state);

	sockets = (struct sockets){.base = *state};
	return (result);
}

union address
sockets_address(const char *text, uint16_t port)
{
	union address address;

	assert_true(address_parse(text, port, &address));
	return (address);
}

struct udp_about
sockets_about(struct udp_calls *calls, const union address *local)
{
	return ((struct udp_about){
	    .host = &host,
	    .base = sockets.base,
	    .local = local,
	    .calls = calls,
	});
}

struct udp *
sockets_open(struct udp_calls *calls, const char *text)
{
	union address local = sockets_address(text, 0);
	struct udp_about what = sockets_about(calls, &local);
	struct error err;
	struct udp *udp = udp_new(&what, &err);

	if (udp == NULL)
		fail_msg("%s", err.text);
	return (udp);
}

void
sockets_connect(struct udp *udp, const char *text, uint16_t port)
{
	union address peer = sockets_address(text, port);
	struct error err;

	if (udp_connect(udp, &peer, &err) == -1)
		fail_msg("%s", err.text);
}

void
sockets_open_pair(const char *text, struct udp **from, struct udp **to)
{
	*from = sockets_open(&sockets_send, text);
	*to = sockets_open(&sockets_receive, text);
	sockets_connect(*from, text, udp_port(*to));
	sockets_connect(*to, text, udp_port(*from));
}

uint64_t
sockets_send_one(struct udp *udp)
{
	uint8_t data[SIZE] = {1, 2, 3};
	uint64_t number;

	assert_int_equal(udp_send(udp, data, sizeof(data), &number), 0);
	return (number);
}
