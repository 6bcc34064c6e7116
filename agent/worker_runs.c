/* SPDX-License-Identifier: BSD-2-Clause */
/* The runs of a worker, by the numbers that its parent gave them. */
#include <json-c/json.h>
#include <search.h>
#include <stdlib.h>

#include "agent/worker_parts.h"
#include "common/channel.h"
#include "common/draft.h"
#include "common/member.h"
#include "common/memory.h"

struct slot {
	int64_t number;
	struct hosted *run;
};

static int
by_number(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;

	return ((x->number > y->number) - (x->number < y->number));
}

static struct slot *
find_slot(struct worker *worker, int64_t number)
{
	struct slot key = {.number = number};
	struct slot **found = tfind(&key, &worker->runs, by_number);

	return (found == NULL ? NULL : *found);
}

static void
remove_slot(struct worker *worker, struct slot *slot)
{
	tdelete(slot, &worker->runs, by_number);
	free(slot);
	worker->open--;
}

static void
on_record(void *arg, int64_t number, struct draft *record, bool last)
{
	struct worker *worker = arg;

	draft_member(record, "run");
	draft_whole(record, number);
	draft_add(record, last ? ",\"last\":true" : ",\"last\":false");
	draft_add(record, ",\"m\":\"record\"}\n");
	channel_send_line(worker->channel, record->text, record->length);
	if (!last)
		return;
	remove_slot(worker, find_slot(worker, number));
	worker_leave_if_done(worker);
}

static void
on_live(void *arg, int64_t number, const char *text)
{
	json_object *message = json_object_new_object();

	member_add_whole(message, "run", number);
	member_add_text(message, "text", text);
	worker_say(arg, "live", message);
}

void
worker_runs_open(struct worker *worker)
{
	worker->host.record = on_record;
	worker->host.live = on_live;
	worker->host.arg = worker;
}

/* An order that cannot become a run. */
static void
refuse_run(struct worker *worker, int64_t number, const char *why)
{
	json_object *record = json_object_new_object();
	nanoseconds now = clock_wall();

	member_add_whole(record, "run", number);
	json_object_object_add(record, "last", json_object_new_boolean(true));
	member_add_duration(record, "start", now);
	member_add_duration(record, "end", now);
	member_add_text(record, "outcome", "failed");
	member_add_text(record, "why", why);
	worker_say(worker, "record", record);
}

void
worker_start(struct worker *worker, json_object *order)
{
	int64_t number = member_whole_or(order, "run", 0);
	struct slot *slot;

	if (!worker->opened || worker->closing) {
		refuse_run(worker, number, "bug: the worker is not open");
		return;
	}
	if (find_slot(worker, number) != NULL) {
		refuse_run(
		    worker, number, "bug: the run's number is in use already");
		return;
	}
	slot = memory_new(1, sizeof(*slot));
	slot->number = number;
	slot->run = hosted_new(&worker->host, number, order);
	tsearch(slot, &worker->runs, by_number);
	worker->open++;
}

void
worker_stop(struct worker *worker, json_object *order)
{
	struct slot *slot = find_slot(worker, member_whole_or(order, "run", 0));

	if (slot == NULL)
		return;
	hosted_free(slot->run);
	remove_slot(worker, slot);
	worker_leave_if_done(worker);
}

static void
finish_one(const void *node, VISIT visit, int depth)
{
	const struct slot *const *slot = node;

	if (visit == postorder || visit == leaf)
		hosted_finish((*slot)->run);
}

void
worker_finish(struct worker *worker, json_object *order)
{
	struct slot *slot = find_slot(worker, member_whole_or(order, "run", 0));

	if (member_get(order, "run") == NULL)
		twalk(worker->runs, finish_one);
	else if (slot != NULL)
		hosted_finish(slot->run);
}

static void
look_at_one(const void *node, VISIT visit, int depth)
{
	const struct slot *const *slot = node;

	if (visit == postorder || visit == leaf)
		hosted_look((*slot)->run);
}

void
worker_runs_look(struct worker *worker)
{
	twalk(worker->runs, look_at_one);
}

void
worker_runs_close(struct worker *worker)
{
	while (worker->runs != NULL) {
		struct slot *slot = *(struct slot **)worker->runs;

		hosted_free(slot->run);
		remove_slot(worker, slot);
	}
}
