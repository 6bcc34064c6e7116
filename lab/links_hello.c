/* SPDX-License-Identifier: BSD-2-Clause */
#include <event2/event.h>
#include <sys/time.h>

#include "common/error.h"
#include "common/log.h"
#include "lab/links_parts.h"

#define LOOK_MS 10 /* between two looks for a hello */

static void
look_again(struct link *link, nanoseconds wait)
{
	const struct timeval delay = clock_timeval(wait);

	event_add(link->timer, &delay);
}

void
links_on_hello(evutil_socket_t fd, short what, void *arg)
{
	struct link *link = arg;
	nanoseconds now = clock_monotonic(), last = link->kind->hello(link);
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
