/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a worker is told of fleet and clock, and what it does as the far end of
 * others.
 */
#include <json-c/json.h>
#include <stdlib.h>

#include "agent/far_end.h"
#include "agent/peers.h"
#include "agent/privilege.h"
#include "agent/told_clock.h"
#include "agent/worker_parts.h"
#include "common/member.h"
#include "common/memory.h"

static void
say_far_end(void *arg, const char *kind, json_object *message)
{
	worker_say(arg, kind, message);
}

void
worker_far_open(struct worker *worker)
{
	worker->far_end = far_end_new(&(struct far_end_about){
	    .ops = worker->host.ops,
	    .worker = &worker->host.worker,
	    .say = say_far_end,
	    .arg = worker,
	});
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

void
worker_respond(struct worker *worker, json_object *order)
{
	json_object *answer = json_object_new_object();
	struct error err;

	if (be_far_end(worker, member_get(order, "settings"), &err) == -1)
		member_add_text(answer, "why", err.text);
	worker_say(worker, "responds", answer);
}

void
worker_silence(struct worker *worker, json_object *order)
{
	if (worker->opened)
		far_end_stop(worker->far_end);
}

void
worker_admitted(struct worker *worker, json_object *order)
{
	if (worker->opened)
		far_end_admitted(worker->far_end, order);
}

/* The parent has read them before. */
void
worker_peers(struct worker *worker, json_object *order)
{
	const char *box = member_text_or(order, "box", NULL);
	struct hosted_by *host = &worker->host;
	const struct probe_ops *ops = host->ops;
	struct peers *peers;

	if (!worker->opened)
		return;
	peers = peers_read(member_get(order, "peers"), NULL);
	if (peers == NULL)
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
void
worker_clock(struct worker *worker, json_object *order)
{
	told_clock_take(order);
}
