/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owd/gather.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/error.h"
#include "tests/unit/loop.h"

#define SOCKETS 100
static struct inlet {
	struct gather_source source;
	int ends[2], reads;
} inlets[SOCKETS];
static int reads, wakes;

static void
read_one(void *arg)
{
	struct inlet *inlet = arg;
	char byte;

	assert_int_equal(recv(inlet->ends[0], &byte, 1, MSG_DONTWAIT), 1);
	inlet->reads++;
	reads++;
}

static void
write_one(int i)
{
	assert_int_equal(send(inlets[i].ends[1], "x", 1, 0), 1);
}

/* Of a hundred sockets that all have something, in few rounds of the loop; and of
 * one behind a silence. */
static void
sockets_are_read_together(void **state)
{
	struct event_base *base = *state;
	struct error err;
	struct gather *gather = gather_take(base, &err);

	assert_non_null(gather);
	reads = wakes = 0;
	for (int i = 0; i < SOCKETS; i++) {
		inlets[i].source = (struct gather_source){read_one, &inlets[i]};
		inlets[i].reads = 0;
		assert_int_equal(
		    socketpair(AF_UNIX, SOCK_DGRAM, 0, inlets[i].ends), 0);
		assert_int_equal(gather_add(gather, inlets[i].ends[0],
				     &inlets[i].source, &err),
		    0);
	}
	for (int round = 1; round <= 3; round++) {
		nanoseconds began = clock_monotonic();

		write_one(0);
		loop_count(base, &reads, (round - 1) * (SOCKETS + 1) + 1);
		for (int i = 0; i < SOCKETS; i++)
			write_one(i);
		for (; reads < round * (SOCKETS + 1); wakes++)
			event_base_loop(base, EVLOOP_ONCE);
		assert_true(clock_monotonic() - began >= GATHER_PAUSE);
		/* until it waits for the first one again */
		event_base_loop(base, EVLOOP_ONCE);
	}
	assert_true(wakes < 3 * 10);
	for (int i = 0; i < SOCKETS; i++) {
		assert_int_equal(inlets[i].reads, i == 0 ? 6 : 3);
		close(inlets[i].ends[0]);
		close(inlets[i].ends[1]);
	}
	gather_give(gather);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		sockets_are_read_together, loop_make, loop_remove),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
