/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/own_clock.h"

#include <event2/event.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "agent/clock_tally.h"
#include "agent/intervals.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/record.h"

struct own_run {
	LIST_ENTRY(own_run) link;
	struct own_clock *own;
	uint64_t number;
	void *owner;
	nanoseconds at, report;
	bool begun, finishing;
	struct intervals intervals;
	struct clock_tally tally;
	struct event *timer;
};

struct own_clock {
	struct event_base *base;
	crew_record record;
	void *arg;
	struct discipline clock;
	struct clock_steps steps;
	LIST_HEAD(, own_run) runs; /* one, or two while they take turns */
};

static void
set_timer(struct own_run *run, nanoseconds wait)
{
	struct timeval tv = clock_timeval(wait);

	event_add(run->timer, &tv);
}

/*
 * Records. Who takes one may stop the run, so that is done last.
 */

static json_object *
make_record(
    const struct intervals_over *over, enum outcome outcome, const char *why)
{
	json_object *record = json_object_new_object();

	member_add_duration(record, "start", over->from);
	member_add_duration(
	    record, "end", over->to > over->from ? over->to : over->from);
	member_add_text(record, "outcome", outcome_names[outcome]);
	member_add_text(record, "why", why);
	return (record);
}

static void
add_metrics(struct own_run *run, json_object *record)
{
	nanoseconds now = clock_monotonic();
	json_object *metrics = clock_tally_metrics(&run->tally, now);

	clock_steps_take(&run->own->steps, metrics);
	json_object_object_add(record, "metrics", metrics);
	clock_tally_begin(&run->tally, &run->own->clock, now);
}

static void
report(struct own_run *run, const struct intervals_over *over)
{
	json_object *record = make_record(over, OUTCOME_MEASURED, NULL);

	intervals_report(&run->intervals, over->from, over->to);
	add_metrics(run, record);
	set_timer(run, run->finishing ? 0
				      : intervals_next(&run->intervals) -
					    clock_monotonic());
	run->own->record(run->own->arg, run->owner, record, false);
	json_object_put(record);
}

static void
remove_run(struct own_run *run)
{
	LIST_REMOVE(run, link);
	event_free(run->timer);
	free(run);
}

static void
end(struct own_run *run, const struct intervals_over *over, const char *why)
{
	struct own_clock *own = run->own;
	void *owner = run->owner;
	json_object *record = make_record(
	    over, run->begun ? OUTCOME_MEASURED : OUTCOME_SKIPPED, why);

	if (run->begun)
		add_metrics(run, record);
	remove_run(run);
	own->record(own->arg, owner, record, true);
	json_object_put(record);
}

/*
 * Time.
 */

static void
begin(struct own_run *run)
{
	nanoseconds wall = clock_wall(), now = clock_monotonic();

	run->begun = true;
	intervals_begin(
	    &run->intervals, run->report, run->at, now - (wall - run->at));
	clock_tally_begin(&run->tally, &run->own->clock, now);
	set_timer(run, intervals_next(&run->intervals) - now);
}

static void
look(struct own_run *run)
{
	nanoseconds wall = clock_wall(), now = clock_monotonic();
	struct intervals_over over;

	switch (intervals_look(&run->intervals, wall, now, &over)) {
	case INTERVALS_OVER:
		report(run, &over);
		break;
	case INTERVALS_BROKEN:
		end(run, &over, INTERVALS_CLOCK_SET);
		break;
	case INTERVALS_GO_ON:
		over = (struct intervals_over){run->intervals.owed, wall};
		if (run->finishing)
			end(run, &over, NULL);
		else
			set_timer(run, intervals_next(&run->intervals) - now);
		break;
	}
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct own_run *run = arg;
	const struct intervals_over never = {run->at, run->at};

	if (run->begun)
		look(run);
	else if (run->finishing)
		end(run, &never, "it was ended before it began");
	else
		begin(run);
}

/*
 * Orders.
 */

static struct own_run *
find_run(struct own_clock *own, uint64_t number)
{
	struct own_run *run;

	LIST_FOREACH (run, &own->runs, link)
		if (run->number == number)
			break;
	return (run);
}

void
own_clock_start(
    struct own_clock *own, uint64_t number, const struct crew_run *order)
{
	struct own_run *run = memory_new(1, sizeof(*run));

	run->own = own;
	run->number = number;
	run->owner = order->owner;
	run->at = order->at != 0 ? order->at : clock_wall();
	run->report = order->report;
	run->timer = evtimer_new(own->base, on_timer, run);
	LIST_INSERT_HEAD(&own->runs, run, link);
	set_timer(run, run->at - clock_wall());
}

void
own_clock_stop(struct own_clock *own, uint64_t number)
{
	struct own_run *run = find_run(own, number);

	if (run != NULL)
		remove_run(run);
}

void
own_clock_finish(struct own_clock *own, uint64_t number)
{
	struct own_run *run = find_run(own, number);

	if (run == NULL)
		return;
	run->finishing = true;
	set_timer(run, 0);
}

void
own_clock_look(struct own_clock *own, const struct discipline *clock)
{
	nanoseconds now = clock_monotonic();
	struct own_run *run;

	own->clock = *clock;
	clock_steps_look(&own->steps, clock);
	LIST_FOREACH (run, &own->runs, link) {
		if (!run->begun)
			continue;
		clock_tally_look(&run->tally, clock, now);
		set_timer(run, 0); /* it may have been set */
	}
}

/*
 * Life.
 */

struct own_clock *
own_clock_new(struct event_base *base, crew_record record, void *arg)
{
	struct own_clock *own = memory_new(1, sizeof(*own));

	own->base = base;
	own->record = record;
	own->arg = arg;
	own->clock.steal = -1;
	LIST_INIT(&own->runs);
	return (own);
}

void
own_clock_free(struct own_clock *own)
{
	if (own == NULL)
		return;
	while (!LIST_EMPTY(&own->runs))
		remove_run(LIST_FIRST(&own->runs));
	free(own);
}
