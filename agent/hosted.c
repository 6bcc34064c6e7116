/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/hosted.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "agent/budget.h"
#include "agent/harvest.h"
#include "agent/hosted_run.h"
#include "agent/opt_out.h"
#include "agent/resolve.h"
#include "agent/told_clock.h"
#include "agent/worker.h"
#include "common/memory.h"
#include "common/name.h"

#define SET_LEAST (100 * NS_PER_US) /* less is how clocks are read */

static const char *const stamp_names[] = {
    [STAMP_USER] = "user",
    [STAMP_KERNEL] = "kernel",
    [STAMP_HARDWARE] = "hardware",
};

const enum outcome hosted_outcomes[] = {
    [PROBE_MEASURED] = OUTCOME_MEASURED,
    [PROBE_NO_ANSWER] = OUTCOME_NO_ANSWER,
    [PROBE_FAILED] = OUTCOME_FAILED,
};

struct hosted *
hosted_of(struct probe_run *given)
{
	return (
	    (struct hosted *)((char *)given - offsetof(struct hosted, probe)));
}

struct harvest *
hosted_harvest(struct probe_run *given)
{
	struct hosted *run = hosted_of(given);

	/* the host may have ended it: what comes behind counts for nothing */
	assert(run->begun);
	return (run->harvest);
}

void
hosted_stamps(
    struct probe_run *given, enum probe_stamp sent, enum probe_stamp received)
{
	struct hosted *run = hosted_of(given);

	run->stamped = true;
	run->stamps[0] = sent;
	run->stamps[1] = received;
}

void
hosted_set_timer(struct hosted *run, nanoseconds at)
{
	nanoseconds left = at - clock_monotonic() + NS_PER_US - 1;
	struct timeval tv = {0};

	if (left > 0) {
		tv.tv_sec = left / NS_PER_S;
		tv.tv_usec = left % NS_PER_S / NS_PER_US;
	}
	event_add(run->timer, &tv);
}

static void
add_address(const struct order *order, struct draft *record)
{
	char text[ADDRESS_TEXT];

	draft_member(record, "address");
	draft_quoted(record, address_format(&order->address, text));
	draft_member(record, "family");
	draft_whole(record, address_family(&order->address));
}

void
hosted_record(struct hosted *run, struct draft *record, nanoseconds start,
    nanoseconds end, enum outcome outcome, const char *why)
{
	draft_add(record, "{");
	if (address_family(&run->order.address) != 0)
		add_address(&run->order, record);
	draft_member(record, "start");
	draft_duration(record, start);
	draft_member(record, "end");
	draft_duration(record, end > start ? end : start);
	if (run->begun && run->order.timed && !hosted_is_stream(run)) {
		draft_member(record, "lateness");
		draft_duration(record, run->lateness);
	}
	draft_member(record, "outcome");
	draft_quoted(record, outcome_names[outcome]);
	if (why == NULL)
		return;
	draft_member(record, "why");
	draft_quoted(record, why);
}

static void
add_stamps(struct hosted *run, struct draft *record)
{
	draft_member(record, "stamps");
	draft_add(record, "\"");
	draft_add(record, stamp_names[run->stamps[0]]);
	draft_add(record, "/");
	draft_add(record, stamp_names[run->stamps[1]]);
	draft_add(record, "\"");
}

static void
add_bound(
    struct draft *record, const char *name, bool bounded, nanoseconds error)
{
	if (!bounded)
		return;
	draft_member(record, name);
	draft_duration(record, error);
}

/* What is known of both clocks; no bound, no member. */
static void
add_clocks(const struct budget *budget, struct draft *record)
{
	nanoseconds sum;
	bool bounded = budget_sum(budget, &sum);

	draft_member(record, "clocks");
	draft_add(record, "{");
	add_bound(record, "near", budget->near_bounded, budget->near);
	add_bound(record, "far", budget->far_bounded, budget->far);
	add_bound(record, "both", bounded, sum);
	draft_add(record, "}");
}

/* When that was by the monotonic clock, or before it. A stream ends when its clock
 * is set by INTERVALS_GRACE and more, and what ends it is of a clock that was. */
static nanoseconds
monotonic_before(const struct hosted *run, nanoseconds start)
{
	nanoseconds ago = clock_wall() - start + INTERVALS_GRACE;
	nanoseconds when = clock_monotonic() - ago;

	return (!hosted_is_stream(run) || run->broken != 0 || when < run->began
		    ? run->began
		    : when);
}

/* Of times between two clocks; unknown stamps are the weakest. */
static void
find_budget(const struct hosted *run, nanoseconds start, struct budget *budget)
{
	*budget = (struct budget){
	    .far_bounded = run->far_bounded,
	    .far = run->far_error,
	    .stamps = {budget_stamp(run->stamps[0]),
		budget_stamp(run->stamps[1])},
	};
	budget->near_bounded =
	    told_clock_worst(monotonic_before(run, start), &budget->near);
}

/* Both ends have one clock: what is found is what bounds are made of. */
static bool
is_itself(const struct hosted *run)
{
	return (strcmp(run->probe.name, NAME_ITSELF) == 0);
}

void
hosted_add_metrics(struct hosted *run, struct draft *record, nanoseconds start)
{
	struct budget budget;
	nanoseconds sum;

	find_budget(run, start, &budget);
	if (run->far_known && !is_itself(run))
		harvest_bound(run->harvest,
		    budget_sum(&budget, &sum) ? clock_seconds(sum) : NAN);
	draft_member(record, "metrics");
	harvest_take(run->harvest, record);
	if (run->stamped)
		add_stamps(run, record);
	if (run->far_known && !is_itself(run))
		add_clocks(&budget, record);
}

void
hosted_end(struct hosted *run, enum outcome outcome, const char *why)
{
	nanoseconds end = clock_wall();
	nanoseconds start = end;

	if (run->stage == OVER)
		return;
	if (run->begun) {
		start = run->wall;
		end = start + clock_monotonic() - run->began;
	}
	if (run->begun && hosted_is_stream(run))
		hosted_stream_span(run, &start, &end);
	hosted_record(run, &run->record, start, end, outcome,
	    why != NULL ? why : run->why);
	if (outcome == OUTCOME_SKIPPED)
		draft_add(&run->record, ",\"missed\":1");
	else if (outcome != OUTCOME_FAILED)
		hosted_add_metrics(run, &run->record, start);
	run->stage = OVER;
	event_active(run->timer, EV_TIMEOUT, 0);
}

void
hosted_far_clock(struct probe_run *given, bool bounded, nanoseconds error)
{
	struct hosted *run = hosted_of(given);

	run->far_known = true;
	run->far_bounded = bounded;
	run->far_error = error;
}

void
hosted_live(struct probe_run *given, const char *text)
{
	struct hosted *run = hosted_of(given);

	if (run->stage == RUNNING && given->watched)
		run->host->live(run->host->arg, run->number, text);
}

void
hosted_done(
    struct probe_run *given, enum probe_outcome outcome, const char *why)
{
	hosted_end(hosted_of(given), hosted_outcomes[outcome], why);
}

/* How late it is by its timer, unless the wall clock says something else: then
 * it was set after the run had been ordered. */
static void
note_begin(struct hosted *run, nanoseconds now)
{
	nanoseconds late;

	run->begun = true;
	run->began = now;
	run->wall = clock_wall();
	run->lateness = now - run->probe.at;
	late = run->wall - run->order.planned;
	if (llabs(late - run->lateness) > SET_LEAST)
		run->lateness = late;
}

/* A stream's records are of the wall clock, and what is before its time is in
 * another one. */
static bool
waits_for_wall(struct hosted *run, nanoseconds now)
{
	nanoseconds left = run->order.planned - clock_wall();

	if (!hosted_is_stream(run) || !run->order.timed || left <= 0)
		return (false);
	if (left < INTERVALS_GRACE)
		hosted_set_timer(run, now + left);
	else
		hosted_end(run, OUTCOME_SKIPPED, HOSTED_CLOCK_SET);
	return (true);
}

static void
begin(struct hosted *run)
{
	const struct probe_ops *ops = run->host->ops;
	nanoseconds now = clock_monotonic();
	struct cost cost = {0};
	struct error err;

	if (now < run->probe.at) { /* the loop was early */
		hosted_set_timer(run, run->probe.at);
		return;
	}
	if (waits_for_wall(run, now))
		return;
	if (!opt_out_allows(run->host->opt_out, run->probe.target, &err)) {
		hosted_end(run, OUTCOME_SKIPPED, err.text);
		return;
	}
	ops->cost(run->probe.settings, &cost);
	run->stage = RUNNING;
	note_begin(run, now);
	run->patience = clock_of_seconds(cost.seconds) + WORKER_SLACK;
	if (hosted_is_stream(run))
		hosted_stream_begin(run);
	else
		hosted_set_timer(run, now + run->patience);
	if (ops->start(&run->probe, &err) == -1)
		hosted_end(run, OUTCOME_FAILED, err.text);
}

static void
retire(struct hosted *run)
{
	struct hosted_by *host = run->host;
	struct draft record = run->record;
	int64_t number = run->number;

	run->record = (struct draft){0};
	hosted_free(run);
	host->record(host->arg, number, &record, true);
	draft_clear(&record);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct hosted *run = arg;

	switch (run->stage) {
	case RESOLVING:
		break;
	case WAITING:
		begin(run);
		break;
	case RUNNING:
		if (hosted_is_stream(run))
			hosted_stream_tick(run);
		else
			hosted_end(run, OUTCOME_FAILED,
			    "bug of the probe: it did not end in the time that "
			    "it announced");
		break;
	case OVER:
		retire(run);
		break;
	}
}

static void
wait_for_time(struct hosted *run)
{
	run->stage = WAITING;
	hosted_set_timer(run, run->probe.at);
}

static void
on_resolved(void *arg, const union address *address, const char *why)
{
	struct hosted *run = arg;
	char *text;

	run->lookup = NULL;
	if (address != NULL) {
		run->order.address = *address;
		wait_for_time(run);
		return;
	}
	text = memory_print("%s %s", run->order.target, why);
	hosted_end(run, OUTCOME_FAILED, text);
	free(text);
}

static void
go(struct hosted *run)
{
	const struct order *order = &run->order;

	if (address_family(&order->address) != 0)
		wait_for_time(run);
	else
		run->lookup = resolve_start(run->host->resolver, order->target,
		    order->family, on_resolved, run);
}

struct hosted *
hosted_new(struct hosted_by *host, int64_t number, struct json_object *json)
{
	struct hosted *run = memory_new(1, sizeof(*run));
	struct error err;

	run->host = host;
	run->number = number;
	run->harvest = harvest_new(host->ops->about->metrics);
	run->timer = evtimer_new(host->worker.base, on_timer, run);
	if (order_read(&run->order, host->ops, &host->memo, json, &err) == -1)
		hosted_end(run, OUTCOME_FAILED, err.text);
	run->probe.worker = &host->worker;
	run->probe.settings = run->order.settings;
	run->probe.target = &run->order.address;
	run->probe.source = &run->source;
	run->probe.flow = run->order.flow;
	run->probe.at = run->order.at;
	run->probe.report = run->order.report;
	run->probe.watched = run->order.watched;
	run->probe.end = run->order.end;
	run->probe.name = run->order.target;
	run->probe.test = run->order.test;
	run->probe.state = memory_new(1, host->ops->run_size);
	if (run->stage != OVER)
		go(run);
	return (run);
}

void
hosted_finish(struct hosted *run)
{
	const struct probe_ops *ops = run->host->ops;

	if (run->stage == RUNNING && hosted_is_stream(run))
		hosted_stream_finish(run, NULL);
	else if (run->stage == RUNNING &&
		 ops->size > offsetof(struct probe_ops, finish) &&
		 ops->finish != NULL)
		ops->finish(&run->probe);
	else
		hosted_end(run, OUTCOME_FAILED,
		    run->begun ? "interrupted" : "interrupted before it began");
}

void
hosted_free(struct hosted *run)
{
	if (run == NULL)
		return;
	if (run->begun)
		run->host->ops->stop(&run->probe);
	if (run->lookup != NULL)
		resolve_cancel(run->lookup);
	event_free(run->timer);
	harvest_free(run->harvest);
	draft_clear(&run->record);
	order_clear(&run->order);
	free(run->probe.state);
	free(run);
}
