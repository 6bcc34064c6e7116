/* SPDX-License-Identifier: BSD-2-Clause */
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "agent/calibration.h"
#include "agent/crew.h"
#include "cli/probe.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/timekeeper.h"
#include "common/tree.h"

/* for names that are slow to resolve and a process to start */
#define PATIENCE (60 * NS_PER_S)
#define OUTPUT (256 * 1024) /* bytes at once */
#define LIVE_MOST 8         /* targets that a terminal's reader can follow */

struct measurement {
	const struct probe_order *order;
	struct event_base *base;
	struct event *flusher; /* what was printed goes out with this turn */
	struct crew *crew;
	struct timekeeper *keeper;
	struct crew_run run;
	LIST_HEAD(, aim) aims; /* under way */
	struct probe_sum *sum;
	struct timeval began;
	size_t begun, open, most;
	size_t outcomes[OUTCOMES];
	bool interrupted;
};

/* What a run belongs to. */
struct aim {
	struct probe_aim about; /* first */
	LIST_ENTRY(aim) link;
	struct measurement *m;
};

static void
printed(struct measurement *m)
{
	event_active(m->flusher, EV_TIMEOUT, 0);
}

/* Nobody reads any more: that is the end. */
static void
on_flush(evutil_socket_t fd, short what, void *arg)
{
	struct measurement *m = arg;

	if (fflush(stdout) == EOF)
		event_base_loopbreak(m->base);
}

/* Both directions of a target follow one another. */
static size_t
count_aims(const struct probe_order *order)
{
	bool both = order->manifest->either && order->direction == PROBE_BOTH;

	return (both ? 2 * order->count : order->count);
}

/* For another program to read, where nothing else is printed. */
static void
on_live(void *owner, const char *text)
{
	struct aim *aim = owner;
	const struct probe_order *order = aim->m->order;

	if (order->quiet && count_aims(order) == 1)
		puts(text);
	else
		printf("%s%s %s\n", probe_way(order->manifest, &aim->about),
		    aim->about.target, text);
	printed(aim->m);
}

static struct aim *
new_aim(struct measurement *m, size_t number)
{
	const struct probe_order *order = m->order;
	struct aim *aim = memory_new(1, sizeof(*aim));
	bool to = order->direction == PROBE_TO;

	aim->m = m;
	aim->about.end = order->manifest->runs_at;
	if (order->manifest->either && order->direction == PROBE_BOTH) {
		to = number % 2 == 0;
		number /= 2;
	}
	if (order->manifest->either)
		aim->about.end = to ? RUNS_AT_SRC : RUNS_AT_DST;
	aim->about.target = order->targets[number];
	LIST_INSERT_HEAD(&m->aims, aim, link);
	return (aim);
}

static void
free_aim(struct aim *aim)
{
	LIST_REMOVE(aim, link);
	free(aim);
}

static void
start_some(struct measurement *m)
{
	struct aim *aim;

	while (!m->interrupted && m->begun < count_aims(m->order) &&
	       m->open < m->most) {
		aim = new_aim(m, m->begun++);
		m->run.target = aim->about.target;
		m->run.end = manifest_ends[aim->about.end];
		m->run.owner = aim;
		m->open++;
		crew_start(m->crew, &m->run);
	}
}

static void
print_json(
    struct measurement *m, const struct probe_aim *aim, json_object *found)
{
	json_object *record = probe_complete(m->order->manifest, aim, found);

	puts(json_object_to_json_string_ext(
	    record, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(record);
}

/* A record of that outcome has been seen to. */
static void
go_on(struct aim *aim, const char *text, bool last)
{
	enum outcome outcome = OUTCOME_FAILED;
	struct measurement *m = aim->m;

	outcome_find(text, &outcome);
	printed(m);
	if (!last)
		return;
	free_aim(aim);
	m->outcomes[outcome]++;
	m->open--;
	start_some(m);
	if (m->open == 0)
		event_base_loopexit(m->base, NULL);
}

static void
on_record(void *arg, void *owner, json_object *found, bool last)
{
	struct measurement *m = arg;
	struct aim *aim = owner;

	if (m->order->json)
		print_json(m, &aim->about, found);
	else if (!m->order->quiet)
		probe_print(m->order->manifest, &aim->about, found, stdout);
	if (!m->order->json)
		probe_sum_add(m->sum, member_get(found, "metrics"));
	go_on(aim, member_text_or(found, "outcome", ""), last);
}

static void
on_tree(void *arg, void *owner, const struct tree_node *found, bool last)
{
	struct measurement *m = arg;
	struct aim *aim = owner;

	probe_write(m->order->manifest, &aim->about, found, stdout);
	go_on(aim, tree_text_or(found, "outcome", ""), last);
}

static void
on_interrupt(evutil_socket_t fd, short what, void *arg)
{
	struct measurement *m = arg;

	if (m->interrupted || m->open == 0)
		event_base_loopbreak(m->base);
	m->interrupted = true;
	crew_finish(m->crew);
}

/* What cannot be asked is found out by the runs. */
static void
on_cost(void *arg, const struct cost *cost, const char *why)
{
	struct measurement *m = arg;

	m->most = 1;
	if (cost == NULL || cost->packets <= 1)
		m->most = PROBE_PACKETS;
	else if (cost->packets < PROBE_PACKETS)
		m->most = (size_t)(PROBE_PACKETS / cost->packets);
	if (m->interrupted)
		event_base_loopbreak(m->base);
	start_some(m);
}

static bool
is_live(const struct probe_order *order)
{
	if (order->json)
		return (false);
	return (order->live || (!order->quiet && isatty(STDOUT_FILENO) &&
				   order->count <= LIVE_MOST));
}

static void
begin(struct measurement *m)
{
	const struct probe_order *order = m->order;

	m->run = (struct crew_run){
	    .probe = order->manifest->name,
	    .family = order->family,
	    .settings = order->settings,
	    .live = is_live(order) ? on_live : NULL,
	    .patience = PATIENCE + clock_of_seconds(manifest_lasts(
				       order->manifest, order->settings)),
	};
	m->most = order->most;
	if (m->most > 0)
		start_some(m);
	else
		crew_ask(m->crew, order->manifest->name, order->settings,
		    on_cost, m);
}

static void
print_summary(const struct measurement *m)
{
	json_object *metrics = probe_sum_json(m->sum);
	size_t left = count_aims(m->order) - m->begun;
	const char *gap = "";

	printf("%zu targets: ", m->order->count);
	for (int i = 0; i < OUTCOMES; i++)
		if (m->outcomes[i] > 0) {
			printf(
			    "%s%zu %s", gap, m->outcomes[i], outcome_names[i]);
			gap = ", ";
		}
	if (m->interrupted)
		printf("%sinterrupted", gap);
	if (left > 0)
		printf(", %zu not begun", left);
	probe_print_metrics(m->order->manifest, metrics, "; ", stdout);
	putchar('\n');
	json_object_put(metrics);
}

static int
status_of(const struct measurement *m)
{
	if (m->open > 0 || m->outcomes[OUTCOME_FAILED] > 0)
		return (3);
	return (
	    m->outcomes[OUTCOME_NO_ANSWER] + m->outcomes[OUTCOME_SKIPPED] > 0
		? 1
		: 0);
}

static struct event *
watch(struct measurement *m, int signal)
{
	struct event *event = evsignal_new(m->base, signal, on_interrupt, m);

	event_add(event, NULL);
	return (event);
}

static void
on_clock(void *arg)
{
	struct measurement *m = arg;

	crew_clock(m->crew, timekeeper_state(m->keeper), CALIBRATION_UNKNOWN);
}

/* What the kernel says counts until the others have answered. */
static void
watch_clock(struct measurement *m)
{
	const struct timekeeper_about about = {.changed = on_clock, .arg = m};

	m->keeper = timekeeper_new(m->base, &about);
	probe_use_clock(timekeeper_state(m->keeper));
	on_clock(m);
}

int
probe_measure(const struct probe_order *order)
{
	struct measurement m = {.order = order, .base = event_base_new()};
	struct event *interrupt, *terminate;

	if (m.base == NULL)
		log_fatal("libevent: no event loop");
	setvbuf(stdout, NULL, _IOFBF, OUTPUT);
	m.flusher = event_new(m.base, -1, 0, on_flush, &m);
	m.sum = probe_sum_new(order->manifest);
	interrupt = watch(&m, SIGINT);
	terminate = watch(&m, SIGTERM);
	m.crew = crew_new(m.base, false, on_record, &m);
	if (order->json)
		crew_trees(m.crew, on_tree);
	watch_clock(&m);
	begin(&m);
	event_base_dispatch(m.base);
	if (!order->json && (order->quiet ? !order->live : order->count > 1))
		print_summary(&m);
	fflush(stdout);
	crew_free(m.crew);
	while (!LIST_EMPTY(&m.aims))
		free_aim(LIST_FIRST(&m.aims));
	timekeeper_free(m.keeper);
	probe_sum_free(m.sum);
	event_free(m.flusher);
	event_free(interrupt);
	event_free(terminate);
	event_base_free(m.base);
	return (status_of(&m));
}
