/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The runs that a worker owes: ordered when it is there, failed when it hangs, has
 * gone, or was never there in time.
 */
#include <event2/event.h>
#include <search.h>
#include <stdlib.h>

#include "agent/mate_parts.h"
#include "common/child.h"
#include "common/member.h"
#include "common/memory.h"

/* for the process to be there, behind the time of a run */
#define START_WAIT (5 * NS_PER_S)

static int
by_number(const void *a, const void *b)
{
	const struct open_run *x = a, *y = b;

	return ((x->number > y->number) - (x->number < y->number));
}

struct open_run *
mate_run(struct mate *mate, uint64_t number)
{
	struct open_run key = {.number = number};
	struct open_run **found = tfind(&key, &mate->by_number, by_number);

	return (found == NULL ? NULL : *found);
}

void
mate_remove_run(struct open_run *run)
{
	struct mate *mate = run->mate;

	tdelete(run, &mate->by_number, by_number);
	TAILQ_REMOVE(&mate->runs, run, link);
	mate->open--;
	event_free(run->timer);
	draft_clear(&run->order);
	free(run->why);
	free(run);
}

void
mate_fail_run(struct open_run *run, const char *why)
{
	json_object *record = json_object_new_object();
	nanoseconds now = clock_wall();
	struct mate *mate = run->mate;
	void *owner = run->owner;

	/* it may have ended before its time had come */
	member_add_duration(record, "start", run->at);
	member_add_duration(record, "end", run->at > now ? run->at : now);
	member_add_text(record, "outcome", "failed");
	member_add_text(record, "why", why);
	mate_remove_run(run);
	mate->record(mate->arg, owner, record, true);
	json_object_put(record);
}

void
mate_set_timer(struct open_run *run, nanoseconds wait)
{
	nanoseconds now = clock_monotonic();
	struct timeval tv;

	if (run->due > now)
		wait += run->due - now;
	tv = clock_timeval(wait);
	event_add(run->timer, &tv);
}

/* The worker cuts runs that last too long itself. */
static void
give_up(struct open_run *run)
{
	struct mate *mate = run->mate;

	if (run->sent) {
		mate_kill_worker(mate, "hangs");
		mate_fail_run(run, "its worker hung");
	} else {
		mate_fail_run(run, mate_why(mate));
	}
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct open_run *run = arg;
	char *why = run->why;

	run->why = NULL;
	if (why != NULL)
		mate_fail_run(run, why);
	else
		give_up(run);
	free(why);
}

static void
send_order(struct open_run *run)
{
	if (!child_send_line(
		run->mate->child, run->order.text, run->order.length)) {
		mate_set_timer(run, START_WAIT);
		return; /* what it said was no good: it is being ended */
	}
	run->sent = true;
	run->asked.since = clock_monotonic();
	run->asked.records = 0;
	mate_set_timer(run, run->patience);
}

void
mate_runs_started(struct mate *mate)
{
	struct open_run *run;

	TAILQ_FOREACH (run, &mate->runs, link)
		if (!run->sent && run->why == NULL)
			send_order(run);
}

/* A run that has not begun has its chance with the next one, unless that would
 * say the same. */
static void
lose_worker(struct open_run *run, bool refused)
{
	if (run->due > clock_monotonic() && !refused) {
		run->sent = false;
		mate_set_timer(run, START_WAIT);
	} else {
		run->why = memory_text(run->mate->why);
		event_active(run->timer, EV_TIMEOUT, 0);
	}
}

void
mate_runs_ended(struct mate *mate, bool refused)
{
	struct open_run *run, *next;

	for (run = TAILQ_FIRST(&mate->runs); run != NULL; run = next) {
		next = TAILQ_NEXT(run, link);
		if (run->sent && run->why == NULL)
			lose_worker(run, refused);
	}
}

static void
add_time(struct draft *order, const char *name, nanoseconds time)
{
	if (time == 0)
		return;
	draft_member(order, name);
	draft_duration(order, time);
}

static void
add_flow(struct draft *order, uint64_t flow)
{
	char text[24];

	snprintf(text, sizeof(text), "\"%016llx\"", (unsigned long long)flow);
	draft_member(order, "flow");
	draft_add(order, text);
}

static void
add_settings(struct draft *order, json_object *settings)
{
	draft_member(order, "settings");
	draft_add(order,
	    json_object_to_json_string_ext(settings, JSON_C_TO_STRING_PLAIN));
}

/* The start of a run as a line; what is not said has its default. */
static void
write_order(struct open_run *run, const struct crew_run *about)
{
	struct draft *order = &run->order;

	draft_add(order, "{\"m\":\"start\"");
	draft_member(order, "run");
	draft_whole(order, (int64_t)run->number);
	add_time(order, "at", about->at);
	add_time(order, "monotonic", about->at != 0 ? run->due : 0);
	add_time(order, "report", about->report);
	draft_member(order, "target");
	draft_quoted(order, about->target);
	if (about->test != NULL) {
		draft_member(order, "test");
		draft_quoted(order, about->test);
	}
	if (about->address != NULL) {
		draft_member(order, "address");
		draft_quoted(order, about->address);
	}
	if (about->family != 0) {
		draft_member(order, "family");
		draft_whole(order, about->family);
	}
	if (about->end != NULL) {
		draft_member(order, "end");
		draft_quoted(order, about->end);
	}
	if (about->flow != 0)
		add_flow(order, about->flow);
	if (about->live != NULL)
		draft_add(order, ",\"watched\":true");
	if (about->settings != NULL)
		add_settings(order, about->settings);
	draft_add(order, "}\n");
}

void
mate_start(struct mate *mate, uint64_t number, const struct crew_run *about)
{
	struct open_run *run = memory_new(1, sizeof(*run));

	run->number = number;
	run->at = about->at != 0 ? about->at : clock_wall();
	run->due = about->due != 0 ? about->due
				   : clock_monotonic() + run->at - clock_wall();
	run->patience = about->patience;
	run->asked.report = about->report;
	run->mate = mate;
	run->owner = about->owner;
	run->live = about->live;
	write_order(run, about);
	run->timer = evtimer_new(mate->base, on_timer, run);
	tsearch(run, &mate->by_number, by_number);
	TAILQ_INSERT_TAIL(&mate->runs, run, link);
	mate->open++;
	if (mate->running)
		send_order(run);
	else
		mate_set_timer(run, START_WAIT);
}

void
mate_stop(struct mate *mate, uint64_t number)
{
	struct open_run *run = mate_run(mate, number);

	if (run == NULL)
		return;
	mate_send_about(mate, "stop", number);
	mate_remove_run(run);
}

void
mate_finish_run(struct mate *mate, uint64_t number)
{
	struct open_run *run = mate_run(mate, number);

	if (run == NULL)
		return;
	if (run->sent) {
		mate_send_about(mate, "finish", number);
	} else if (run->why == NULL) {
		run->why = memory_text("interrupted before it began");
		event_active(run->timer, EV_TIMEOUT, 0);
	}
}
