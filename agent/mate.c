/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/mate.h"

#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "agent/asks.h"
#include "agent/mate_parts.h"
#include "agent/privilege.h"
#include "common/child.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/place.h"
#include "common/record.h"
#include "common/tree.h"

/* A record that is too large is said to be so; a line that is makes an end. */
#define LINE_MOST (2 * RECORD_MOST)

void
mate_kill_worker(struct mate *mate, const char *why)
{
	log_warnx("worker of %s %s: killed", mate->probe, why);
	mate->running = false;
	if (child_pid(mate->child) != 0)
		kill(child_pid(mate->child), SIGKILL);
}

const char *
mate_why(const struct mate *mate)
{
	return (mate->why != NULL ? mate->why : "its worker did not start");
}

static void
on_hang(void *arg)
{
	mate_kill_worker(arg, "hangs");
}

static void
send_kind(struct mate *mate, const char *kind)
{
	json_object *order = json_object_new_object();

	member_add_text(order, "m", kind);
	if (strcmp(kind, "open") == 0)
		member_add_text(order, "probe", mate->probe);
	child_send(mate->child, order);
}

void
mate_send_about(struct mate *mate, const char *kind, uint64_t number)
{
	json_object *order = json_object_new_object();

	member_add_text(order, "m", kind);
	member_add_whole(order, "run", (int64_t)number);
	child_send(mate->child, order);
}

static void
on_started(void *arg)
{
	struct mate *mate = arg;

	mate->running = true;
	mate->killed = false;
	mate->hearing = (struct hearing){0};
	send_kind(mate, "open");
	mate_far_started(mate);
	asks_started(mate->asks);
	mate_runs_started(mate);
}

static void
on_ended(void *arg, const char *why)
{
	struct mate *mate = arg;
	bool refused = mate->refused != NULL;

	if (!refused)
		log_warnx("worker of %s: %s", mate->probe, why);
	free(mate->why);
	if (mate->killed)
		why = "it said more than it was asked, and was killed";
	mate->why = refused
			? mate->refused
			: memory_print("worker of %s: %s", mate->probe, why);
	mate->refused = NULL;
	mate->running = false;
	mate_runs_ended(mate, refused);
	asks_ended(mate->asks, mate->why);
	mate_far_ended(mate, mate->why);
}

/* In the forked child: it has not lost its capabilities yet. */
static void
on_prepare(void *arg)
{
	struct mate *mate = arg;
	struct error err;

	if (mate->raise_capabilities && privilege_hand_on(&err) == -1)
		log_warnx("%s", err.text);
}

static const char *
why_not(void *arg)
{
	return (mate_why(arg));
}

static bool
send_ask(void *arg, json_object *order)
{
	struct mate *mate = arg;

	if (mate->running)
		child_send(mate->child, order);
	else
		json_object_put(order);
	return (mate->running);
}

static const struct asks_calls asks_calls = {
    .send = send_ask,
    .why = why_not,
    .hangs = on_hang,
};

static const struct child_calls calls = {
    .started = on_started,
    .message = mate_hear,
    .ended = on_ended,
    .prepare = on_prepare,
    .line = mate_hear_line,
};

struct mate *
mate_new(const struct mate_about *about)
{
	char *program = place_libexec("pharos-probe");
	const char *const argv[] = {program, about->probe, NULL};
	struct mate *mate = memory_new(1, sizeof(*mate));
	const struct child_about child = {.name = about->probe,
	    .argv = argv,
	    .line_most = LINE_MOST,
	    .calls = &calls,
	    .arg = mate};

	mate->base = about->base;
	mate->probe = memory_text(about->probe);
	mate->raise_capabilities = about->raise_capabilities;
	mate->record = about->record;
	mate->hand = about->tree;
	mate->tree = tree_new();
	mate->arg = about->arg;
	mate->far = about->far;
	TAILQ_INIT(&mate->runs);
	mate->asks = asks_new(mate->base, &asks_calls, mate);
	mate->child = child_new(mate->base, &child);
	free(program);
	return (mate);
}

void
mate_free(struct mate *mate)
{
	while (!TAILQ_EMPTY(&mate->runs))
		mate_remove_run(TAILQ_FIRST(&mate->runs));
	asks_free(mate->asks);
	if (mate->responds != NULL) /* whom it serves is to know */
		child_leave(mate->child);
	child_free(mate->child);
	tree_free(mate->tree);
	json_object_put(mate->fleet);
	json_object_put(mate->responds);
	free(mate->guests);
	free(mate->probe);
	free(mate->refused);
	free(mate->why);
	free(mate);
}

void
mate_ask(struct mate *mate, struct json_object *settings, crew_cost answer,
    void *arg)
{
	asks_add(mate->asks, settings, answer, arg);
}

void
mate_finish(struct mate *mate)
{
	send_kind(mate, "finish");
}

const char *
mate_probe(const struct mate *mate)
{
	return (mate->probe);
}

size_t
mate_open_runs(const struct mate *mate)
{
	return (mate->open);
}

json_object *
mate_status(const struct mate *mate)
{
	json_object *status = json_object_new_object();

	member_add_text(status, "probe", mate->probe);
	member_add_whole(status, "pid", child_pid(mate->child));
	member_add_whole(status, "restarts", child_restarts(mate->child));
	member_add_whole(status, "runs", (int64_t)mate->open);
	if (!mate->running)
		member_add_text(status, "why", mate->why);
	return (status);
}
