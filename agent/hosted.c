/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/hosted.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "agent/harvest.h"
#include "agent/hosted_run.h"
#include "agent/opt_out.h"
#include "agent/resolve.h"
#include "agent/worker.h"
#include "common/memory.h"

#define SET_LEAST (100 * NS_PER_US) /* less is how clocks are read */

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
	struct timeval tv = clock_timeval(at - clock_monotonic());

	event_add(run->timer, &tv);
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
		hosted_end(run, OUTCOME_SKIPPED, INTERVALS_CLOCK_SET);
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
