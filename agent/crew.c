/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/crew.h"

#include <event2/event.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "agent/privilege.h"
#include "common/catalog.h"
#include "common/child.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/place.h"

struct mate;

/* A run that was asked for and has not yielded its last record. */
struct open_run {
	uint64_t number;
	nanoseconds at; /* wall-clock, when it was to start */
	struct mate *mate;
	void *owner;
	json_object *order;  /* until it is sent */
	struct event *timer; /* its patience, or its end from the loop */
	char *why;           /* it fails for this; NULL: it lasted too long */
	TAILQ_ENTRY(open_run) link;
};

/* One worker. */
struct mate {
	struct crew *crew;
	char *probe;
	struct child *child;
	bool resting;  /* ended, and not started again yet */
	char *refused; /* what it said before it ended */
	char *why;     /* why it ended */
	TAILQ_HEAD(, open_run) runs;
	size_t open;
	TAILQ_ENTRY(mate) link;
};

struct crew {
	struct event_base *base;
	bool raise_capabilities;
	crew_record record;
	void *arg;
	json_object *manifests; /* NULL: not asked for yet */
	uint64_t last;
	void *runs; /* tree of struct open_run by number */
	TAILQ_HEAD(, mate) mates;
};

static int
by_number(const void *a, const void *b)
{
	const struct open_run *x = a, *y = b;

	return ((x->number > y->number) - (x->number < y->number));
}

static struct open_run *
find_run(struct crew *crew, uint64_t number)
{
	struct open_run key = {.number = number};
	struct open_run **found = tfind(&key, &crew->runs, by_number);

	return (found == NULL ? NULL : *found);
}

static void
remove_run(struct open_run *run)
{
	struct mate *mate = run->mate;

	tdelete(run, &mate->crew->runs, by_number);
	TAILQ_REMOVE(&mate->runs, run, link);
	mate->open--;
	event_free(run->timer);
	json_object_put(run->order);
	free(run->why);
	free(run);
}

/* The last record of a run that its worker never sent. */
static void
fail_run(struct open_run *run, const char *why)
{
	struct crew *crew = run->mate->crew;
	json_object *record = json_object_new_object();
	nanoseconds now = clock_wall();
	void *owner = run->owner;

	/* it may have ended before its time had come */
	member_add_duration(record, "start", run->at < now ? run->at : now);
	member_add_duration(record, "end", now);
	member_add_text(record, "outcome", "failed");
	member_add_text(record, "why", why);
	remove_run(run);
	crew->record(crew->arg, owner, record, true);
	json_object_put(record);
}

static void
tell_stop(struct mate *mate, uint64_t number)
{
	json_object *order = json_object_new_object();

	member_add_text(order, "m", "stop");
	member_add_whole(order, "run", (int64_t)number);
	child_send(mate->child, order);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct open_run *run = arg;
	char *why = run->why;

	run->why = NULL;
	if (why == NULL)
		tell_stop(run->mate, run->number);
	fail_run(run, why != NULL ? why : "its worker hung");
	free(why);
}

static void
send_order(struct open_run *run)
{
	child_send(run->mate->child, run->order);
	run->order = NULL;
}

static void
on_started(void *arg)
{
	json_object *order = json_object_new_object();
	struct mate *mate = arg;
	struct open_run *run;

	mate->resting = false;
	member_add_text(order, "m", "open");
	member_add_text(order, "probe", mate->probe);
	child_send(mate->child, order);
	TAILQ_FOREACH(run, &mate->runs, link)
	if (run->order != NULL)
		send_order(run);
}

static void
take_record(struct mate *mate, json_object *record)
{
	uint64_t number = (uint64_t)member_whole_or(record, "run", 0);
	bool last = json_object_get_boolean(member_get(record, "last"));
	struct open_run *run = find_run(mate->crew, number);
	struct crew *crew = mate->crew;
	void *owner;

	if (run == NULL || run->mate != mate)
		return; /* stopped meanwhile */
	owner = run->owner;
	json_object_object_del(record, "m");
	json_object_object_del(record, "run");
	json_object_object_del(record, "last");
	if (last)
		remove_run(run);
	crew->record(crew->arg, owner, record, last);
}

static void
on_message(void *arg, json_object *message)
{
	const char *kind = member_text_or(message, "m", "");
	struct mate *mate = arg;

	if (strcmp(kind, "record") == 0) {
		take_record(mate, message);
	} else if (strcmp(kind, "refused") == 0) {
		free(mate->refused);
		mate->refused = memory_text(
		    member_text_or(message, "why", "no reason given"));
	}
}

static void
on_ended(void *arg, const char *why)
{
	struct mate *mate = arg;
	struct open_run *run, *next;

	if (mate->refused == NULL)
		log_warnx("worker of %s: %s", mate->probe, why);
	free(mate->why);
	mate->why = mate->refused != NULL
			? mate->refused
			: memory_print("worker of %s: %s", mate->probe, why);
	mate->refused = NULL;
	mate->resting = true;
	for (run = TAILQ_FIRST(&mate->runs); run != NULL; run = next) {
		next = TAILQ_NEXT(run, link);
		/* what was not sent yet has its chance with the next one */
		if (run->order == NULL && run->why == NULL) {
			run->why = memory_text(mate->why);
			event_active(run->timer, EV_TIMEOUT, 0);
		}
	}
}

/* In the forked child: it has not lost its capabilities yet. */
static void
on_prepare(void *arg)
{
	struct mate *mate = arg;
	struct error err;

	if (mate->crew->raise_capabilities && privilege_hand_on(&err) == -1)
		log_warnx("%s", err.text);
}

static const struct child_calls calls = {
    .started = on_started,
    .message = on_message,
    .ended = on_ended,
    .prepare = on_prepare,
};

static struct mate *
new_mate(struct crew *crew, const char *probe)
{
	char *program = place_libexec("pharos-probe");
	const char *const argv[] = {program, probe, NULL};
	struct mate *mate = memory_new(1, sizeof(*mate));
	const struct child_about about = {
	    .name = probe, .argv = argv, .calls = &calls, .arg = mate};

	mate->crew = crew;
	mate->probe = memory_text(probe);
	TAILQ_INIT(&mate->runs);
	TAILQ_INSERT_TAIL(&crew->mates, mate, link);
	mate->child = child_new(crew->base, &about);
	free(program);
	return (mate);
}

static struct mate *
find_mate(struct crew *crew, const char *probe)
{
	struct mate *mate;

	TAILQ_FOREACH(mate, &crew->mates, link)
	if (strcmp(mate->probe, probe) == 0)
		return (mate);
	return (new_mate(crew, probe));
}

static json_object *
new_order(const struct crew_run *about, uint64_t number)
{
	json_object *order = json_object_new_object();
	char flow[17];

	snprintf(
	    flow, sizeof(flow), "%016llx", (unsigned long long)about->flow);
	member_add_text(order, "m", "start");
	member_add_whole(order, "run", (int64_t)number);
	if (about->at != 0)
		member_add_duration(order, "at", about->at);
	member_add_text(order, "target", about->target);
	member_add_text(order, "address", about->address);
	member_add_whole(order, "family", about->family);
	member_add_text(order, "flow", flow);
	if (about->settings != NULL)
		json_object_object_add(
		    order, "settings", json_object_get(about->settings));
	return (order);
}

/* A worker in its rest cannot be in time. */
static void
engage(struct open_run *run, const struct crew_run *about)
{
	nanoseconds wait = about->patience;
	struct timeval tv;

	if (run->mate->resting) {
		run->why = memory_text(run->mate->why);
		event_active(run->timer, EV_TIMEOUT, 0);
		return;
	}
	if (about->at > clock_wall())
		wait += about->at - clock_wall();
	tv.tv_sec = wait / NS_PER_S;
	tv.tv_usec = wait % NS_PER_S / NS_PER_US;
	event_add(run->timer, &tv);
	if (child_pid(run->mate->child) != 0)
		send_order(run);
}

uint64_t
crew_start(struct crew *crew, const struct crew_run *about)
{
	struct open_run *run = memory_new(1, sizeof(*run));

	run->number = ++crew->last;
	run->at = about->at != 0 ? about->at : clock_wall();
	run->mate = find_mate(crew, about->probe);
	run->owner = about->owner;
	run->order = new_order(about, run->number);
	run->timer = evtimer_new(crew->base, on_timer, run);
	tsearch(run, &crew->runs, by_number);
	TAILQ_INSERT_TAIL(&run->mate->runs, run, link);
	run->mate->open++;
	engage(run, about);
	return (run->number);
}

void
crew_stop(struct crew *crew, uint64_t number)
{
	struct open_run *run = find_run(crew, number);

	if (run == NULL)
		return;
	tell_stop(run->mate, number);
	remove_run(run);
}

void
crew_finish(struct crew *crew)
{
	struct mate *mate;

	TAILQ_FOREACH(mate, &crew->mates, link)
	{
		json_object *order = json_object_new_object();

		member_add_text(order, "m", "finish");
		child_send(mate->child, order);
	}
}

size_t
crew_open_runs(const struct crew *crew)
{
	const struct mate *mate;
	size_t open = 0;

	TAILQ_FOREACH(mate, &crew->mates, link)
	open += mate->open;
	return (open);
}

json_object *
crew_status(const struct crew *crew)
{
	json_object *status = json_object_new_array();
	const struct mate *mate;

	TAILQ_FOREACH(mate, &crew->mates, link)
	{
		json_object *one = json_object_new_object();

		member_add_text(one, "probe", mate->probe);
		member_add_whole(one, "pid", child_pid(mate->child));
		member_add_whole(one, "restarts", child_restarts(mate->child));
		member_add_whole(one, "runs", (int64_t)mate->open);
		if (mate->resting)
			member_add_text(one, "why", mate->why);
		json_object_array_add(status, one);
	}
	return (status);
}

json_object *
crew_manifests(struct crew *crew)
{
	struct catalog *catalog;
	struct error err;

	if (crew->manifests != NULL)
		return (crew->manifests);
	catalog = catalog_new();
	if (catalog_add_installed(catalog, &err) == -1)
		log_warnx("%s", err.text);
	crew->manifests = catalog_json(catalog);
	catalog_free(catalog);
	return (crew->manifests);
}

struct crew *
crew_new(struct event_base *base, bool raise_capabilities, crew_record record,
    void *arg)
{
	struct crew *crew = memory_new(1, sizeof(*crew));

	crew->base = base;
	crew->raise_capabilities = raise_capabilities;
	crew->record = record;
	crew->arg = arg;
	TAILQ_INIT(&crew->mates);
	return (crew);
}

static void
free_mate(struct mate *mate)
{
	while (!TAILQ_EMPTY(&mate->runs))
		remove_run(TAILQ_FIRST(&mate->runs));
	TAILQ_REMOVE(&mate->crew->mates, mate, link);
	child_free(mate->child);
	free(mate->probe);
	free(mate->refused);
	free(mate->why);
	free(mate);
}

void
crew_free(struct crew *crew)
{
	if (crew == NULL)
		return;
	while (!TAILQ_EMPTY(&crew->mates))
		free_mate(TAILQ_FIRST(&crew->mates));
	json_object_put(crew->manifests);
	free(crew);
}
