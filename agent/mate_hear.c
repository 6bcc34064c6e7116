/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/mate_parts.h"

#include <json-c/json.h>
#include <string.h>

#include "agent/asks.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/tree.h"

/* Nobody asked for what it says. Now and then that is of a run that was stopped
 * meanwhile. */
static void
hear_surplus(struct mate *mate)
{
	if (!hearing_surplus(
		&mate->hearing, clock_monotonic(), HEARING_SURPLUS))
		return;
	mate->killed = true;
	mate_kill_worker(mate, "says more than it was asked");
}

/* It is not believed, nor is what follows. */
static void
refuse_record(struct open_run *run, bool last, const char *why)
{
	if (!last)
		mate_send_about(run->mate, "stop", run->number);
	mate_fail_run(run, why);
}

static void
take_record(struct mate *mate, json_object *record)
{
	uint64_t number = (uint64_t)member_whole_or(record, "run", 0);
	bool last = json_object_get_boolean(member_get(record, "last"));
	struct open_run *run = mate_run(mate, number);
	struct error err;
	void *owner;

	if (run == NULL || !run->sent) {
		hear_surplus(mate);
		return;
	}
	if (hearing_record(&run->asked, record, last, &err) == -1) {
		refuse_record(run, last, err.text);
		return;
	}
	owner = run->owner;
	json_object_object_del(record, "m");
	json_object_object_del(record, "run");
	json_object_object_del(record, "last");
	if (last)
		mate_remove_run(run);
	else
		mate_set_timer(run, run->patience);
	mate->record(mate->arg, owner, record, last);
}

/* A record of a run that is open, where its owner wants it as a tree. */
static bool
take_tree(struct mate *mate, const struct tree_node *record)
{
	const struct tree_node *flag = tree_get(record, "last");
	bool last = flag != NULL && flag->kind == TREE_TRUE;
	struct open_run *run =
	    mate_run(mate, (uint64_t)tree_whole_or(record, "run", 0));
	struct error err;
	void *owner;

	if (run == NULL || !run->sent)
		return (false);
	if (hearing_record_tree(&run->asked, record, last, &err) == -1) {
		refuse_record(run, last, err.text);
		return (true);
	}
	owner = run->owner;
	if (last)
		mate_remove_run(run);
	else
		mate_set_timer(run, run->patience);
	mate->hand(mate->arg, owner, record, last);
	return (true);
}

bool
mate_hear_line(void *arg, const char *line, size_t length)
{
	struct mate *mate = arg;
	const struct tree_node *message;

	if (mate->hand == NULL || mate->killed)
		return (false);
	message = tree_parse(mate->tree, line, length, NULL);
	return (message != NULL &&
		strcmp(tree_text_or(message, "m", ""), "record") == 0 &&
		take_tree(mate, message));
}

static bool
take_live(struct mate *mate, json_object *message)
{
	struct open_run *run =
	    mate_run(mate, (uint64_t)member_whole_or(message, "run", 0));

	if (run == NULL || run->live == NULL)
		return (false);
	run->live(run->owner, member_text_or(message, "text", ""));
	return (true);
}

void
mate_hear(void *arg, json_object *message)
{
	const char *kind = member_text_or(message, "m", "");
	struct mate *mate = arg;

	if (mate->killed)
		return;
	if (strcmp(kind, "record") == 0) {
		take_record(mate, message);
	} else if (mate_far_hear(mate, kind, message)) {
		return;
	} else if (strcmp(kind, "live") == 0 && take_live(mate, message)) {
		return;
	} else if (strcmp(kind, "refused") == 0 && mate->refused == NULL) {
		mate->refused = memory_text(
		    member_text_or(message, "why", "no reason given"));
	} else if (strcmp(kind, "cost") != 0 ||
		   !asks_take(mate->asks, message)) {
		hear_surplus(mate); /* also its manifest, once */
	}
}
