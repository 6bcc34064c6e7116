/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/loop.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/clock.h"

#define PATIENCE (10 * NS_PER_S)

int
loop_make(void **state)
{
	*state = event_base_new();
	return (*state != NULL ? 0 : -1);
}

int
loop_remove(void **state)
{
	event_base_free(*state);
	return (0);
}

static void
turn(struct event_base *base, nanoseconds deadline, const char *file, int line)
{
	const struct timeval tick = {.tv_usec = 100000};

	if (clock_monotonic() > deadline) {
		print_error("waited in vain\n");
		_fail(file, line);
	}
	event_base_loopexit(base, &tick);
	event_base_loop(base, EVLOOP_ONCE);
}

void
loop_until_at(
    struct event_base *base, const bool *flag, const char *file, int line)
{
	nanoseconds deadline = clock_monotonic() + PATIENCE;

	while (!*flag)
		turn(base, deadline, file, line);
}

void
loop_count_at(struct event_base *base, const int *count, int least,
    const char *file, int line)
{
	nanoseconds deadline = clock_monotonic() + PATIENCE;

	while (*count < least)
		turn(base, deadline, file, line);
}
