/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/loop.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/clock.h"

#define PATIENCE (30 * NS_PER_S)

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

int64_t
loop_patience(void)
{
	return (clock_monotonic() + PATIENCE);
}

void
loop_turn(struct event_base *base, int64_t end, const char *file, int line)
{
	const struct timeval tick = {.tv_usec = 100000};

	if (clock_monotonic() > end) {
		print_error("waited in vain\n");
		_fail(file, line);
	}
	event_base_loopexit(base, &tick);
	event_base_loop(base, EVLOOP_ONCE);
}
