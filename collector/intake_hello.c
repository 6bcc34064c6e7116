/* SPDX-License-Identifier: BSD-2-Clause */
#include <event2/buffer.h>
#include <json-c/json.h>

#include "collector/intake.h"
#include "collector/journal.h"
#include "collector/registry.h"
#include "common/channel.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/log.h"
#include "common/member.h"

#define HELLO_MOST (512 * 1024)

/* 1: there is a new manifest, and it is on disk. */
static int
note(struct intake *intake, const char *box, json_object *hello,
    nanoseconds now, struct error *err)
{
	int news = registry_heard(intake->registry, box, hello, now, err);

	if (news == 1 && registry_commit(intake->registry, err) == -1)
		return (-1);
	return (news);
}

static void
tell_parent(struct intake *intake)
{
	json_object *message = json_object_new_object();

	member_add_text(message, "m", "manifests");
	channel_send(intake->parent, message);
}

/* The hello, or NULL after answering. */
static json_object *
read_hello(struct http_request *request)
{
	size_t length = evbuffer_get_length(http_body(request));

	if (length <= HELLO_MOST)
		return (http_body_json(request));
	http_problem(request, 413, "Hello too large",
	    "%zu bytes, expected at most %d", length, HELLO_MOST);
	return (NULL);
}

/* The answer. What of its epoch has been accepted by when tells an agent whose
 * host was set back that it has been here before. */
static json_object *
greeting(struct intake *intake, const struct intake_member *member,
    const char *epoch, nanoseconds now)
{
	json_object *body = json_object_new_object();
	uint64_t accepted =
	    journal_accepted(intake->journal, member->mark, epoch);

	if (intake->wrong[0] == '\0') /* else it would doubt its own clock */
		member_add_duration(body, "now", now);
	if (accepted > 0) {
		member_add_whole(body, "accepted", (int64_t)accepted);
		member_add_duration(body, "heard",
		    registry_heard_at(intake->registry, member->box));
	}
	if (member->renamed) /* its next certificate says so */
		json_object_object_add(
		    body, "renew", json_object_new_boolean(true));
	return (body);
}

void
intake_post_hello(struct http_request *request, void *arg)
{
	struct intake *intake = arg;
	nanoseconds now = clock_wall();
	struct intake_member member;
	const char *box = member.box;
	json_object *hello, *body;
	struct error err;
	int news;

	if (!intake_admit(intake, request, &member) ||
	    (hello = read_hello(request)) == NULL)
		return;
	/* an agent of a version that says it nowhere else */
	if (http_header(request, "Pharos-Epoch") == NULL &&
	    !intake_is_first(
		intake, request, box, member_text_or(hello, "epoch", NULL))) {
		json_object_put(hello);
		return;
	}
	intake_hear_clock(intake, box, hello);
	body =
	    greeting(intake, &member, member_text_or(hello, "epoch", ""), now);
	news = note(intake, box, hello, now, &err);
	json_object_put(hello);
	if (news == -1) {
		json_object_put(body);
		log_warnx("%s: hello: %s", box, err.text);
		http_set_header(request, "Retry-After", "30");
		http_problem(request, 503, "Not kept", "%s", err.text);
		return;
	}
	if (news == 1)
		tell_parent(intake);
	http_reply_json(request, 200, body);
}
