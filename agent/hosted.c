/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/hosted.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "agent/harvest.h"
#include "agent/resolve.h"
#include "agent/worker.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/record.h"

enum stage { RESOLVING, WAITING, RUNNING, OVER };

struct hosted {
	struct probe_run probe; /* what the plug-in sees */
	struct hosted_by *host;
	int64_t number;
	enum stage stage;
	char *target;
	int family;
	union address address, source;
	bool timed; /* the order had a time */
	struct lookup *lookup;
	struct event *timer; /* the time, then the cut, then the cleaning */
	bool begun;          /* start() was called: stop() is due */
	nanoseconds wall;    /* when it began */
	nanoseconds lateness;
	const char *stamps[2];
	struct harvest *harvest;
	struct json_object *record; /* the last one, once it is over */
};

static const char *const stamp_names[] = {
    [STAMP_USER] = "user",
    [STAMP_KERNEL] = "kernel",
    [STAMP_HARDWARE] = "hardware",
};

static const enum outcome outcomes[] = {
    [PROBE_MEASURED] = OUTCOME_MEASURED,
    [PROBE_NO_ANSWER] = OUTCOME_NO_ANSWER,
    [PROBE_FAILED] = OUTCOME_FAILED,
};

static struct hosted *
hosted_of(struct probe_run *given)
{
	return (
	    (struct hosted *)((char *)given - offsetof(struct hosted, probe)));
}

struct harvest *
hosted_harvest(struct probe_run *given)
{
	struct hosted *run = hosted_of(given);

	assert(run->stage == RUNNING);
	return (run->harvest);
}

void
hosted_stamps(
    struct probe_run *given, enum probe_stamp sent, enum probe_stamp received)
{
	struct hosted *run = hosted_of(given);

	run->stamps[0] = stamp_names[sent];
	run->stamps[1] = stamp_names[received];
}

/* Fires rather a microsecond late than early. */
static void
set_timer(struct hosted *run, nanoseconds at)
{
	nanoseconds left = at - clock_monotonic() + NS_PER_US - 1;
	struct timeval tv = {0};

	if (left > 0) {
		tv.tv_sec = left / NS_PER_S;
		tv.tv_usec = left % NS_PER_S / NS_PER_US;
	}
	event_add(run->timer, &tv);
}

static json_object *
new_record(struct hosted *run, nanoseconds start, nanoseconds end,
    enum outcome outcome, const char *why)
{
	json_object *record = json_object_new_object();
	char text[ADDRESS_TEXT];

	if (address_family(&run->address) != 0) {
		member_add_text(
		    record, "address", address_format(&run->address, text));
		member_add_whole(
		    record, "family", address_family(&run->address));
	}
	member_add_duration(record, "start", start);
	member_add_duration(record, "end", end > start ? end : start);
	if (run->begun && run->timed)
		member_add_duration(record, "lateness", run->lateness);
	member_add_text(record, "outcome", outcome_names[outcome]);
	member_add_text(record, "why", why);
	return (record);
}

static void
add_metrics(struct hosted *run, json_object *record)
{
	char stamps[32];

	json_object_object_add(record, "metrics", harvest_take(run->harvest));
	if (run->stamps[0] == NULL)
		return;
	snprintf(
	    stamps, sizeof(stamps), "%s/%s", run->stamps[0], run->stamps[1]);
	member_add_text(record, "stamps", stamps);
}

static void
end_run(struct hosted *run, enum outcome outcome, const char *why)
{
	nanoseconds now = clock_wall();

	if (run->stage == OVER)
		return;
	run->record =
	    new_record(run, run->begun ? run->wall : now, now, outcome, why);
	if (outcome != OUTCOME_FAILED)
		add_metrics(run, run->record);
	run->stage = OVER;
	event_active(run->timer, EV_TIMEOUT, 0);
}

void
hosted_done(
    struct probe_run *given, enum probe_outcome outcome, const char *why)
{
	end_run(hosted_of(given), outcomes[outcome], why);
}

void
hosted_report(struct probe_run *given, enum probe_outcome outcome,
    nanoseconds from, nanoseconds to)
{
	struct hosted *run = hosted_of(given);
	json_object *record =
	    new_record(run, from, to, outcomes[outcome], NULL);

	assert(run->stage == RUNNING);
	add_metrics(run, record);
	run->host->record(run->host->arg, run->number, record, false);
}

static void
begin(struct hosted *run)
{
	const struct probe_ops *ops = run->host->ops;
	nanoseconds now = clock_monotonic();
	struct cost cost = {0};
	struct error err;

	if (now < run->probe.at) { /* the loop was early */
		set_timer(run, run->probe.at);
		return;
	}
	ops->cost(run->probe.settings, &cost);
	run->stage = RUNNING;
	run->begun = true;
	run->wall = clock_wall();
	run->lateness = now - run->probe.at;
	set_timer(run, now + clock_of_seconds(cost.seconds) + WORKER_SLACK);
	if (ops->start(&run->probe, &err) == -1)
		end_run(run, OUTCOME_FAILED, err.text);
}

static void
retire(struct hosted *run)
{
	struct hosted_by *host = run->host;
	json_object *record = run->record;
	int64_t number = run->number;

	run->record = NULL;
	hosted_free(run);
	host->record(host->arg, number, record, true);
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
		end_run(run, OUTCOME_FAILED,
		    "bug of the probe: it did not end in the time that it "
		    "announced");
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
	set_timer(run, run->probe.at);
}

static void
on_resolved(void *arg, const union address *address, const char *why)
{
	struct hosted *run = arg;
	char *text;

	run->lookup = NULL;
	if (address != NULL) {
		run->address = *address;
		wait_for_time(run);
		return;
	}
	text = memory_print("%s %s", run->target, why);
	end_run(run, OUTCOME_FAILED, text);
	free(text);
}

/* The target's address: given, written as its name, or to be found. */
static int
find_address(struct hosted *run, const char *given, struct error *err)
{
	const char *text = given != NULL ? given : run->target;
	bool numeric = address_parse(text, 0, &run->address);
	int family = address_family(&run->address);

	if (given != NULL && !numeric)
		return (error_set(err,
		    "address \"%s\": expected an IPv4 or "
		    "IPv6 address",
		    given));
	if (numeric && run->family != 0 && family != run->family)
		return (error_set(err,
		    "%s is an IPv%d address, but IPv%d is "
		    "asked for",
		    text, family, run->family));
	if (numeric)
		wait_for_time(run);
	else
		run->lookup = resolve_start(run->host->resolver, run->target,
		    run->family, on_resolved, run);
	return (0);
}

static int
load_settings(struct hosted *run, json_object *order, struct error *err)
{
	const struct probe_ops *ops = run->host->ops;
	void *settings = memory_new(1, ops->settings_size);

	run->probe.settings = settings;
	if (option_load(ops->about->settings, settings,
		member_get(order, "settings"), err) == -1)
		return (-1);
	if (ops->check != NULL)
		return (ops->check(settings, err));
	return (0);
}

/* Planned times are wall-clock; from here on a step of that clock moves
 * nothing. */
static void
read_time(struct hosted *run, json_object *order)
{
	double at = member_number_or(order, "at", 0);

	run->probe.at = clock_monotonic();
	run->timed = at > 0 && at < 9e9;
	if (run->timed)
		run->probe.at += clock_of_seconds(at) - clock_wall();
}

static int
read_order(struct hosted *run, json_object *order, struct error *err)
{
	const char *target;

	if (member_text(order, "target", &target, err) == -1)
		return (-1);
	run->target = memory_text(target);
	run->family = (int)member_whole_or(order, "family", 0);
	if (run->family != 0 && run->family != 4 && run->family != 6)
		return (error_set(
		    err, "family %d: expected 4, 6 or 0", run->family));
	run->probe.flow =
	    strtoull(member_text_or(order, "flow", "0"), NULL, 16);
	if (load_settings(run, order, err) == -1)
		return (-1);
	return (find_address(run, member_text_or(order, "address", NULL), err));
}

struct hosted *
hosted_new(struct hosted_by *host, int64_t number, json_object *order)
{
	struct hosted *run = memory_new(1, sizeof(*run));
	struct error err;

	run->host = host;
	run->number = number;
	run->harvest = harvest_new(host->ops->about->metrics);
	run->timer = evtimer_new(host->worker.base, on_timer, run);
	run->probe.worker = &host->worker;
	run->probe.target = &run->address;
	run->probe.source = &run->source;
	run->probe.state = memory_new(1, host->ops->run_size);
	read_time(run, order);
	if (read_order(run, order, &err) == -1)
		end_run(run, OUTCOME_FAILED, err.text);
	return (run);
}

void
hosted_finish(struct hosted *run)
{
	const struct probe_ops *ops = run->host->ops;

	if (run->stage == RUNNING &&
	    ops->size > offsetof(struct probe_ops, finish) &&
	    ops->finish != NULL)
		ops->finish(&run->probe);
	else
		end_run(run, OUTCOME_FAILED,
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
	json_object_put(run->record);
	free((void *)run->probe.settings);
	free(run->probe.state);
	free(run->target);
	free(run);
}
