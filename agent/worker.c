/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/worker.h"

#include <search.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "agent/alarm.h"
#include "agent/far_end.h"
#include "agent/hosted.h"
#include "agent/opt_out.h"
#include "agent/order.h"
#include "agent/peers.h"
#include "agent/plugin.h"
#include "agent/privilege.h"
#include "agent/resolve.h"
#include "agent/told_clock.h"
#include "common/channel.h"
#include "common/daemon.h"
#include "common/draft.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/place.h"

struct worker {
	struct event_base *base;
	struct channel *channel;
	struct alarm *alarm; /* rings when the clock is set */
	struct hosted_by host;
	struct far_end *far_end; /* once the plug-in is ready */
	char *box;               /* our name in the fleet; NULL: none */
	bool opened;             /* the plug-in is ready */
	bool closing; /* no more orders; exit when the last run is over */
	void *runs;   /* tree of struct slot by number */
	size_t open;
	int status; /* of the process */
};

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
say(struct worker *worker, const char *kind, json_object *message)
{
	member_add_text(message, "m", kind);
	channel_send(worker->channel, message);
}

static void
say_far_end(void *arg, const char *kind, json_object *message)
{
	say(arg, kind, message);
}

/* Everything said is still written before the process ends. */
static void
leave(struct worker *worker, int status)
{
	worker->closing = true;
	worker->status = status;
	channel_finish(worker->channel);
}

static void
leave_if_done(struct worker *worker)
{
	if (worker->closing && worker->open == 0 &&
	    !far_end_ready(worker->far_end))
		leave(worker, worker->status);
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
	leave_if_done(worker);
}

static void
on_live(void *arg, int64_t number, const char *text)
{
	json_object *message = json_object_new_object();

	member_add_whole(message, "run", number);
	member_add_text(message, "text", text);
	say(arg, "live", message);
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
	say(worker, "record", record);
}

static void
order_start(struct worker *worker, json_object *order)
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

static void
order_stop(struct worker *worker, json_object *order)
{
	struct slot *slot = find_slot(worker, member_whole_or(order, "run", 0));

	if (slot == NULL)
		return;
	hosted_free(slot->run);
	remove_slot(worker, slot);
	leave_if_done(worker);
}

static void
finish_one(const void *node, VISIT visit, int depth)
{
	const struct slot *const *slot = node;

	if (visit == postorder || visit == leaf)
		hosted_finish((*slot)->run);
}

static void
order_finish(struct worker *worker, json_object *order)
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

static void
on_clock_set(void *arg)
{
	struct worker *worker = arg;

	alarm_set(worker->alarm, INT64_MAX);
	twalk(worker->runs, look_at_one);
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
	say(worker, "cost", answer);
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
	worker->far_end = far_end_new(&(struct far_end_about){
	    .ops = host->ops,
	    .worker = &host->worker,
	    .say = say_far_end,
	    .arg = worker,
	});
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
		say(worker, "refused", answer);
		leave(worker, 3);
		return;
	}
	json_object_object_add(
	    answer, "manifest", manifest_json(worker->host.ops->about));
	say(worker, "manifest", answer);
}

static int
be_far_end(struct worker *worker, json_object *settings, struct error *err)
{
	int result;

	if (!worker->opened || worker->closing)
		return (error_set(err, "bug: the worker is not open"));
	if (privilege_raise(err) == -1)
		return (-1);
	result = far_end_respond(worker->far_end, settings, err);
	return (privilege_drop(true, result == -1 ? NULL : err) == -1 ? -1
								      : result);
}

static void
order_respond(struct worker *worker, json_object *order)
{
	json_object *answer = json_object_new_object();
	struct error err;

	if (be_far_end(worker, member_get(order, "settings"), &err) == -1)
		member_add_text(answer, "why", err.text);
	say(worker, "responds", answer);
}

static void
order_silence(struct worker *worker, json_object *order)
{
	if (worker->opened)
		far_end_stop(worker->far_end);
}

static void
order_admitted(struct worker *worker, json_object *order)
{
	if (worker->opened)
		far_end_admitted(worker->far_end, order);
}

/* The parent has read them before. */
static void
order_peers(struct worker *worker, json_object *order)
{
	const char *box = member_text_or(order, "box", NULL);
	struct hosted_by *host = &worker->host;
	const struct probe_ops *ops = host->ops;
	struct peers *peers = peers_read(member_get(order, "peers"), NULL);

	if (peers == NULL || !worker->opened)
		return;
	peers_free(host->peers);
	host->peers = peers;
	free(worker->box);
	worker->box = box != NULL ? memory_text(box) : NULL;
	host->worker.box = worker->box;
	if (ops->size > offsetof(struct probe_ops, peers_changed) &&
	    ops->peers_changed != NULL)
		ops->peers_changed(&host->worker);
}

/* One that is none tells nothing. */
static void
order_clock(struct worker *worker, json_object *order)
{
	told_clock_take(order);
}

static void
order_close(struct worker *worker, json_object *order)
{
	worker->closing = true;
	if (worker->opened)
		far_end_stop(worker->far_end);
	leave_if_done(worker);
}

static const struct {
	const char *kind;
	void (*take)(struct worker *worker, json_object *order);
} orders[] = {
    {"open", order_open},
    {"start", order_start},
    {"stop", order_stop},
    {"finish", order_finish},
    {"cost", order_cost},
    {"peers", order_peers},
    {"clock", order_clock},
    {"respond", order_respond},
    {"silence", order_silence},
    {"admitted", order_admitted},
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
	while (worker->runs != NULL) {
		struct slot *slot = *(struct slot **)worker->runs;

		hosted_free(slot->run);
		remove_slot(worker, slot);
	}
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
	worker.host.record = on_record;
	worker.host.live = on_live;
	worker.host.arg = &worker;
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
