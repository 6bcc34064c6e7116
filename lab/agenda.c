/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/agenda.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"
#include "lab/experiment.h"
#include "lab/keeper.h"
#include "lab/links.h"
#include "lab/nodes.h"
#include "lab/notices.h"
#include "lab/topology.h"

struct item {
	struct agenda *agenda;
	const struct topology_event *of;
	struct event *timer;
};

struct agenda {
	struct agenda_about about;
	struct item *items;
	size_t count;
};

static void
tell_run(struct item *item, const char *event, const char *why)
{
	const struct topology *topology = item->agenda->about.topology;
	json_object *notice = notices_new_notice(event);

	member_add_text(notice, "node", topology->nodes[item->of->node].name);
	member_add_text(notice, "command", item->of->command);
	member_add_text(notice, "why", why);
	notices_tell(item->agenda->about.notices, notice);
}

static void
on_run_ended(void *arg, struct duty *duty, const char *why)
{
	tell_run(arg, "ran", why);
}

static const struct duty_calls run_calls = {.ended = on_run_ended};

static int
run(struct item *item, struct error *err)
{
	const struct agenda_about *about = &item->agenda->about;
	size_t node = item->of->node;
	const char *argv[] = {"/bin/sh", "-c", item->of->command, NULL};

	tell_run(item, "run", NULL);
	return (duty_new(about->keeper,
		    &(const struct duty_about){.name = "command",
			.node = about->topology->nodes[node].name,
			.argv = argv,
			.net = about->nodes->nets[node],
			.share = about->nodes->shares[node],
			.once = true,
			.calls = &run_calls,
			.arg = item},
		    err) == NULL
		    ? -1
		    : 0);
}

/* Then what notices the failure does so at a known time. */
static bool
waits_for_hello(const struct item *item)
{
	const struct topology_experiment *experiment =
	    item->agenda->about.topology->experiment;

	return (experiment != NULL && experiment->aligned &&
		experiment->align_link == item->of->link &&
		item->of->kind != EVENT_RESTORE);
}

static int
happen(struct item *item, struct error *err)
{
	static const enum links_state states[] = {[EVENT_FAIL] = LINK_FAILED,
	    [EVENT_CUT] = LINK_CUT,
	    [EVENT_RESTORE] = LINK_UP};
	struct links *links = item->agenda->about.links;
	const struct topology_event *of = item->of;

	switch (of->kind) {
	case EVENT_RUN:
		return (run(item, err));
	case EVENT_SET:
		return (links_set(links, of->link, of->ways, err));
	default:
		if (!waits_for_hello(item))
			return (
			    links_put(links, of->link, states[of->kind], err));
		links_put_after_hello(links, of->link, states[of->kind],
		    item->agenda->about.topology->experiment->align_hello);
		return (0);
	}
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct error err;

	if (happen(arg, &err) == -1)
		log_warnx("event: %s", err.text);
}

struct agenda *
agenda_new(const struct agenda_about *about)
{
	struct agenda *agenda = memory_new(1, sizeof(*agenda));

	agenda->about = *about;
	agenda->count = about->topology->event_count;
	agenda->items = memory_new(agenda->count + 1, sizeof(*agenda->items));
	for (size_t i = 0; i < agenda->count; i++) {
		struct item *item = &agenda->items[i];
		const struct timeval delay =
		    clock_timeval(about->topology->events[i].at);

		item->agenda = agenda;
		item->of = &about->topology->events[i];
		item->timer = evtimer_new(about->base, on_timer, item);
		event_add(item->timer, &delay);
	}
	return (agenda);
}

void
agenda_free(struct agenda *agenda)
{
	if (agenda == NULL)
		return;
	for (size_t i = 0; i < agenda->count; i++)
		event_free(agenda->items[i].timer);
	free(agenda->items);
	free(agenda);
}
