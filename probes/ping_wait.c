/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/ping.h"

/* A timer is one of a heap, in which each that is set anew moves past others: of
 * thousands, past what no cache holds. Those that wait equally long can stand in
 * line instead, for they are due in the order in which they were set; libevent
 * keeps a line for each length that it was told of. */

#define GRID NS_PER_MS /* lengths of short waits, and how late it may be */

/* The line of those that wait so long; NULL: there is none. */
static const struct timeval *
find_line(struct ping *ping, struct event_base *base, nanoseconds length)
{
	struct ping_lines *lines = &ping->lines;
	struct timeval tv = clock_timeval(length);
	const struct timeval *line;

	for (unsigned i = 0; i < lines->count; i++)
		if (lines->length[i] == length)
			return (lines->line[i]);
	if (lines->count == PING_LINES)
		return (NULL);
	line = event_base_init_common_timeout(base, &tv);
	lines->length[lines->count] = length;
	lines->line[lines->count++] = line;
	return (line);
}

void
ping_wake(struct ping_run *run, nanoseconds at)
{
	struct timeval tv =
	    clock_timeval(at - run->probe->worker->host->monotonic());

	event_add(run->timer, &tv);
}

void
ping_wake_about(struct ping_run *run, nanoseconds at)
{
	struct ping *ping = run->probe->worker->state;
	nanoseconds left = at - ping->host->monotonic(), length = 0;
	nanoseconds timeout = run->tally.timeout;
	const struct timeval *line = NULL;

	if (left > 0 && left <= PING_LINGER_MOST)
		length = (left + GRID - 1) / GRID * GRID;
	else if (left <= timeout && left > timeout - GRID)
		length = timeout;
	if (length > 0)
		line = find_line(ping, run->probe->worker->base, length);
	if (line != NULL)
		event_add(run->timer, line);
	else
		ping_wake(run, at);
}
