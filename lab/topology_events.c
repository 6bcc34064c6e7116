/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>
#include <stdlib.h>

#include "common/error.h"
#include "common/memory.h"
#include "common/name.h"
#include "lab/topology_parts.h"

/* In the order of enum topology_event_kind. */
static const char *const kinds[] = {
    "fail", "cut", "restore", "set", "run", NULL};

static const struct setting event_options[] = {
    {"at", OPTION_DURATION, NULL, 0, 1e6, NULL, "after the lab has converged",
	offsetof(struct topology_event, at)},
    {.name = NULL},
};

/* Which of its keys says what is to be done? */
static int
find_kind(const struct yml *yml, struct topology_event *event,
    const struct yml **what, struct error *err)
{
	*what = NULL;
	for (int i = 0; kinds[i] != NULL; i++) {
		const struct yml *found = yml_get(yml, kinds[i]);

		if (found == NULL)
			continue;
		if (*what != NULL)
			return (yml_error(found, err,
			    "a second thing to do, expected one an event"));
		*what = found;
		event->kind = (enum topology_event_kind)i;
	}
	if (*what == NULL)
		return (yml_error(yml, err,
		    "nothing to do, expected one of: fail, cut, restore, set, "
		    "run"));
	return (0);
}

static int
check_keys(
    const struct yml *yml, enum topology_event_kind kind, struct error *err)
{
	const char *keys[] = {"at", kinds[kind], NULL, NULL};
	static const struct setting none[] = {{.name = NULL}};

	if (kind == EVENT_SET)
		keys[2] = "back";
	return (topology_known(
	    yml, keys, kind == EVENT_SET ? way_options : none, err));
}

static int
read_run(const struct topology *topology, struct topology_event *event,
    const struct yml *yml, struct error *err)
{
	if (yml_expect(yml, YML_LIST, "[NODE, \"COMMAND\"]", err) == -1)
		return (-1);
	if (yml->count != 2)
		return (yml_error(yml, err,
		    "%zu items, expected [NODE, \"COMMAND\"]", yml->count));
	if (topology_refer_node(topology, yml->items[0], &event->node, err) ==
		-1 ||
	    yml_expect(yml->items[1], YML_SCALAR, "a command", err) == -1)
		return (-1);
	event->command = memory_text(yml->items[1]->text);
	return (0);
}

static int
read_at(struct topology_event *event, const struct yml *yml, struct error *err)
{
	const struct yml *at = yml_get(yml, "at");

	if (yml_null(at))
		return (yml_error(at != NULL ? at : yml, err,
		    "no time, expected at: DURATION"));
	return (yml_change(yml, event_options, event, err));
}

static int
read_event(struct topology *topology, const struct yml *yml, struct error *err)
{
	struct topology_event *event = &topology->events[topology->event_count];
	const struct yml *what;

	if (yml_expect(yml, YML_MAP, "an event", err) == -1 ||
	    find_kind(yml, event, &what, err) == -1 ||
	    check_keys(yml, event->kind, err) == -1 ||
	    read_at(event, yml, err) == -1)
		return (-1);
	topology->event_count++;
	if (event->kind == EVENT_RUN)
		return (read_run(topology, event, what, err));
	return (topology_refer_link(topology, what, &event->link, err));
}

struct timed {
	nanoseconds at;
	size_t i;
};

static int
compare(const void *a, const void *b)
{
	const struct timed *x = a, *y = b;

	if (x->at != y->at)
		return (x->at < y->at ? -1 : 1);
	return ((x->i > y->i) - (x->i < y->i));
}

/* Over what the link's ways are by then. */
static int
read_set(struct topology *topology, struct topology_event *event,
    struct way (*now)[2], const struct yml *yml, struct error *err)
{
	static const char *const none[] = {NULL};
	const struct yml *back = yml_get(yml, "back");
	struct way *ways = now[event->link];

	for (int i = 0; i < 2; i++)
		if (yml_change(yml, way_options, &ways[i], err) == -1)
			return (-1);
	if (!yml_null(back) &&
	    (topology_known(back, none, way_options, err) == -1 ||
		yml_change(back, way_options, &ways[1], err) == -1))
		return (-1);
	event->ways[0] = ways[0];
	event->ways[1] = ways[1];
	return (0);
}

/* Sorts them by time; of one time, as written. */
static int
settle(struct topology *topology, const struct yml *yml, struct error *err)
{
	size_t count = topology->event_count;
	struct topology_event *sorted = memory_new(count, sizeof(*sorted));
	struct timed *order = memory_new(count, sizeof(*order));
	struct way(*now)[2] =
	    memory_new(topology->link_count + 1, sizeof(*now));
	int status = 0;

	for (size_t i = 0; i < topology->link_count; i++)
		for (int k = 0; k < 2; k++)
			now[i][k] = topology->links[i].ends[k].way;
	for (size_t i = 0; i < count; i++)
		order[i] = (struct timed){topology->events[i].at, i};
	qsort(order, count, sizeof(*order), compare);
	for (size_t i = 0; i < count; i++) {
		sorted[i] = topology->events[order[i].i];
		if (status == 0 && sorted[i].kind == EVENT_SET)
			status = read_set(topology, &sorted[i], now,
			    yml->items[order[i].i], err);
	}
	free(topology->events);
	topology->events = sorted;
	free(order);
	free(now);
	return (status);
}

int
topology_read_events(
    struct topology *topology, const struct yml *node, struct error *err)
{
	if (yml_null(node))
		return (0);
	if (yml_expect(node, YML_LIST, "a list of events", err) == -1)
		return (-1);
	if (node->count > TOPOLOGY_EVENTS)
		return (yml_error(node, err, "%zu events, expected at most %d",
		    node->count, TOPOLOGY_EVENTS));
	topology->events = memory_new(node->count, sizeof(*topology->events));
	for (size_t i = 0; i < node->count; i++)
		if (read_event(topology, node->items[i], err) == -1)
			return (-1);
	return (settle(topology, node, err));
}
