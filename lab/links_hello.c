/* SPDX-License-Identifier: BSD-2-Clause */
#include <event2/event.h>
#include <stdlib.h>
#include <sys/time.h>

#include "common/error.h"
#include "common/log.h"
#include "lab/emulation.h"
#include "lab/links_parts.h"
#include "lab/topology.h"

#define LOOK_MS 10 /* between two looks for a hello */

const char *
links_name(const struct link *link)
{
	return (link->links->about.topology->links[link->index].name);
}

/* Of either way the later: both ends have then heard nothing since. */
static nanoseconds
last_hello(const struct link *link)
{
	nanoseconds last = 0;
	char answer[EMULATOR_LINE];

	for (int way = 0; way < 2; way++) {
		if (emulation_ask(link->links->emulation, NULL, 0, answer, NULL,
			"hello %s %d", links_name(link), way) == -1)
			return (0);
		if (strtoll(answer, NULL, 10) > last)
			last = strtoll(answer, NULL, 10);
	}
	return (last);
}

static void
look_again(struct link *link, nanoseconds wait)
{
	const struct timeval delay = {
	    wait / NS_PER_S, wait % NS_PER_S / NS_PER_US};

	event_add(link->timer, &delay);
}

void
links_on_hello(evutil_socket_t fd, short what, void *arg)
{
	struct link *link = arg;
	nanoseconds now = clock_monotonic(), last = last_hello(link);
	nanoseconds due = last + link->after;
	struct error err;

	if (last == 0 || due < link->asked) {
		look_again(link, LOOK_MS * NS_PER_MS);
	} else if (now < due) {
		look_again(link, due - now < LOOK_MS * NS_PER_MS
				     ? due - now
				     : LOOK_MS * NS_PER_MS);
	} else if (links_put(link->links, link->index, link->next, &err) ==
		   -1) {
		log_warnx("%s", err.text);
	}
}

void
links_put_after_hello(struct links *links, size_t index, enum links_state state,
    nanoseconds after)
{
	struct link *link = &links->link[index];

	link->next = state;
	link->after = after;
	link->asked = clock_monotonic();
	look_again(link, 0);
}
