/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/worker.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "agent/alarm.h"
#include "agent/far_end.h"
#include "agent/opt_out.h"
#include "agent/order.h"
#include "agent/peers.h"
#include "agent/plugin.h"
#include "agent/privilege.h"
#include "agent/resolve.h"
#include "agent/worker_parts.h"
#include "common/channel.h"
#include "common/daemon.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/place.h"

void
worker_say(struct worker *worker, const char *kind, json_object *message)
{
	member_add_text(message, "m", kind);
	channel_send(worker->channel, message);
}

void
worker_leave(struct worker *worker, int status)
{
	worker->closing = true;
	worker->status = status;
	channel_finish(worker->channel);
}

void
worker_leave_if_done(struct worker *worker)
{
	if (worker->closing && worker->open == 0 &&
	    !far_end_ready(worker->far_end))
		worker_leave(worker, worker->status);
}

static void
on_clock_set(void *arg)
{
	struct worker *worker = arg;

	alarm_set(worker->alarm, INT64_MAX);
	worker_runs_look(worker);
}

static void
add_cost(json_object *answer, const struct cost *cost)
{
	member_add_number(answer, "packets", cost->packets);
	member_add_number(answer, "bits", cost->bits);
	member_add_number(answer, "seconds", cost->seconds);
	json_object_object_add(
	    answer, "heavy", json_object_new_boolean(cost->heavy));
}

static void
order_cost(struct worker *worker, json_object *order)
{
	json_object *answer = json_object_new_object();
	struct cost cost;
	struct error err;

	member_add_whole(answer, "ask", member_whole_or(order, "ask", 0));
	if (!worker->opened)
		member_add_text(answer, "why", "bug: the worker is not open");
	else if (order_price(worker->host.ops, order, &cost, &err) == -1)
		member_add_text(answer, "why", err.text);
	else
		add_cost(answer, &cost);
	worker_say(worker, "cost", answer);
}

static int
open_plugin(struct worker *worker, const char *name, struct error *err)
{
	struct hosted_by *host = &worker->host;
	int result = 0;

	if ((host->ops = plugin_load(name, err)) == NULL)
		return (-1);
	host->worker.state = memory_new(1, host->ops->worker_size);
	if (privilege_raise(err) == -1)
		return (-1);
	if (host->ops->open != NULL)
		result = host->ops->open(&host->worker, err);
	if (result == -1)
		return (-1);
	worker_far_open(worker);
	worker->opened = true;
	return (
	    privilege_drop(host->ops->about->responder_settings != NULL, err));
}

static void
order_open(struct worker *worker, json_object *order)
{
	json_object *answer = json_object_new_object();
	struct error err;

	if (worker->host.ops != NULL ||
	    open_plugin(worker, member_text_or(order, "probe", ""), &err) ==
		-1) {
		if (worker->opened)
			error_set(&err, "bug: the worker is open already");
		member_add_text(answer, "why", err.text);
		worker_say(worker, "refused", answer);
		worker_leave(worker, 3);
		return;
	}
	json_object_object_add(
	    answer, "manifest", manifest_json(worker->host.ops->about));
	worker_say(worker, "manifest", answer);
}

static void
order_close(struct worker *worker, json_object *order)
{
	worker->closing = true;
	if (worker->opened)
		far_end_stop(worker->far_end);
	worker_leave_if_done(worker);
}

static const struct {
	const char *kind;
	void (*take)(struct worker *worker, json_object *order);
} orders[] = {
    {"open", order_open},
    {"start", worker_start},
    {"stop", worker_stop},
    {"finish", worker_finish},
    {"cost", order_cost},
    {"peers", worker_peers},
    {"clock", worker_clock},
    {"respond", worker_respond},
    {"silence", worker_silence},
    {"admitted", worker_admitted},
    {"close", order_close},
};

static void
on_order(void *arg, json_object *order)
{
	const char *kind = member_text_or(order, "m", "");

	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		if (strcmp(orders[i].kind, kind) == 0) {
			orders[i].take(arg, order);
			return;
		}
	/* a newer parent's order: what we do not know we do not do */
}

static void
on_closed(void *arg, const char *why)
{
	struct worker *worker = arg;

	event_base_loopbreak(worker->base);
}

/* Events have the lower one of two priorities, unless they ask for the other: so
 * they do that send at a set time. Thousands of reports may be due at once; after
 * each millisecond of others these have their turn. */
static struct event_base *
new_base(void)
{
	static const struct timeval turn = {.tv_usec = 1000};
	struct event_config *config = event_config_new();
	struct event_base *base;

	/* without the cached time a timer set late in a long turn of the loop
	 * is not early by as much */
	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	event_config_set_flag(config, EVENT_BASE_FLAG_NO_CACHE_TIME);
	event_config_set_max_dispatch_interval(config, &turn, -1, 1);
	base = event_base_new_with_config(config);
	event_config_free(config);
	if (base != NULL)
		event_base_priority_init(base, 2);
	return (base);
}

static void
close_worker(struct worker *worker)
{
	worker_runs_close(worker);
	far_end_free(worker->far_end);
	if (worker->opened && worker->host.ops->close != NULL)
		worker->host.ops->close(&worker->host.worker);
	free(worker->host.worker.state);
	order_forget(&worker->host.memo);
	peers_free(worker->host.peers);
	free(worker->box);
	opt_out_free(worker->host.opt_out);
	channel_free(worker->channel);
	alarm_free(worker->alarm);
	resolver_free(worker->host.resolver);
	event_base_free(worker->base);
}

int
worker_main(int fd, struct error *err)
{
	struct worker worker = {.base = new_base()};

	if (worker.base == NULL)
		return (error_set(err, "libevent: no event loop: %m"));
	daemon_raise_files();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN); /* a terminal's: the parent decides */
	prctl(PR_SET_TIMERSLACK, 1UL);
	worker.host.worker.host = &offer;
	worker.host.worker.base = worker.base;
	worker.host.resolver = resolver_new(worker.base);
	worker.host.opt_out = opt_out_new(place_opt_out());
	worker_runs_open(&worker);
	worker.alarm = alarm_new(worker.base, on_clock_set, &worker, err);
	if (worker.alarm == NULL) {
		close_worker(&worker);
		return (-1);
	}
	alarm_set(worker.alarm, INT64_MAX);
	worker.channel =
	    channel_new(worker.base, fd, on_order, on_closed, &worker);
	event_base_dispatch(worker.base);
	close_worker(&worker);
	return (worker.status);
}
