/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/far_end.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "common/member.h"
#include "common/memory.h"

struct far_end {
	struct far_end_about about;
	struct probe_responder responder;
	char *text; /* of the settings; NULL: it is not ready */
	void *settings;
	int64_t last; /* ticket */
	TAILQ_HEAD(, probe_ticket) tickets;
};

struct probe_ticket {
	TAILQ_ENTRY(probe_ticket) link;
	struct far_end *end;
	int64_t number;
	probe_answer answer; /* NULL: it was given */
	void *arg;
};

static struct far_end *
end_of(struct probe_responder *responder)
{
	return ((struct far_end *)((char *)responder -
				   offsetof(struct far_end, responder)));
}

struct far_end *
far_end_new(const struct far_end_about *about)
{
	struct far_end *end = memory_new(1, sizeof(*end));

	end->about = *about;
	TAILQ_INIT(&end->tickets);
	return (end);
}

void
far_end_free(struct far_end *end)
{
	if (end == NULL)
		return;
	far_end_stop(end);
	free(end);
}

static int
begin(struct far_end *end, json_object *settings, struct error *err)
{
	const struct probe_ops *ops = end->about.ops;

	end->settings = memory_new(1, ops->responder_settings_size);
	if (option_load(ops->about->responder_settings, end->settings, settings,
		err) == -1) {
		free(end->settings);
		return (-1);
	}
	end->responder = (struct probe_responder){
	    .worker = end->about.worker,
	    .settings = end->settings,
	    .state = memory_new(1, ops->responder_size),
	};
	end->text = memory_text(
	    json_object_to_json_string_ext(settings, JSON_C_TO_STRING_PLAIN));
	if (ops->respond(&end->responder, err) == 0)
		return (0);
	far_end_stop(end);
	return (-1);
}

int
far_end_respond(
    struct far_end *end, struct json_object *settings, struct error *err)
{
	const struct probe_ops *ops = end->about.ops;
	const char *text =
	    json_object_to_json_string_ext(settings, JSON_C_TO_STRING_PLAIN);

	if (ops->about->responder_settings == NULL || ops->respond == NULL)
		return (error_set(err, "%s has no far end", ops->about->name));
	if (end->text != NULL && strcmp(end->text, text) == 0)
		return (0);
	far_end_stop(end);
	return (begin(end, settings, err));
}

void
far_end_stop(struct far_end *end)
{
	if (end->text == NULL)
		return;
	end->about.ops->respond_stop(&end->responder);
	while (!TAILQ_EMPTY(&end->tickets))
		far_end_release(TAILQ_FIRST(&end->tickets));
	free(end->responder.state);
	free(end->settings);
	free(end->text);
	end->text = NULL;
}

bool
far_end_ready(const struct far_end *end)
{
	return (end != NULL && end->text != NULL);
}

void
far_end_admitted(struct far_end *end, struct json_object *message)
{
	int64_t number = member_whole_or(message, "ask", 0);
	struct probe_ticket *ticket;
	probe_answer answer;

	TAILQ_FOREACH (ticket, &end->tickets, link)
		if (ticket->number == number)
			break;
	if (ticket == NULL || ticket->answer == NULL)
		return; /* it was released meanwhile */
	answer = ticket->answer;
	ticket->answer = NULL;
	answer(ticket->arg, member_text_or(message, "why", NULL));
}

struct probe_ticket *
far_end_admit(struct probe_responder *responder, const struct probe_ask *ask,
    probe_answer answer, void *arg)
{
	struct far_end *end = end_of(responder);
	struct probe_ticket *ticket = memory_new(1, sizeof(*ticket));
	json_object *message = json_object_new_object();

	ticket->end = end;
	ticket->number = ++end->last;
	ticket->answer = answer;
	ticket->arg = arg;
	TAILQ_INSERT_TAIL(&end->tickets, ticket, link);
	member_add_whole(message, "ask", ticket->number);
	member_add_text(message, "peer", ask->peer);
	member_add_number(message, "packets", ask->cost.packets);
	member_add_number(message, "bits", ask->cost.bits);
	member_add_number(message, "seconds", ask->cost.seconds);
	json_object_object_add(
	    message, "heavy", json_object_new_boolean(ask->cost.heavy));
	end->about.say(end->about.arg, "admit", message);
	return (ticket);
}

void
far_end_release(struct probe_ticket *ticket)
{
	struct far_end *end = ticket->end;
	json_object *message = json_object_new_object();

	member_add_whole(message, "ask", ticket->number);
	end->about.say(end->about.arg, "release", message);
	TAILQ_REMOVE(&end->tickets, ticket, link);
	free(ticket);
}

void
far_end_state(
    struct probe_responder *responder, const struct probe_statement *statement)
{
	struct far_end *end = end_of(responder);
	json_object *message = json_object_new_object();
	json_object *metrics = json_object_new_object();

	member_add_text(message, "test", statement->test);
	member_add_text(message, "peer", statement->box);
	member_add_text(message, "end", manifest_ends[statement->end]);
	member_add_whole(message, "family", statement->family);
	member_add_duration(message, "start", statement->from);
	member_add_duration(message, "finish", statement->to);
	json_object_object_add(
	    metrics, statement->metric, json_tokener_parse(statement->json));
	json_object_object_add(message, "metrics", metrics);
	end->about.say(end->about.arg, "state", message);
}
