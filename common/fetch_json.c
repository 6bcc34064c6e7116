/* SPDX-License-Identifier: BSD-2-Clause */
#include <event2/event.h>

#include "common/fetch.h"
#include "common/log.h"
#include "common/member.h"

struct wanted {
	const struct fetch_about *about;
	struct event_base *base;
	struct error *err;
	int status;
	json_object *json;
};

static const char *
place(const struct fetch_about *about)
{
	return (about->unix_socket != NULL ? about->unix_socket : about->url);
}

static json_object *
parse(const struct fetch_about *about, const struct fetch_reply *reply,
    struct error *err)
{
	json_object *json = member_parse(reply->body, reply->length, err);

	if (json == NULL)
		error_place(err, "%s", place(about));
	return (json);
}

static void
on_done(void *arg, const struct fetch_reply *reply)
{
	struct wanted *wanted = arg;

	event_base_loopbreak(wanted->base);
	wanted->status = reply->status;
	if (reply->why != NULL)
		error_set(wanted->err, "%s", reply->why);
	else if (reply->length == 0)
		wanted->json = json_object_new_object();
	else
		wanted->json = parse(wanted->about, reply, wanted->err);
}

json_object *
fetch_answer(const struct fetcher_identity *identity,
    const struct fetch_about *about, int *status, struct error *err)
{
	struct wanted wanted = {
	    .about = about, .base = event_base_new(), .err = err};
	struct fetcher *fetcher;

	if (wanted.base == NULL)
		log_fatal("no event loop");
	fetcher = fetcher_new(wanted.base, identity, err);
	if (fetcher != NULL) {
		fetch_start(fetcher, about, on_done, &wanted);
		event_base_dispatch(wanted.base);
		fetcher_free(fetcher);
	}
	event_base_free(wanted.base);
	*status = wanted.status;
	return (wanted.json);
}

/* An RFC 9457 problem says what is wrong; anything else has its status only. */
static void
explain(int status, json_object *body, struct error *err)
{
	const char *detail = member_text_or(body, "detail", NULL);

	if (detail != NULL)
		error_set(err, "%s", detail);
	else
		error_set(err, "answered with status %d", status);
}

json_object *
fetch_json_status(const struct fetcher_identity *identity,
    const struct fetch_about *about, int *status, struct error *err)
{
	struct error cause = {""};
	json_object *json = fetch_answer(identity, about, status, &cause);

	if (*status >= 200 && *status <= 299) {
		if (json == NULL)
			error_set(err, "%s", cause.text);
		return (json);
	}
	if (*status == 0) {
		error_set(err, "%s", cause.text);
		return (NULL);
	}
	explain(*status, json, err);
	error_place(err, "%s", place(about));
	json_object_put(json);
	return (NULL);
}

json_object *
fetch_json(const struct fetcher_identity *identity,
    const struct fetch_about *about, struct error *err)
{
	int status;

	return (fetch_json_status(identity, about, &status, err));
}
