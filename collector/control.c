/* SPDX-License-Identifier: BSD-2-Clause */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/collector.h"
#include "collector/control_status.h"
#include "collector/parent.h"
#include "collector/publisher.h"
#include "collector/reload.h"
#include "collector/settings.h"
#include "common/catalog.h"
#include "common/child.h"
#include "common/error.h"
#include "common/http.h"
#include "common/listener.h"
#include "common/member.h"
#include "common/memory.h"

#define BODY_MOST (64 * 1024)
#define IDLE_SECONDS 60

/* A request that waits for what intake answers. */
struct control_question {
	TAILQ_ENTRY(control_question) entry;
	struct collector *collector;
	struct http_request *request;
	int64_t id;
};

static void
forget(struct control_question *question)
{
	TAILQ_REMOVE(&question->collector->questions, question, entry);
	free(question);
}

static void
on_gone(struct http_request *request, void *arg)
{
	forget(arg);
}

static void
reply_away(struct http_request *request)
{
	http_set_header(request, "Retry-After", "2");
	http_problem(request, 503, "Intake is not running",
	    "the collector is restarting its intake; say it again in a moment");
}

static void
ask(struct collector *collector, struct http_request *request, const char *what,
    json_object *body)
{
	struct control_question *question = memory_new(1, sizeof(*question));
	json_object *message = json_object_new_object();

	question->collector = collector;
	question->request = request;
	question->id = ++collector->asked;
	member_add_text(message, "m", "ask");
	member_add_text(message, "what", what);
	member_add_whole(message, "id", question->id);
	json_object_object_add(message, "body", body);
	if (!child_send(collector->parts[PART_INTAKE].child, message)) {
		free(question);
		reply_away(request);
		return;
	}
	TAILQ_INSERT_TAIL(&collector->questions, question, entry);
	http_hold(request, on_gone, question);
}

void
control_answer(struct collector *collector, json_object *message)
{
	int64_t id = member_whole_or(message, "id", 0);
	int status = (int)member_whole_or(message, "status", 500);
	json_object *body = member_get(message, "body");
	struct control_question *question;

	TAILQ_FOREACH (question, &collector->questions, entry) {
		if (question->id == id)
			break;
	}
	if (question == NULL)
		return; /* who asked has gone */
	if (status == 200)
		http_reply_json(question->request, 200, json_object_get(body));
	else
		http_problem(question->request, status, "Refused", "%s",
		    member_text_or(body, "detail", "intake refused it"));
	forget(question);
}

void
control_forget(struct collector *collector)
{
	struct control_question *question;

	while ((question = TAILQ_FIRST(&collector->questions)) != NULL) {
		reply_away(question->request);
		forget(question);
	}
}

static void
pass_on(struct http_request *request, void *arg, const char *what)
{
	json_object *body = http_body_json(request);

	if (body != NULL)
		ask(arg, request, what, body);
}

static void
post_tokens(struct http_request *request, void *arg)
{
	pass_on(request, arg, "token");
}

static void
post_list(struct http_request *request, void *arg)
{
	pass_on(request, arg, "tokens");
}

static void
post_revoke(struct http_request *request, void *arg)
{
	pass_on(request, arg, "revoke");
}

static void
post_remove(struct http_request *request, void *arg)
{
	pass_on(request, arg, "remove");
}

static void
post_reload(struct http_request *request, void *arg)
{
	json_object *report;
	int result = reload_all(arg, &report);

	http_reply_json(request, result == -1 ? 409 : 200, report);
}

static void
get_status(struct http_request *request, void *arg)
{
	struct error err;
	json_object *status = control_status(arg, &err);

	if (status != NULL)
		http_reply_json(request, 200, status);
	else
		http_problem(request, 500, "No status", "%s", err.text);
}

static void
get_manifests(struct http_request *request, void *arg)
{
	struct collector *collector = arg;
	struct error err;
	struct catalog *catalog = publisher_catalog(collector->settings, &err);
	json_object *body;

	if (catalog == NULL) {
		http_problem(request, 500, "No manifests", "%s", err.text);
		return;
	}
	body = json_object_new_object();
	json_object_object_add(body, "manifests", catalog_json(catalog));
	http_reply_json(request, 200, body);
	catalog_free(catalog);
}

int
control_open(struct collector *collector, struct error *err)
{
	char *path = collector_settings_path(collector->settings, "control");
	int fd = listener_open_unix(path, err);
	struct http *http;

	free(path);
	if (fd == -1)
		return (-1);
	http = http_new(collector->base, NULL, BODY_MOST, IDLE_SECONDS);
	collector->control = http;
	http_route(
	    http, HTTP_POST, "/control/v1/tokens", post_tokens, collector);
	http_route(
	    http, HTTP_POST, "/control/v1/tokens/list", post_list, collector);
	http_route(http, HTTP_POST, "/control/v1/tokens/revoke", post_revoke,
	    collector);
	http_route(
	    http, HTTP_POST, "/control/v1/remove", post_remove, collector);
	http_route(
	    http, HTTP_POST, "/control/v1/reload", post_reload, collector);
	http_route(http, HTTP_GET, "/control/v1/status", get_status, collector);
	http_route(
	    http, HTTP_GET, "/control/v1/manifests", get_manifests, collector);
	if (http_listen(http, fd) == -1)
		return (error_set(err, "control socket: %m"));
	return (0);
}

void
control_close(struct collector *collector)
{
	char *path;

	control_forget(collector);
	if (collector->control == NULL)
		return;
	http_free(collector->control);
	path = collector_settings_path(collector->settings, "control");
	unlink(path);
	free(path);
}
