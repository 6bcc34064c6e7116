/* SPDX-License-Identifier: BSD-2-Clause */
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "agent/crew.h"
#include "cli/probe.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"

/* for names that are slow to resolve and a process to start */
#define PATIENCE (60 * NS_PER_S)

struct measurement {
	const struct probe_order *order;
	struct event_base *base;
	struct crew *crew;
	size_t open;
	size_t outcomes[OUTCOMES];
	bool interrupted;
};

static void
on_record(void *arg, void *owner, json_object *found, bool last)
{
	struct measurement *m = arg;
	const struct probe_order *order = m->order;
	const char *target = owner;
	enum outcome outcome = OUTCOME_FAILED;
	json_object *record;

	outcome_find(member_text_or(found, "outcome", ""), &outcome);
	if (order->json) {
		record = probe_complete(order->manifest, target, found);
		puts(json_object_to_json_string_ext(record,
		    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
		json_object_put(record);
	} else {
		probe_print(order->manifest, target, found, stdout);
	}
	if (!last)
		return;
	m->outcomes[outcome]++;
	if (--m->open == 0)
		event_base_loopbreak(m->base);
}

static void
on_interrupt(evutil_socket_t fd, short what, void *arg)
{
	struct measurement *m = arg;

	if (m->interrupted)
		event_base_loopbreak(m->base);
	m->interrupted = true;
	crew_finish(m->crew);
}

static void
start_all(struct measurement *m)
{
	const struct probe_order *order = m->order;
	struct crew_run run = {
	    .probe = order->manifest->name,
	    .family = order->family,
	    .settings = order->settings,
	};

	run.patience = PATIENCE + clock_of_seconds(manifest_lasts(
				      order->manifest, order->settings));
	for (size_t i = 0; i < order->count; i++) {
		run.target = run.owner = order->targets[i];
		crew_start(m->crew, &run);
	}
	m->open = order->count;
}

static void
print_summary(const struct measurement *m)
{
	const char *gap = "";

	printf("%zu targets: ", m->order->count);
	for (int i = 0; i < OUTCOMES; i++)
		if (m->outcomes[i] > 0) {
			printf(
			    "%s%zu %s", gap, m->outcomes[i], outcome_names[i]);
			gap = ", ";
		}
	printf("%s\n", m->open > 0 ? ", interrupted" : "");
}

static int
status_of(const struct measurement *m)
{
	if (m->open > 0 || m->outcomes[OUTCOME_FAILED] > 0)
		return (3);
	return (m->outcomes[OUTCOME_NO_ANSWER] > 0 ? 1 : 0);
}

static struct event *
watch(struct measurement *m, int signal)
{
	struct event *event = evsignal_new(m->base, signal, on_interrupt, m);

	event_add(event, NULL);
	return (event);
}

int
probe_measure(const struct probe_order *order)
{
	struct measurement m = {.order = order, .base = event_base_new()};
	struct event *interrupt, *terminate;

	if (m.base == NULL)
		log_fatal("libevent: no event loop");
	setvbuf(stdout, NULL, _IOLBF, 0); /* people watch */
	interrupt = watch(&m, SIGINT);
	terminate = watch(&m, SIGTERM);
	m.crew = crew_new(m.base, false, on_record, &m);
	start_all(&m);
	event_base_dispatch(m.base);
	if (!order->json && order->count > 1)
		print_summary(&m);
	crew_free(m.crew);
	event_free(interrupt);
	event_free(terminate);
	event_base_free(m.base);
	return (status_of(&m));
}
